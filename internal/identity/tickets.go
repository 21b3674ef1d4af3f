package identity

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/visit"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Tickets knows the holders of printed tickets by the code on them: a bearer token
// for that one visit.
type Tickets struct {
	store     *store.Store
	authority *access.Authority
	guesses   *guesses
	now       func() time.Time
}

// NewTickets makes the keeper of tickets.
func NewTickets(s *store.Store, authority *access.Authority) (*Tickets, error) {
	g, err := newGuesses()
	if err != nil {
		return nil, fmt.Errorf("make the limit on guessing: %w", err)
	}
	return &Tickets{store: s, authority: authority, guesses: g, now: time.Now}, nil
}

// Viewer is the holder of the ticket with that code. A wrong code is NOT_FOUND, and
// after ten in a minute from one network address RATE_LIMITED. A right one always counts:
// whoever guesses in the hall shuts nobody out.
// The address is that of whoever asks in the context.
func (t *Tickets) Viewer(ctx context.Context, code string) (*access.Viewer, error) {
	address := ""
	if asker := access.Asker(ctx); asker != nil {
		address = asker.Address
	}
	id, err := t.find(ctx, code)
	if ent.IsNotFound(err) {
		return nil, t.guesses.miss(address, t.now(), town.ErrNotFound())
	}
	if err != nil {
		return nil, fmt.Errorf("look for a ticket: %w", err)
	}
	viewer := t.authority.Ticket(id)
	viewer.Address = address
	return viewer, nil
}

// Show lets whoever asks in the context follow the visit of that ticket too, in place,
// so that everything read in the context afterwards is theirs to read; it returns the
// visit's id. Errors are those of [Tickets.Viewer], and BAD_USER_INPUT for a second
// ticket in one context.
func (t *Tickets) Show(ctx context.Context, code string) (visitID string, err error) {
	ticket, err := t.Viewer(ctx, code)
	if err != nil {
		return "", err
	}
	return ticket.VisitID, access.Admit(ctx, ticket)
}

func (t *Tickets) find(ctx context.Context, code string) (string, error) {
	hash := town.HashTicketCode(code)
	return t.store.Reader().Visit.Query().Where(visit.CodeHash(hash)).FirstID(access.System(ctx, "identity.ticket"))
}

// looksLikeTicket tells a code from a token, which has two dots.
func looksLikeTicket(token string) bool { return len(token) <= 64 && !strings.Contains(token, ".") }
