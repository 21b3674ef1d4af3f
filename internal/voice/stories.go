package voice

import (
	"context"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/office"
	"github.com/spazio-in-comune/sportello/ent/stepentry"
	"github.com/spazio-in-comune/sportello/ent/stepnote"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice/ladder"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// StepClock is a term of a step, derived from its ledger.
type StepClock struct {
	Purpose ladder.Purpose
	Amount  int
	Unit    calc.Unit
	// Source is the rule or the custom that it stands on.
	Source string
	State  town.ClockState
	DueOn  town.Date
	// RemainingDays are the days left, negative once it has passed; nil once it stopped.
	RemainingDays *int
	// Explained says why it ends on its day.
	Explained sdk.Text
	Ledger    []*ent.StepEntry
}

// ClocksOfEscalations are the terms of steps that the viewer may see, in the order in
// which they began.
func (v *Voice) ClocksOfEscalations(ctx context.Context, ids []string) (map[string][]*StepClock, error) {
	rows, err := v.store.Reader().StepEntry.Query().Where(stepentry.EscalationIDIn(ids...)).
		Order(ent.Asc(stepentry.FieldEscalationID, stepentry.FieldOrdinal)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the terms of steps: %w", err)
	}
	now := v.store.Clock().Now()
	found := map[string][]*StepClock{}
	for _, row := range rows {
		list := found[row.EscalationID]
		if row.Effect == town.ClockStart {
			found[row.EscalationID] = append(list, &StepClock{
				Purpose: ladder.Purpose(row.Purpose), Amount: row.Amount, Unit: calc.Unit(row.Unit), Source: row.Ground, Ledger: []*ent.StepEntry{row},
			})
			continue
		}
		for _, c := range list {
			if string(c.Purpose) == row.Purpose {
				c.Ledger = append(c.Ledger, row)
			}
		}
	}
	for id, list := range found {
		for _, c := range list {
			if err := v.derive(c, now); err != nil {
				return nil, fmt.Errorf("derive a term of %s: %w", id, err)
			}
		}
	}
	return found, nil
}

// derive reads the clock's ledger as those of cases are read.
func (v *Voice) derive(c *StepClock, now time.Time) error {
	clock := clocks.Clock{Amount: c.Amount, Unit: c.Unit}
	entries := make([]clocks.Entry, len(c.Ledger))
	for i, row := range c.Ledger {
		entries[i] = clocks.Entry{Effect: row.Effect, OnDay: row.OnDay, Ground: row.Ground}
	}
	derived, err := clocks.Derive(clock, entries, v.calendar)
	if err != nil {
		return err
	}
	if c.Explained, err = clocks.Explain(clock, entries, v.calendar); err != nil {
		return err
	}
	c.State, c.DueOn = derived.State, derived.DueOn
	if derived.State == town.ClockRunning && !derived.DueAt.After(now) {
		c.State = town.ClockExpired
	}
	if c.State != town.ClockStopped {
		days := town.Today(now).DaysUntil(derived.DueOn)
		c.RemainingDays = &days
	}
	return nil
}

// ExplanationsOf say in words who has each step, until when, and what happens then.
func (v *Voice) ExplanationsOf(ctx context.Context, steps []*ent.Escalation) (map[*ent.Escalation]*sdk.Text, error) {
	house := access.System(ctx, "explanation of steps")
	ids, offices := make([]string, len(steps)), make([]string, len(steps))
	for i, e := range steps {
		ids[i], offices[i] = e.ID, e.OwnerOffice
	}
	titles, err := v.titles(house, offices)
	if err != nil {
		return nil, err
	}
	awaited, err := v.awaited(house, ids)
	if err != nil {
		return nil, err
	}
	found := make(map[*ent.Escalation]*sdk.Text, len(steps))
	for _, e := range steps {
		s := standingOf(e)
		s.Office, s.ReportsAwaited = titles[e.OwnerOffice], awaited[e.ID]
		if s.Office.IT == "" {
			s.Office = ladder.Title(e.Step)
		}
		text := ladder.Explain(s)
		found[e] = &text
	}
	return found, nil
}

// standingOf is what the step itself tells.
func standingOf(e *ent.Escalation) ladder.Standing {
	s := ladder.Standing{
		Step: e.Step, State: e.State, Outcome: e.Outcome, AcknowledgeBy: e.AcknowledgeBy, DueOn: e.DueOn,
		TakenOn: dayOf(e.AcknowledgedAt), AnsweredOn: dayOf(e.AnsweredAt), ClosedOn: dayOf(e.ClosedAt),
	}
	if e.State == town.EscalationAnswered && e.DueAt != nil { // until then the citizen may object
		s.DueOn = town.Today(e.DueAt.Add(-time.Microsecond))
	}
	return s
}

func dayOf(at *time.Time) town.Date {
	if at == nil {
		return town.Date{}
	}
	return town.Today(*at)
}

func (v *Voice) titles(ctx context.Context, ids []string) (map[string]sdk.Text, error) {
	rows, err := v.store.Reader().Office.Query().Where(office.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the offices of steps: %w", err)
	}
	titles := make(map[string]sdk.Text, len(rows))
	for _, row := range rows {
		titles[row.ID] = sdk.Text{IT: row.TitleIt, EN: row.TitleEn}
	}
	return titles, nil
}

// awaited is how many reports are still awaited, by step.
func (v *Voice) awaited(ctx context.Context, ids []string) (map[string]int, error) {
	var steps []string
	err := v.store.Reader().StepNote.Query().
		Where(stepnote.EscalationIDIn(ids...), stepnote.KindEQ(town.NoteReport), stepnote.AnsweredAtIsNil()).
		Select(stepnote.FieldEscalationID).Scan(ctx, &steps)
	if err != nil {
		return nil, fmt.Errorf("count the reports awaited: %w", err)
	}
	count := map[string]int{}
	for _, id := range steps {
		count[id]++
	}
	return count, nil
}

// Breach is a term of a story that was not kept.
type Breach string

// The breaches.
const (
	AcknowledgedLate Breach = "NOT_ACKNOWLEDGED"
	TermPassed       Breach = "TERM_PASSED"
)

// Breaches are the terms of the step's story that were not kept so far.
func (v *Voice) Breaches(e *ent.Escalation) []Breach {
	var list []Breach
	if by := e.AcknowledgeBy; !by.IsZero() && e.State != town.EscalationOffered {
		at := town.Today(v.store.Clock().Now())
		if e.AcknowledgedAt != nil {
			at = dayOf(e.AcknowledgedAt)
		} else if e.ClosedAt != nil {
			at = dayOf(e.ClosedAt)
		}
		if at.After(by) {
			list = append(list, AcknowledgedLate)
		}
	}
	if e.Lapses > 0 || e.State == town.EscalationLapsed {
		list = append(list, TermPassed)
	}
	return list
}

// Outside are the bodies beyond the town, once the last answer was given or failed to
// come; empty before.
func (v *Voice) Outside(e *ent.Escalation) []ladder.OutsideBody {
	last := ladder.IsRoute(e.Step) && e.AnsweredAt != nil || e.Step == town.StepMayor && (e.AnsweredAt != nil || e.State == town.EscalationLapsed)
	if !last {
		return nil
	}
	return ladder.Outside(e.Kind)
}
