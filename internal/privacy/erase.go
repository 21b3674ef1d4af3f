package privacy

import (
	"context"
	"errors"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/ent/intakedraft"
	"github.com/spazio-in-comune/sportello/ent/session"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// errHeld says that something must be kept after all.
var errHeld = errors.New("it is held")

// actor is who erases what has been kept long enough.
const actor = "system:retention"

// eraseCase empties a closed case, unless somebody has come to hold it meanwhile.
func eraseCase(ctx context.Context, _ *Privacy, tx *store.Tx, id string) (bool, error) {
	n, err := tx.CaseFile.Update().
		Where(casefile.ID(id), casefile.LegalHold(false), casefile.ClosedAtNotNil(), casefile.ErasedAtIsNil()).
		SetErasedAt(tx.Now).AddVersion(1).SetUpdatedAt(tx.Now).Save(ctx)
	if err != nil || n == 0 {
		return false, err
	}
	file, err := tx.CaseFile.Query().Where(casefile.ID(id)).
		Select(casefile.FieldOfficeID, casefile.FieldServiceID, casefile.FieldConfidential).Only(ctx)
	if err != nil {
		return false, fmt.Errorf("read the case: %w", err)
	}
	tx.Emit(town.Event{
		Type: town.EventCaseErased, CaseID: id, OfficeID: file.OfficeID, ServiceID: file.ServiceID,
		Confidential: file.Confidential, Actor: actor,
	})
	if err := forgetCitizens(ctx, tx, inCase(), id); err != nil {
		return false, err
	}
	return true, wipeAll(ctx, tx, ofCase(), id)
}

// wiped empties columns, forgets the citizens among the names, and says so in the log.
func wiped(wipes []wipe, names []name, kind town.EventType, about func(*town.Event, string)) func(context.Context, *Privacy, *store.Tx, string) (bool, error) {
	return func(ctx context.Context, _ *Privacy, tx *store.Tx, id string) (bool, error) {
		e := town.Event{Type: kind, Actor: actor}
		about(&e, id)
		tx.Emit(e)
		if err := forgetCitizens(ctx, tx, names, id); err != nil {
			return false, err
		}
		return true, wipeAll(ctx, tx, wipes, id)
	}
}

// eraseSignIn forgets that somebody signed in.
func eraseSignIn(ctx context.Context, _ *Privacy, tx *store.Tx, id string) (bool, error) {
	n, err := tx.Session.Delete().Where(session.ID(id)).Exec(ctx)
	return n == 1, err
}

// eraseDraft forgets a form that was begun.
func eraseDraft(ctx context.Context, _ *Privacy, tx *store.Tx, id string) (bool, error) {
	n, err := tx.IntakeDraft.Delete().Where(intakedraft.ID(id)).Exec(ctx)
	return n == 1, err
}

// erasePersonDue forgets a citizen of whom nothing else is left.
func erasePersonDue(ctx context.Context, p *Privacy, tx *store.Tx, id string) (bool, error) {
	row, err := tx.Person.Get(ctx, id)
	if ent.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read the person: %w", err)
	}
	return true, p.forget(ctx, tx, row, actor)
}
