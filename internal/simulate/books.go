package simulate

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/ent/caseentry"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/ent/feedback"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	wall "github.com/spazio-in-comune/sportello/internal/clocks/clerk"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice/ladder"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Books are what a house has written down, behind its API.
type Books struct {
	Store    *store.Store
	Calendar calc.Calendar
}

// found is what stands in the books.
type found struct {
	// clocks are those that the clerk counted too, expired how often one's passing was written.
	clocks, expired    int
	ledger, stepStates map[string]int
	// steps are the levels of the ladder's steps by id; words are the ids of feedback.
	steps  map[string]int
	words  []string
	faults []string
}

func newFound() *found {
	return &found{ledger: map[string]int{}, stepStates: map[string]int{}, steps: map[string]int{}}
}

// bookCheck is one look into the books.
type bookCheck struct {
	Books
	now   time.Time
	found *found
}

// check puts every clock to the clerk, and wants every step of the ladder to be as the law of the house has it. The context
// is the house's own.
func (b Books) check(ctx context.Context, now time.Time) (*found, error) {
	a := &bookCheck{Books: b, now: now, found: newFound()}
	for _, check := range []func(context.Context) error{a.checkClocks, a.checkSteps} {
		if err := check(ctx); err != nil {
			return nil, err
		}
	}
	var err error
	if a.found.words, err = b.Store.Reader().Feedback.Query().Order(ent.Asc(feedback.FieldID)).IDs(ctx); err != nil {
		return nil, fmt.Errorf("read the feedback: %w", err)
	}
	return a.found, nil
}

func (a *bookCheck) fault(format string, args ...any) {
	a.found.faults = append(a.found.faults, fmt.Sprintf(format, args...))
}

// checkPage is how many clocks are read at once.
const checkPage = 1000

// clocksOf are all clocks, with their ledgers in the order of recording.
func (a *bookCheck) clocksOf(ctx context.Context) iter.Seq2[[]*ent.CaseClock, error] {
	return func(yield func([]*ent.CaseClock, error) bool) {
		last := ""
		for {
			rows, err := a.Store.Reader().CaseClock.Query().Where(caseclock.IDGT(last)).Order(ent.Asc(caseclock.FieldID)).
				WithEntries(func(q *ent.ClockEntryQuery) { q.Order(ent.Asc("ordinal")) }).Limit(checkPage).All(ctx)
			if err != nil {
				yield(nil, fmt.Errorf("read the clocks: %w", err))
				return
			}
			if len(rows) == 0 || !yield(rows, nil) {
				return
			}
			last = rows[len(rows)-1].ID
		}
	}
}

// checkClocks puts every clock to the clerk: its last day, what it is now, and that its passing was written once.
func (a *bookCheck) checkClocks(ctx context.Context) error {
	for rows, err := range a.clocksOf(ctx) {
		if err != nil {
			return err
		}
		passed, err := a.passedOf(ctx, rows)
		if err != nil {
			return err
		}
		for _, row := range rows {
			a.checkClock(row, passed[row.CaseID+" "+row.Kind])
		}
	}
	return nil
}

func (a *bookCheck) checkClock(row *ent.CaseClock, passed int) {
	a.found.clocks++
	term := clocks.Clock{Amount: row.Amount, Unit: calc.Unit(row.Unit), Wait: row.Wait, National: row.National}
	ledger := make([]clocks.Entry, len(row.Edges.Entries))
	for i, e := range row.Edges.Entries {
		ledger[i] = clocks.Entry{Effect: e.Effect, OnDay: e.OnDay, At: e.RecordedAt, Days: e.Days, Article: e.Article}
		a.found.ledger[string(e.Effect)]++
	}
	want := wall.Due(term, ledger, a.Calendar)
	if want != row.DueOn {
		a.fault("clock %s %s of case %s is due on %s; the clerk says %s: %v", row.ID, row.Kind, row.CaseID, row.DueOn, want, ledger)
	}
	over := row.EndedAt == nil && !want.IsZero() && term.Unit != clocks.Hours && !clocks.Passed(want).After(a.now)
	if over != (row.State == town.ClockExpired && row.EndedAt == nil) && term.Unit != clocks.Hours {
		a.fault("clock %s %s of case %s, due on %s, is %s", row.ID, row.Kind, row.CaseID, want, row.State)
	}
	switch once := row.State == town.ClockExpired; {
	case once && passed == 0:
		a.fault("clock %s %s of case %s has expired, and nothing was written of it", row.ID, row.Kind, row.CaseID)
	case passed > 1 && !revived(row):
		a.fault("the passing of clock %s %s of case %s was written %d times", row.ID, row.Kind, row.CaseID, passed)
	}
	a.found.expired += passed
}

// revived says that an entry of a clock was made after its day: a term that had passed may have run again, and passed again.
func revived(row *ent.CaseClock) bool {
	for _, e := range row.Edges.Entries {
		if e.OnDay != town.Today(e.RecordedAt) || e.Effect == town.ClockRestart || e.Effect == town.ClockShiftStart {
			return true
		}
	}
	return false
}

// passedOf counts how often it was written that a clock had passed, by case and kind.
func (a *bookCheck) passedOf(ctx context.Context, rows []*ent.CaseClock) (map[string]int, error) {
	ids := make([]string, 0, len(rows))
	for _, row := range rows {
		if len(ids) == 0 || ids[len(ids)-1] != row.CaseID {
			ids = append(ids, row.CaseID)
		}
	}
	lines, err := a.Store.Reader().CaseEntry.Query().Where(caseentry.CaseIDIn(ids...), caseentry.Kind("clock_expired")).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the histories: %w", err)
	}
	count := make(map[string]int, len(lines))
	for _, line := range lines {
		count[line.CaseID+" "+line.Data["clock"]]++
	}
	return count, nil
}

// checkSteps wants every step of the ladder that has ended to have an outcome and a date, and no two open ones about the
// same case and kind.
func (a *bookCheck) checkSteps(ctx context.Context) error {
	all, err := a.Store.Reader().Escalation.Query().All(ctx)
	if err != nil {
		return fmt.Errorf("read the ladder: %w", err)
	}
	open := map[string]int{}
	for _, step := range all {
		a.found.stepStates[string(step.State)]++
		a.found.steps[step.ID] = int(step.Level)
		switch {
		case ladder.Ended(step.State) && (step.Outcome == "" && step.State != town.EscalationAccepted || step.ClosedAt == nil):
			a.fault("step %s ended %s without outcome or date", step.ID, step.State)
		case !ladder.Ended(step.State) && step.State != town.EscalationAnswered && step.CaseID != "":
			open[step.CaseID+" "+string(step.Kind)]++
		}
	}
	for of, n := range open {
		if n > 1 {
			a.fault("%d open steps of %s", n, of)
		}
	}
	late, err := a.Store.Reader().Escalation.Query().Where(escalation.DueAtLTE(a.now)).Count(ctx)
	if err != nil {
		return fmt.Errorf("look for steps whose term has passed: %w", err)
	}
	if late > 0 {
		a.fault("%d steps of the ladder lie there although their term has passed", late)
	}
	return nil
}
