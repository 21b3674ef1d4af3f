package casework

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/ent/roleassignment"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// AssignCase names the responsible officer. A reason is compulsory where somebody
// else was responsible.
func (c *Cases) AssignCase(ctx context.Context, in AssignCaseInput) (*ent.CaseFile, error) {
	reason, err := optional("reason", in.Reason)
	return c.act(ctx, deed{
		mutation: "assignCase", action: town.ActionAssign, key: in.IdempotencyKey, input: in,
		caseID: in.CaseID, version: in.ExpectedVersion, check: err,
	}, func(ctx context.Context, h *hand) error {
		if h.facts.Responsible && h.file.ResponsibleID != in.PersonID && reason == "" {
			return errRequired("reason", "Somebody else is responsible: say why it changes.", "C'è già un responsabile: indicare perché cambia.")
		}
		if err := worksIn(ctx, h.tx, in.PersonID, h.file.OfficeID); err != nil {
			return err
		}
		next := life.Next(town.ActionAssign, h.facts)
		err = h.change(ctx, next, func(u *ent.CaseFileUpdateOne) {
			u.SetResponsibleID(in.PersonID)
			if in.PersonID != h.file.ResponsibleID {
				u.ClearTakenAt()
			}
		})
		if err != nil {
			return err
		}
		data := map[string]string{"responsible": in.PersonID}
		return h.tell(ctx, town.EventCaseAssigned, line{kind: "assigned", to: next, internal: true, note: reason, data: data}, data)
	})
}

// worksIn refuses whoever could not see the case that they would be responsible for:
// only who works in its office today, as officer, head or at the counter.
func worksIn(ctx context.Context, tx *store.Tx, personID, office string) error {
	house := access.System(ctx, "who becomes responsible")
	works, err := tx.RoleAssignment.Query().Where(
		roleassignment.PersonID(personID), roleassignment.OfficeIDIn(office, "*"),
		roleassignment.RoleIn(town.RoleOperator, town.RoleOfficer, town.RoleHead),
		roleassignment.FromLTE(tx.Now), roleassignment.Or(roleassignment.ToIsNil(), roleassignment.ToGT(tx.Now)),
	).Exist(house)
	if err != nil {
		return fmt.Errorf("read where a person works: %w", err)
	}
	if works {
		works, err = tx.Person.Query().Where(person.ID(personID), person.Disabled(false), person.Kind(town.PersonStaff)).Exist(house)
	}
	if err != nil {
		return fmt.Errorf("read who becomes responsible: %w", err)
	}
	if !works {
		return town.Errorf(town.Invalid, "Only somebody who works in this office can be responsible.", "Può essere responsabile solo chi lavora in questo ufficio.").At("input", "personId")
	}
	return nil
}

// TakeCaseInCharge makes whoever asks the responsible officer, at work on it.
func (c *Cases) TakeCaseInCharge(ctx context.Context, in CaseInput) (*ent.CaseFile, error) {
	return c.takeInCharge(ctx, in, "")
}

// takeInCharge takes a case under a key; without one a repeat finds it taken.
func (c *Cases) takeInCharge(ctx context.Context, in CaseInput, key string) (*ent.CaseFile, error) {
	d := deed{mutation: "takeCaseInCharge", action: town.ActionTakeInCharge, caseID: in.CaseID, version: in.ExpectedVersion}
	if key != "" {
		d.key, d.input = key, in
	}
	return c.act(ctx, d, func(ctx context.Context, h *hand) error {
		next := life.Next(town.ActionTakeInCharge, h.facts)
		err := h.change(ctx, next, func(u *ent.CaseFileUpdateOne) {
			u.SetResponsibleID(h.viewer.ID).SetTakenAt(h.tx.Now)
		})
		if err != nil {
			return err
		}
		return h.tell(ctx, town.EventCaseTaken, line{kind: "taken_in_charge", to: next}, nil)
	})
}

// TransferCase hands the case over to another office, which names its own
// officer. The former office may still read it.
func (c *Cases) TransferCase(ctx context.Context, in TransferCaseInput) (*ent.CaseFile, error) {
	reason, err := words("reason", in.Reason, 1)
	return c.act(ctx, deed{
		mutation: "transferCase", action: town.ActionTransferOffice, key: in.IdempotencyKey, input: in,
		caseID: in.CaseID, version: in.ExpectedVersion, check: err,
	}, func(ctx context.Context, h *hand) error {
		office, err := h.tx.Office.Get(access.System(ctx, "where a case goes"), in.OfficeCode)
		if ent.IsNotFound(err) || err == nil && (office.External || !holdsCases(office.Level) || office.ID == h.file.OfficeID) {
			return town.Errorf(town.Invalid, "Name another office of the town that holds cases.", "Indicare un altro ufficio comunale che tratta pratiche.").At("input", "officeCode")
		}
		if err != nil {
			return fmt.Errorf("read the office: %w", err)
		}
		if err := letRead(ctx, h.tx, h.file, h.file.OfficeID); err != nil {
			return err
		}
		next, former := life.Next(town.ActionTransferOffice, h.facts), h.file.OfficeID
		err = h.change(ctx, next, func(u *ent.CaseFileUpdateOne) {
			u.SetOfficeID(office.ID).SetResponsibleID("").ClearTakenAt()
		})
		if err != nil {
			return err
		}
		data := map[string]string{town.DataFormerOffice: former, "to": office.ID}
		h.file.OfficeID = office.ID // the fact is the new office's
		return h.tell(ctx, town.EventCaseTransferred, line{kind: "transferred", to: next, note: reason, data: data}, data)
	})
}

// AddCaseNote adds a note to the history: a citizen's own, or one of the staff,
// internal or for the citizen too.
func (c *Cases) AddCaseNote(ctx context.Context, in AddCaseNoteInput) (*ent.CaseFile, error) {
	text, err := words("text", in.Text, 1)
	return c.act(ctx, deed{
		mutation: "addCaseNote", action: town.ActionNote, key: in.IdempotencyKey, input: in, caseID: in.CaseID, check: err,
	}, func(ctx context.Context, h *hand) error {
		if in.Internal && !h.facts.Can(access.CaseHandle) {
			return town.Errorf(town.Invalid, "A note of the citizen is never internal.", "Una nota del cittadino non è mai interna.").At("input", "internal")
		}
		data := map[string]string{"internal": fmt.Sprint(in.Internal)}
		return h.tell(ctx, town.EventCaseNoted, line{kind: "noted", internal: in.Internal, note: text}, data)
	})
}

// letRead lets an office read a case that it does not hold.
func letRead(ctx context.Context, tx *store.Tx, file *ent.CaseFile, office string) error {
	err := tx.FormerOffice.Create().SetID(town.NewID("fof", tx.Now)).
		SetCaseID(file.ID).SetConfidential(file.Confidential).SetOfficeID(office).SetSince(tx.Now).Exec(ctx)
	if err != nil && !ent.IsConstraintError(err) {
		return fmt.Errorf("let %s read the case: %w", office, err)
	}
	return nil
}
