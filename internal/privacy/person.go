package privacy

import (
	"context"
	"fmt"
	"strings"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/ent/citizennotice"
	"github.com/spazio-in-comune/sportello/ent/contactchoice"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/ent/intakedraft"
	"github.com/spazio-in-comune/sportello/ent/mandate"
	"github.com/spazio-in-comune/sportello/ent/session"
	"github.com/spazio-in-comune/sportello/ent/visit"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// ErasePersonInput names who is to be forgotten.
type ErasePersonInput struct {
	IdempotencyKey string
	PersonID       string
	// Reason is 10 to 500 characters, such as the request of the person.
	Reason string
}

// ErasePerson forgets a citizen at their request (art. 17 GDPR) by destroying the key
// that seals what is kept about them: names, answers and words cannot be read any more,
// in copies of the database either. It needs person:erase. While the law asks that
// something be kept (art. 17 par. 3), an open case, one in its term or held, it is
// PRECONDITION_FAILED and says which.
func (p *Privacy) ErasePerson(ctx context.Context, in ErasePersonInput) (string, error) {
	v, err := access.From(ctx)
	if err != nil {
		return "", err
	}
	if err := v.Require(access.PersonErase, ""); err != nil {
		return "", err
	}
	reason, err := checkReason(in.Reason)
	if err != nil {
		return "", err
	}
	access.NoteReason(ctx, reason)
	id, _, err := p.store.Once(ctx, store.Once{Actor: v.ID, Mutation: "erasePerson", Key: in.IdempotencyKey, Input: in},
		func(ctx context.Context, tx *store.Tx) (string, error) {
			house := access.System(ctx, "privacy.erase")
			row, err := tx.Person.Get(house, in.PersonID)
			if ent.IsNotFound(err) || err == nil && (row.Kind != town.PersonCitizen || row.ErasedAt != nil) {
				return "", town.Errorf(town.Invalid, "There is no such citizen.", "Il cittadino non esiste.").At("input", "personId")
			}
			if err != nil {
				return "", fmt.Errorf("read the person: %w", err)
			}
			if err := p.mayForget(house, tx, row.ID); err != nil {
				return "", err
			}
			return row.ID, p.forget(house, tx, row, v.ID)
		})
	if err != nil {
		return "", err
	}
	if err := p.authority.Reload(ctx); err != nil {
		return "", err
	}
	// A busy database overwrites its journal soon: the erasure stands either way.
	_ = p.store.EmptyJournal(ctx)
	return id, nil
}

// maxNamed bounds how many cases a refusal names.
const maxNamed = 10

// mayForget is nil if no law asks to keep something of the person.
func (p *Privacy) mayForget(ctx context.Context, tx *store.Tx, id string) error {
	rows, err := tx.CaseFile.Query().Where(casefile.ApplicantID(id), casefile.ErasedAtIsNil()).
		Order(ent.Asc(casefile.FieldID)).All(ctx)
	if err != nil {
		return fmt.Errorf("read the cases of the person: %w", err)
	}
	var kept []string
	for _, row := range rows {
		if row.ClosedAt == nil || row.LegalHold || !passed(p.plan.ForCase(row.ServiceID, row.PracticeID, row.Phase), *row.ClosedAt, tx.Now) {
			kept = append(kept, row.Protocol)
		}
	}
	if len(kept) > 0 {
		named := strings.Join(kept[:min(len(kept), maxNamed)], ", ")
		return town.Errorf(town.PreconditionFailed,
			fmt.Sprintf("The law asks to keep %d cases of this person (art. 17 par. 3 GDPR): %s.", len(kept), named),
			fmt.Sprintf("La legge chiede di conservare %d pratiche della persona (art. 17 par. 3 GDPR): %s.", len(kept), named)).At("input", "personId")
	}
	open, err := tx.Escalation.Query().Where(escalation.OnBehalfOf(id), escalation.ClosedAtIsNil()).Exist(ctx)
	if err == nil && !open {
		open, err = tx.Visit.Query().Where(visit.PersonID(id), visit.ClosedAtIsNil()).Exist(ctx)
	}
	if err != nil {
		return fmt.Errorf("look for what is open: %w", err)
	}
	if open {
		return town.Errorf(town.PreconditionFailed, "A visit or a step of the ladder of this person is still open.",
			"Una visita o una segnalazione della persona è ancora aperta.").At("input", "personId")
	}
	return nil
}

// forget destroys the key of a person, ends what lets them in, and leaves a row that
// names nobody. The audit about them stays, and verifies: it never held their data.
func (p *Privacy) forget(ctx context.Context, tx *store.Tx, row *ent.Person, by string) error {
	if err := p.vault.Destroy(ctx, tx, row.ID); err != nil {
		return err
	}
	err := tx.Person.UpdateOneID(row.ID).
		SetLogin("erased:" + row.ID).SetLabel("").SetTaxCodeKey("").SetFamilyNameKey("").ClearSealed().
		SetDisabled(true).SetErasedAt(tx.Now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("empty the row of the person: %w", err)
	}
	if _, err := tx.IntakeDraft.Delete().Where(intakedraft.Or(intakedraft.AccountID(row.ID), intakedraft.PersonID(row.ID))).Exec(ctx); err != nil {
		return fmt.Errorf("forget the forms that were begun: %w", err)
	}
	if _, err := tx.ContactChoice.Delete().Where(contactchoice.ID(row.ID)).Exec(ctx); err != nil {
		return fmt.Errorf("forget how the person is told: %w", err)
	}
	if _, err := tx.CitizenNotice.Delete().Where(citizennotice.PersonID(row.ID)).Exec(ctx); err != nil {
		return fmt.Errorf("forget what the person was told: %w", err)
	}
	if err := tx.Session.Update().Where(session.PersonID(row.ID), session.EndedAtIsNil()).SetEndedAt(tx.Now).Exec(ctx); err != nil {
		return fmt.Errorf("end the sign-ins: %w", err)
	}
	err = tx.Mandate.Update().
		Where(mandate.Or(mandate.PrincipalID(row.ID), mandate.DelegateID(row.ID)), mandate.RevokedAtIsNil()).
		SetRevokedAt(tx.Now).SetRevokedBy(by).Exec(ctx)
	if err != nil {
		return fmt.Errorf("end the mandates: %w", err)
	}
	tx.Emit(town.Event{Type: town.EventPersonErased, Parties: []string{row.ID}, Actor: by})
	return access.RolesChanged(ctx, tx)
}
