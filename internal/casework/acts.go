package casework

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseact"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// maxActs bounds the formal acts of a case.
const maxActs = 200

// formal is a formal act about to be written.
type formal struct {
	town.Private

	kind    town.ActKind
	state   town.ActState
	ground  town.Ground
	article string
	dueOn   town.Date
	text    string
	set     func(*ent.CaseActCreate)
}

func actAt(column, id string) vault.Place {
	return vault.Place{Table: caseact.Table, Column: column, Row: id}
}

// actsOf are the formal acts of a case inside a unit, first to last.
func actsOf(ctx context.Context, tx *store.Tx, caseID string) ([]*ent.CaseAct, error) {
	rows, err := tx.CaseAct.Query().Where(caseact.CaseID(caseID)).Order(ent.Asc(caseact.FieldOrdinal)).
		Limit(maxActs).All(access.System(ctx, "the acts of a case"))
	if err != nil {
		return nil, fmt.Errorf("read the acts of the case: %w", err)
	}
	return rows, nil
}

// put writes a formal act of today and gives its id.
func (h *hand) put(ctx context.Context, f formal) (string, error) {
	id := town.NewID(town.PrefixAct, h.tx.Now)
	text, err := h.cases.vault.SealText(ctx, h.tx, h.file.ApplicantID, actAt(caseact.FieldText, id), f.text)
	if err != nil {
		return "", err
	}
	ordinal := 1
	if n := len(h.acts); n > 0 {
		ordinal = h.acts[n-1].Ordinal + 1
	}
	create := h.tx.CaseAct.Create().SetID(id).SetCaseID(h.file.ID).SetOrdinal(ordinal).SetKind(f.kind).SetState(f.state).
		SetGround(f.ground).SetArticle(f.article).SetOnDay(town.Today(h.tx.Now)).SetDueOn(f.dueOn).
		SetAuthorID(h.viewer.ID).SetMadeAt(h.tx.Now).SetText(text).SetAnsweredOn(town.Date{})
	if f.set != nil {
		f.set(create)
	}
	row, err := create.Save(ctx)
	if err != nil {
		return "", fmt.Errorf("write the act: %w", err)
	}
	h.acts = append(h.acts, row)
	return id, nil
}

// last is the newest act of a kind; nil if there is none.
func last(acts []*ent.CaseAct, kind town.ActKind) *ent.CaseAct {
	for i := len(acts) - 1; i >= 0; i-- {
		if acts[i].Kind == kind {
			return acts[i]
		}
	}
	return nil
}

// awaited is the act of a kind that waits for an answer; nil if none does.
func awaited(acts []*ent.CaseAct, kind town.ActKind) *ent.CaseAct {
	if a := last(acts, kind); a != nil && a.State == town.ActOpen {
		return a
	}
	return nil
}

// withActs adds to the facts what the formal acts of the case say.
func withActs(f life.Facts, acts []*ent.CaseAct) life.Facts {
	f.Integration = awaited(acts, town.ActIntegration) != nil
	f.Acquisition = awaited(acts, town.ActAcquisition) != nil
	f.StartNotice = last(acts, town.ActStartNotice) != nil
	f.Attested = last(acts, town.ActAttestation) != nil
	if notice := last(acts, town.ActRejectionNotice); notice != nil && !reopenedAfter(acts, notice) {
		f.Notice = notice.State
	}
	return f
}

// reopenedAfter reports whether the case was opened again after the act: what was done
// before belongs to the earlier measure.
func reopenedAfter(acts []*ent.CaseAct, a *ent.CaseAct) bool {
	reopening := last(acts, town.ActReopening)
	return reopening != nil && reopening.Ordinal > a.Ordinal
}

// answered keeps the answer to an act.
func (h *hand) answered(ctx context.Context, a *ent.CaseAct, on town.Date, text string) error {
	sealed, err := h.cases.vault.SealText(ctx, h.tx, h.file.ApplicantID, actAt(caseact.FieldAnswer, a.ID), text)
	if err != nil {
		return err
	}
	err = h.tx.CaseAct.UpdateOneID(a.ID).SetState(town.ActAnswered).SetAnswer(sealed).
		SetAnsweredOn(on).SetAnsweredAt(h.tx.Now).SetAnsweredBy(h.viewer.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("keep the answer: %w", err)
	}
	return nil
}

// lapse ends what waits for an answer that is no longer awaited.
func lapse(ctx context.Context, tx *store.Tx, caseID string, kinds ...town.ActKind) error {
	return lapseAll(ctx, tx, []string{caseID}, kinds...)
}

// lapseAll is lapse for many cases.
func lapseAll(ctx context.Context, tx *store.Tx, caseIDs []string, kinds ...town.ActKind) error {
	if len(caseIDs) == 0 {
		return nil
	}
	err := tx.CaseAct.Update().Where(caseact.CaseIDIn(caseIDs...), caseact.State(town.ActOpen), caseact.KindIn(kinds...)).
		SetState(town.ActLapsed).Exec(ctx)
	if err != nil {
		return fmt.Errorf("end what was awaited: %w", err)
	}
	return nil
}

// ActsOfCases are the formal acts of each case that the viewer may see, first to last.
func (c *Cases) ActsOfCases(ctx context.Context, caseIDs []string) (map[string][]*ent.CaseAct, error) {
	rows, err := c.store.Reader().CaseAct.Query().Where(caseact.CaseIDIn(caseIDs...)).
		Order(ent.Asc(caseact.FieldCaseID, caseact.FieldOrdinal)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the acts of %d cases: %w", len(caseIDs), err)
	}
	return group(rows, func(a *ent.CaseAct) string { return a.CaseID }), nil
}

// ActTexts are what acts say, of those that say something.
func (c *Cases) ActTexts(ctx context.Context, acts []*ent.CaseAct) (map[*ent.CaseAct]*string, error) {
	return vault.Texts(ctx, c.vault, acts, func(a *ent.CaseAct) vault.Sealed {
		return vault.Sealed{At: actAt(caseact.FieldText, a.ID), Data: a.Text}
	})
}

// ActAnswers are the answers to acts, of those that were answered in words.
func (c *Cases) ActAnswers(ctx context.Context, acts []*ent.CaseAct) (map[*ent.CaseAct]*string, error) {
	return vault.Texts(ctx, c.vault, acts, func(a *ent.CaseAct) vault.Sealed {
		return vault.Sealed{At: actAt(caseact.FieldAnswer, a.ID), Data: a.Answer}
	})
}

// happenedOn is the day of an event: today, or the day in the past that the staff name
// for what they record late. It is never before the act that it answers.
func (h *hand) happenedOn(named *town.Date, notBefore town.Date) (town.Date, error) {
	today := town.Today(h.tx.Now)
	if named == nil || *named == today {
		return today, nil
	}
	switch {
	case h.facts.Applicant && !h.facts.Can(access.CaseHandle) && !h.facts.Can(access.CaseFileFor):
		return today, town.Errorf(town.Invalid, "Only the staff record an earlier day.", "Solo l'ufficio registra un giorno precedente.").At("input", "receivedOn")
	case named.After(today):
		return today, town.Errorf(town.Invalid, "This day has not come yet.", "Questo giorno deve ancora venire.").At("input", "receivedOn")
	case named.Before(notBefore):
		return today, town.Errorf(town.Invalid, "The day is before what it answers.", "Il giorno precede ciò a cui risponde.").At("input", "receivedOn")
	}
	return *named, nil
}
