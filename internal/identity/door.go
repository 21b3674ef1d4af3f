package identity

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Door names whoever comes in, over HTTP and over WebSocket.
type Door struct {
	Tokens  *Tokens
	Tickets *Tickets
	// Browsers are those who signed in with a browser; nil where nobody can.
	Browsers *Browsers
	// Sockets are the tickets by which a page opens a socket.
	Sockets *SocketTickets

	authority   *access.Authority
	credentials *credentialDoor
}

// NewDoor makes the door of a server; loopback says that it listens on loopback
// addresses only, without which demo tokens are refused.
func NewDoor(ctx context.Context, s *store.Store, authority *access.Authority, loopback bool) (*Door, error) {
	tokens, err := NewTokens(ctx, s, authority, loopback)
	if err != nil {
		return nil, err
	}
	tickets, err := NewTickets(s, authority)
	if err != nil {
		return nil, err
	}
	credentials, err := newCredentialDoor(s, authority, tickets.guesses)
	if err != nil {
		return nil, err
	}
	return &Door{Tokens: tokens, Tickets: tickets, Sockets: NewSocketTickets(s, authority), authority: authority, credentials: credentials}, nil
}

// Middleware puts the viewer of the Authorization header into the request's context:
// a bearer token of a person, a device or a service, or the code of a ticket. Without the
// header it is who signed in with the browser (see [Browsers]), else the public; with
// both, the header counts alone. A bad token is 401, in the same words whatever is wrong;
// it is not logged. Whoever names a mandate in [ActingHeader] acts under it, or is 403.
func (d *Door) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := access.With(r.Context(), access.PublicFrom(r.RemoteAddr))
		viewer, err := d.fromRequest(ctx, w, r)
		if err == nil {
			viewer, err = d.acting(viewer, actingIn(r.Header))
		}
		if err != nil {
			refuse(w, err)
			return
		}
		next.ServeHTTP(w, r.WithContext(access.With(ctx, viewer)))
	})
}

func (d *Door) fromRequest(ctx context.Context, w http.ResponseWriter, r *http.Request) (*access.Viewer, error) {
	if headers := r.Header.Values("Authorization"); len(headers) > 0 {
		return d.open(ctx, headers)
	}
	return d.Browsers.viewer(ctx, w, r)
}

// FromInitPayload names the viewer of a WebSocket from the payload of its
// connection_init: {"Authorization": "Bearer …"}, or {"ticket": "…"} with a ticket of
// [SocketTickets], in any case of letters. Without either the socket keeps the viewer of
// the request that opened it, in which a cookie counts for nothing. {"actingFor": "mnd_…"} is
// the mandate under which they act. It returns the context of
// the session, what to acknowledge ({"expiresAt": RFC 3339} where the session ends) and
// the moment at which it ends; zero means never.
func (d *Door) FromInitPayload(ctx context.Context, payload map[string]any) (context.Context, map[string]any, time.Time, error) {
	viewer, err := d.fromPayload(ctx, payload)
	if err == nil {
		viewer, err = d.acting(viewer, actingInPayload(payload))
	}
	if err != nil {
		return nil, nil, time.Time{}, err
	}
	var ack map[string]any
	if !viewer.Expires.IsZero() {
		ack = map[string]any{"expiresAt": viewer.Expires.UTC().Format(time.RFC3339)}
	}
	return access.With(ctx, viewer), ack, viewer.Expires, nil
}

func (d *Door) fromPayload(ctx context.Context, payload map[string]any) (*access.Viewer, error) {
	given, tickets := inPayload(payload, "Authorization"), inPayload(payload, "ticket")
	switch {
	case len(given)+len(tickets) > 1:
		return nil, errBadToken()
	case len(tickets) == 1:
		return d.byTicket(ctx, tickets[0])
	case len(given) == 1:
		return d.open(ctx, given)
	}
	if asker := access.Asker(ctx); asker != nil {
		return asker, nil
	}
	return access.Public(), nil
}

// inPayload are the values under a name, in any case of letters; what is no text is empty.
func inPayload(payload map[string]any, wanted string) []string {
	var found []string
	for name, value := range payload {
		if strings.EqualFold(name, wanted) {
			text, _ := value.(string)
			found = append(found, text)
		}
	}
	return found
}

// byTicket gives the viewer of a ticket for a socket.
func (d *Door) byTicket(ctx context.Context, ticket string) (*access.Viewer, error) {
	viewer, err := d.Sockets.Use(ctx, ticket)
	if err != nil {
		return nil, err
	}
	if asker := access.Asker(ctx); asker != nil {
		viewer.Address = asker.Address
	}
	return viewer, nil
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
	if looksLikeCredential(token) {
		return d.credentials.viewer(ctx, token)
	}
	if !looksLikeTicket(token) {
		return d.Tokens.Verify(ctx, token)
	}
	viewer, err := d.Tickets.Viewer(ctx, token)
	if town.CodeOf(err) == town.NotFound && err != nil {
		return nil, errBadToken()
	}
	return viewer, err
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
	case town.Forbidden:
		status = http.StatusForbidden
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
