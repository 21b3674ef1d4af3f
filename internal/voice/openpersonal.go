package voice

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/spazio-in-comune/sportello/ent"
	entopening "github.com/spazio-in-comune/sportello/ent/opening"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// openFor is how long personal data stay open: a working day of the office.
const openFor = 8 * time.Hour

// The bounds of a reason, in characters.
const (
	minReason = 10
	maxReason = 500
)

// OpenPersonalData opens to a viewer of level 5, for 8 hours, the personal data behind a
// step that they answer: the citizen with names and contacts, the citizen's words, and the
// case with its status, clocks and open timeline. The reason is kept, sealed, and stands
// in the audit of whatever is then read. Nothing is decided by it.
//
// Refusals: REQUIRED and INVALID for the reason, NOT_FOUND, FORBIDDEN for whoever does not
// answer the step and for a confidential one without that grant, PRECONDITION_FAILED for
// one that has ended.
func (v *Voice) OpenPersonalData(ctx context.Context, in OpenPersonalDataInput) (Stepped, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return Stepped{}, err
	}
	if err := checkReason(in.Reason); err != nil {
		return Stepped{}, err
	}
	access.NoteReason(ctx, in.Reason)
	once := store.Once{Actor: viewer.ID, Mutation: "openPersonalData", Key: in.IdempotencyKey, Input: in, For: viewer.OnBehalfOf()}
	_, _, err = v.store.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		return in.EscalationID, v.openPersonal(ctx, tx, viewer, in)
	})
	if err != nil {
		return Stepped{}, err
	}
	if err := v.rights.Reload(ctx); err != nil {
		return Stepped{}, err
	}
	if err := v.rights.Renew(ctx); err != nil {
		return Stepped{}, err
	}
	return v.steppedAs(ctx, in.EscalationID)
}

func checkReason(reason string) error {
	if err := checkText("reason", reason, maxReason); err != nil {
		return err
	}
	if utf8.RuneCountInString(reason) < minReason {
		return town.Errorf(town.Invalid, fmt.Sprintf("At least %d characters.", minReason), fmt.Sprintf("Almeno %d caratteri.", minReason)).At("input", "reason")
	}
	return nil
}

func (v *Voice) openPersonal(ctx context.Context, tx *store.Tx, viewer *access.Viewer, in OpenPersonalDataInput) error {
	e, err := tx.Escalation.Get(ctx, in.EscalationID)
	if err != nil {
		return missing(err, "read the step")
	}
	if err := mayOpen(viewer, e); err != nil {
		return err
	}
	id := town.NewID(town.PrefixOpening, tx.Now)
	at := vault.Place{Table: entopening.Table, Column: entopening.FieldReason, Row: id}
	reason, err := v.vault.Seal(ctx, tx, "", at, []byte(in.Reason))
	if err != nil {
		return fmt.Errorf("seal the reason: %w", err)
	}
	err = tx.Opening.Create().SetID(id).SetPersonID(viewer.ID).SetEscalationID(e.ID).SetCaseID(e.CaseID).
		SetReason(reason).SetAt(tx.Now).SetUntil(tx.Now.Add(openFor)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("store the opening: %w", err)
	}
	tx.Emit(stepEvent(town.EventEscalationOpened, e, viewer.ID, nil))
	return access.RolesChanged(ctx, tx)
}

// mayOpen: whoever answers the step at level 5, while it stands.
func mayOpen(viewer *access.Viewer, e *ent.Escalation) error {
	if err := viewer.RequireFor(access.EscalationOpen, e.OwnerOffice, e.ServiceID); err != nil {
		return err
	}
	if e.Confidential {
		if err := viewer.Require(access.CaseConfidential, e.OfficeID); err != nil {
			return err
		}
	}
	if e.ClosedAt != nil {
		return town.Errorf(town.PreconditionFailed, "This step has ended: there is nothing left to answer.",
			"La segnalazione è conclusa: non c'è più nulla a cui rispondere.")
	}
	return nil
}
