package sessions

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent/predicate"
	"github.com/spazio-in-comune/sportello/ent/session"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// EndAll ends the sessions that have not ended and for which all of where holds, in the caller's
// transaction, as the act of by; it tells how many. Sockets that were opened by them
// close, on every server. Who may end whose is for the caller to know.
func (s *Sessions) EndAll(ctx context.Context, tx *store.Tx, by *access.Viewer, where ...predicate.Session) (int, error) {
	ctx = access.System(ctx, "sessions.end")
	rows, err := tx.Session.Query().Where(where...).
		Where(session.EndedAtIsNil(), session.ExpiresAtGT(s.now())).Order(session.ByID()).All(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for sessions to end: %w", err)
	}
	if len(rows) == 0 {
		return 0, nil
	}
	for _, row := range rows {
		if err := tx.Session.UpdateOneID(row.ID).SetEndedAt(s.now().UTC()).Exec(ctx); err != nil {
			return 0, fmt.Errorf("end a session: %w", err)
		}
		told := fact(town.EventSessionEnded, row.ID, row.PersonID)
		told.Actor, told.OnBehalfOf = by.ID, by.OnBehalfOf()
		tx.Emit(told)
	}
	return len(rows), access.RolesChanged(ctx, tx)
}

// OfPerson are the sessions of a person that have not ended, the newest first.
func (s *Sessions) OfPerson(ctx context.Context, personID string) ([]Session, error) {
	rows, err := s.store.Reader().Session.Query().
		Where(session.PersonID(personID), session.EndedAtIsNil(), session.ExpiresAtGT(s.now())).
		Order(session.ByCreatedAt(sql.OrderDesc()), session.ByID(sql.OrderDesc())).Limit(town.MaxPageSize).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	list := make([]Session, len(rows))
	for i, row := range rows {
		list[i] = Session{
			ID: row.ID, PersonID: row.PersonID, Assurance: town.Assurance(row.Assurance),
			Created: row.CreatedAt, Expires: row.ExpiresAt,
		}
	}
	return list, nil
}
