package identity

import (
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Door names whoever comes in, over HTTP and over WebSocket.
type Door struct {
	tokens  *Tokens
	tickets *Tickets
}

// NewDoor makes the door.
func NewDoor(tokens *Tokens, tickets *Tickets) *Door { return &Door{tokens: tokens, tickets: tickets} }

// Middleware puts the viewer of the Authorization header into the request's context:
// a bearer token, or the code of a ticket. Without the header it is the public. A bad
// token is 401, in the same words whatever is wrong; it is not logged.
func (d *Door) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := access.With(r.Context(), public(r.RemoteAddr))
		headers := r.Header.Values("Authorization")
		if len(headers) == 0 {
			next.ServeHTTP(w, r.WithContext(ctx))
			return
		}
		viewer, err := d.open(ctx, headers)
		if err != nil {
			refuse(w, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(access.With(ctx, viewer)))
	})
}

// FromInitPayload names the viewer of a WebSocket from the payload of its
// connection_init: {"Authorization": "Bearer …"}, in any case of letters. Without it
// the socket keeps the viewer of the request that opened it. The session ends at the
// deadline; zero means never.
func (d *Door) FromInitPayload(ctx context.Context, payload map[string]any) (context.Context, time.Time, error) {
	var given []string
	for name, value := range payload {
		if strings.EqualFold(name, "Authorization") {
			text, _ := value.(string) // anything else is a bad token
			given = append(given, text)
		}
	}
	if len(given) == 0 {
		asker := access.Asker(ctx)
		if asker == nil {
			asker = access.Public()
		}
		return access.With(ctx, asker), asker.Expires, nil
	}
	viewer, err := d.open(ctx, given)
	if err != nil {
		return nil, time.Time{}, err
	}
	return access.With(ctx, viewer), viewer.Expires, nil
}

// open gives the viewer of the one "Bearer …" among the values.
func (d *Door) open(ctx context.Context, values []string) (*access.Viewer, error) {
	scheme, token, _ := strings.Cut(values[0], " ")
	token = strings.TrimSpace(token)
	if len(values) != 1 || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return nil, errBadToken()
	}
	viewer, err := d.viewer(ctx, token)
	if err != nil {
		return nil, err
	}
	if asker := access.Asker(ctx); asker != nil {
		viewer.Address = asker.Address
	}
	return viewer, nil
}

func (d *Door) viewer(ctx context.Context, token string) (*access.Viewer, error) {
	if !looksLikeTicket(token) {
		return d.tokens.Verify(ctx, token)
	}
	viewer, err := d.tickets.Viewer(ctx, token)
	if town.CodeOf(err) == town.NotFound && err != nil {
		return nil, errBadToken()
	}
	return viewer, err
}

func public(remote string) *access.Viewer {
	v := access.Public()
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	v.Address = host
	return v
}

// refuse answers in the form of a GraphQL error.
func refuse(w http.ResponseWriter, err error) {
	e := asError(err)
	status := http.StatusUnauthorized
	switch e.Code {
	case town.RateLimited:
		status = http.StatusTooManyRequests
		w.Header().Set("Retry-After", "60")
	case town.Unauthenticated:
		w.Header().Set("WWW-Authenticate", `Bearer realm="sportello", error="invalid_token"`)
	default:
		status = http.StatusServiceUnavailable
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"errors": []any{map[string]any{
		"message":    e.Message,
		"extensions": map[string]string{"code": string(e.Code)},
	}}})
}

// asError keeps the house's own errors; anything else is a fault of ours, not of the
// token.
func asError(err error) *town.Error {
	var own *town.Error
	if errors.As(err, &own) {
		return own
	}
	return town.Errorf(town.Unavailable, "The service is not available right now. Please try again shortly.",
		"Il servizio non è disponibile in questo momento. Riprovare tra poco.")
}
