package identity

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/onetime"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/identity/sessions"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

const (
	// purposeSocket tells tickets of sockets from other secrets that open something once.
	purposeSocket = "socket"
	// socketTicketLife is how long a ticket waits to be used, in real time: a page asks
	// for it right before it opens the socket.
	socketTicketLife = 30 * time.Second
	// socketTicketSize is the length of a ticket, in bytes.
	socketTicketSize = 32
)

// What a ticket carries over to the socket, by name.
const (
	dataSite      = "site"
	dataAssurance = "assurance"
	dataExpires   = "expires"
	dataMandate   = "mandate"
)

// SocketTickets lets whoever is signed in open one socket, without giving the page a
// token that lasts. A page cannot set headers on a socket, and the cookie of a session
// does not open one: another site's page could send it too.
type SocketTickets struct {
	store     *store.Store
	authority *access.Authority
	now       func() time.Time
}

// NewSocketTickets makes them in the store.
func NewSocketTickets(s *store.Store, authority *access.Authority) *SocketTickets {
	return &SocketTickets{store: s, authority: authority, now: time.Now}
}

// CreateSocketTicketInput asks for a ticket.
type CreateSocketTicketInput struct{ IdempotencyKey string }

// SocketTicket opens one socket.
type SocketTicket struct {
	// Ticket is 256 random bits, in 43 characters; empty where the request was a repeat.
	Ticket string
	// Expires is until when it can be used.
	Expires time.Time
}

// Create makes a ticket for whoever asks, with their sign-in, its end and its assurance,
// and the mandate under which they ask. It is shown once: a repeat gives no ticket.
//
// FORBIDDEN for the holder of a printed ticket, who sends that one instead.
func (t *SocketTickets) Create(ctx context.Context, in CreateSocketTicketInput) (SocketTicket, error) {
	v, err := access.From(ctx)
	if err != nil {
		return SocketTicket{}, err
	}
	if v.Kind != access.KindPerson && v.Kind != access.KindDevice && v.Kind != access.KindService {
		return SocketTicket{}, town.Errorf(town.Forbidden, "Only who has signed in gets a ticket for a socket.",
			"Solo chi ha effettuato l'accesso ottiene un biglietto per la connessione.")
	}
	made := SocketTicket{Ticket: sessions.NewSecret(), Expires: t.now().UTC().Add(socketTicketLife).Truncate(time.Microsecond)}
	once := store.Once{Actor: v.ID, Mutation: "createSocketTicket", Key: in.IdempotencyKey, Input: in, For: v.OnBehalfOf()}
	_, replayed, err := t.store.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		ctx = access.System(ctx, "identity.socket-ticket")
		err := tx.OneTime.Create().SetID(socketTicketID(made.Ticket)).SetPurpose(purposeSocket).
			SetPersonID(v.ID).SetSessionID(v.SignInID).SetData(carried(v)).SetExpiresAt(made.Expires).Exec(ctx)
		if err != nil {
			return "", fmt.Errorf("make a ticket for a socket: %w", err)
		}
		return v.ID, nil
	})
	if err != nil {
		return SocketTicket{}, err
	}
	if replayed {
		made.Ticket = ""
	}
	return made, nil
}

// carried is what the viewer takes along besides who they are and their sign-in.
func carried(v *access.Viewer) map[string]string {
	data := map[string]string{}
	for name, value := range map[string]string{dataSite: v.SiteID, dataAssurance: string(v.Assurance), dataMandate: v.MandateID()} {
		if value != "" {
			data[name] = value
		}
	}
	if !v.Expires.IsZero() {
		data[dataExpires] = v.Expires.UTC().Format(time.RFC3339Nano)
	}
	return data
}

// Use gives the viewer of a ticket, once: whoever deletes the row has it. A ticket that
// nobody knows, that was used or is too old, and that of a sign-in that has ended, are
// UNAUTHENTICATED, in the same words.
func (t *SocketTickets) Use(ctx context.Context, ticket string) (*access.Viewer, error) {
	if !isSocketTicket(ticket) {
		return nil, errBadToken()
	}
	var row *ent.OneTime
	system := access.System(ctx, "identity.socket-ticket")
	err := t.store.InTx(system, "use a ticket for a socket", func(ctx context.Context, tx *store.Tx) (err error) {
		row, err = useUp(ctx, tx, socketTicketID(ticket))
		return err
	})
	if err != nil {
		return nil, err
	}
	if row == nil || !t.now().Before(row.ExpiresAt) {
		return nil, errBadToken()
	}
	viewer, err := t.viewer(row)
	if err != nil {
		return nil, errBadToken()
	}
	return viewer, nil
}

// useUp deletes the row and gives it; nil if somebody else has it, or there is none.
func useUp(ctx context.Context, tx *store.Tx, id string) (*ent.OneTime, error) {
	row, err := tx.OneTime.Query().Where(onetime.ID(id), onetime.Purpose(purposeSocket)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for a ticket: %w", err)
	}
	n, err := tx.OneTime.Delete().Where(onetime.ID(id)).Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("use up a ticket: %w", err)
	}
	if n == 0 {
		return nil, nil
	}
	return row, nil
}

// viewer is who made the ticket, as of now.
func (t *SocketTickets) viewer(row *ent.OneTime) (*access.Viewer, error) {
	named := access.Viewer{
		ID: row.PersonID, SignInID: row.SessionID, SiteID: row.Data[dataSite], Assurance: town.Assurance(row.Data[dataAssurance]),
	}
	if text, ok := row.Data[dataExpires]; ok {
		expires, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return nil, fmt.Errorf("read the end of a sign-in: %w", err)
		}
		if !t.now().Before(expires) {
			return nil, errBadToken()
		}
		named.Expires = expires
	}
	viewer, err := t.authority.Enter(named)
	if err != nil {
		return nil, err
	}
	if mandate := row.Data[dataMandate]; mandate != "" {
		return t.authority.Act(viewer, mandate)
	}
	return viewer, nil
}

// socketTicketID is what is stored of a ticket. It has 256 random bits: it needs no salt
// and no slow hash.
func socketTicketID(ticket string) string {
	sum := sha256.Sum256([]byte(ticket))
	return hex.EncodeToString(sum[:])
}

// isSocketTicket tells the shape of a ticket from anything else that a client may send.
func isSocketTicket(text string) bool {
	decoded, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return err == nil && len(decoded) == socketTicketSize
}
