package voice

import (
	"context"
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/stepentry"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice/ladder"
)

// counted is a term of a step that begins on a day.
type counted struct {
	ladder.Term
	from town.Date
	due  town.Date
}

// countedTerms are the terms with which a step begins.
type countedTerms []counted

func (t countedTerms) of(p ladder.Purpose) town.Date {
	for _, c := range t {
		if c.Purpose == p {
			return c.due
		}
	}
	return town.Date{}
}

// acknowledgeBy and dueOn are what a step shows: the day to say that somebody has it, and
// the last useful day.
func (t countedTerms) acknowledgeBy() town.Date { return t.of(ladder.ToAcknowledge) }

func (t countedTerms) dueOn() town.Date {
	if day := t.of(ladder.ToAnswer); !day.IsZero() {
		return day
	}
	return t.of(ladder.ToTakeUp)
}

// termsOf are the terms of a step that begins: an offer is to be taken up, any other to be
// acknowledged and answered.
func (v *Voice) termsOf(o opening, day town.Date) (countedTerms, error) {
	purposes := []ladder.Purpose{ladder.ToAcknowledge, ladder.ToAnswer}
	if o.state == town.EscalationOffered {
		purposes = []ladder.Purpose{ladder.ToTakeUp}
	}
	var terms countedTerms
	for _, p := range purposes {
		term, ok := v.terms.On(o.step, p, day)
		if o.step == town.StepSubstitute && p == ladder.ToAnswer && o.contact.About != nil && o.contact.About.Term != nil {
			term, ok = ladder.Half(o.contact.About.Term.Amount, o.contact.About.Term.Unit), true
		}
		if !ok {
			continue
		}
		c, err := v.count(term, day)
		if err != nil {
			return nil, err
		}
		terms = append(terms, c)
	}
	return terms, nil
}

// objection is the term in which a citizen may go up after an answer.
func (v *Voice) objection(s town.EscalationStep, day town.Date) (countedTerms, error) {
	term, ok := v.terms.On(s, ladder.ToObject, day)
	if !ok {
		return nil, nil
	}
	c, err := v.count(term, day)
	return countedTerms{c}, err
}

// count derives the last day of a term as the terms of cases are derived.
func (v *Voice) count(term ladder.Term, from town.Date) (counted, error) {
	clock := clocks.Clock{Amount: term.Amount, Unit: term.Unit}
	derived, err := clocks.Derive(clock, []clocks.Entry{{Effect: town.ClockStart, OnDay: from}}, v.calendar)
	if err != nil {
		return counted{}, fmt.Errorf("count a term of the ladder: %w", err)
	}
	return counted{Term: term, from: from, due: derived.DueOn}, nil
}

// startTerms writes the terms into the step's ledger.
func startTerms(ctx context.Context, tx *store.Tx, step string, terms countedTerms) error {
	for _, t := range terms {
		err := addEntry(ctx, tx, step, func(create *ent.StepEntryCreate) {
			create.SetPurpose(string(t.Purpose)).SetEffect(town.ClockStart).SetOnDay(t.from).
				SetAmount(t.Amount).SetUnit(string(t.Unit)).SetGround(t.Source)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// stopTerms stops those of the step's terms that still run, for the purposes, or all.
func stopTerms(ctx context.Context, tx *store.Tx, step string, purposes ...ladder.Purpose) error {
	rows, err := ledgerOf(ctx, tx, step)
	if err != nil {
		return err
	}
	for _, p := range running(rows) {
		if len(purposes) > 0 && !slices.Contains(purposes, p) {
			continue
		}
		err := addEntry(ctx, tx, step, func(create *ent.StepEntryCreate) {
			create.SetPurpose(string(p)).SetEffect(town.ClockStop).SetOnDay(town.Today(tx.Now))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// running are the purposes of the terms that have begun and not stopped, in the order in
// which they began.
func running(rows []*ent.StepEntry) []ladder.Purpose {
	var list []ladder.Purpose
	for _, row := range rows {
		p := ladder.Purpose(row.Purpose)
		if row.Effect == town.ClockStart {
			list = append(list, p)
			continue
		}
		if i := slices.Index(list, p); i >= 0 {
			list = slices.Delete(list, i, i+1)
		}
	}
	return list
}

func ledgerOf(ctx context.Context, tx *store.Tx, step string) ([]*ent.StepEntry, error) {
	rows, err := tx.StepEntry.Query().Where(stepentry.EscalationID(step)).Order(ent.Asc(stepentry.FieldOrdinal)).
		All(access.System(ctx, "ledger of a step"))
	if err != nil {
		return nil, fmt.Errorf("read the ledger of a step: %w", err)
	}
	return rows, nil
}

func addEntry(ctx context.Context, tx *store.Tx, step string, fill func(*ent.StepEntryCreate)) error {
	n, err := tx.StepEntry.Query().Where(stepentry.EscalationID(step)).Count(access.System(ctx, "ledger of a step"))
	if err != nil {
		return fmt.Errorf("count the ledger of a step: %w", err)
	}
	create := tx.StepEntry.Create().SetID(town.NewID(town.PrefixStepEntry, tx.Now)).SetEscalationID(step).SetOrdinal(n + 1).SetRecordedAt(tx.Now)
	fill(create)
	if err := create.Exec(access.System(ctx, "ledger of a step")); err != nil {
		return fmt.Errorf("write the ledger of a step: %w", err)
	}
	return nil
}
