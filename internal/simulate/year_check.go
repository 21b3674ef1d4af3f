package simulate

import (
	"context"
	"fmt"
	"iter"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/ent/caseentry"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	wall "github.com/spazio-in-comune/sportello/internal/clocks/clerk"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice/ladder"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// check compares what the year left with what must hold.
func (y *year) check() error {
	ctx := access.System(y.ctx, "the check of a simulated year")
	for _, check := range []func(context.Context) error{y.checkClocks, y.checkCounts, y.checkSteps} {
		if err := check(ctx); err != nil {
			return err
		}
	}
	return nil
}

// checkPage is how many clocks are read at once.
const checkPage = 1000

// clocksOf are all clocks, with their ledgers in the order of recording.
func (y *year) clocksOf(ctx context.Context) iter.Seq2[[]*ent.CaseClock, error] {
	return func(yield func([]*ent.CaseClock, error) bool) {
		last := ""
		for {
			rows, err := y.rooms.Store.Reader().CaseClock.Query().Where(caseclock.IDGT(last)).Order(ent.Asc(caseclock.FieldID)).
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
func (y *year) checkClocks(ctx context.Context) error {
	for rows, err := range y.clocksOf(ctx) {
		if err != nil {
			return err
		}
		passed, err := y.passedOf(ctx, rows)
		if err != nil {
			return err
		}
		for _, row := range rows {
			y.checkClock(row, passed[row.CaseID+" "+row.Kind])
		}
	}
	return nil
}

func (y *year) checkClock(row *ent.CaseClock, passed int) {
	y.report.Clocks++
	term := clocks.Clock{Amount: row.Amount, Unit: calc.Unit(row.Unit), Wait: row.Wait, National: row.National}
	ledger := make([]clocks.Entry, len(row.Edges.Entries))
	for i, e := range row.Edges.Entries {
		ledger[i] = clocks.Entry{Effect: e.Effect, OnDay: e.OnDay, At: e.RecordedAt, Days: e.Days, Article: e.Article}
		y.report.Ledger[string(e.Effect)]++
	}
	want := wall.Due(term, ledger, y.rooms.Calendar)
	if want != row.DueOn {
		y.fault("clock %s %s of case %s is due on %s; the clerk says %s: %v", row.ID, row.Kind, row.CaseID, row.DueOn, want, ledger)
	}
	over := row.EndedAt == nil && !want.IsZero() && term.Unit != clocks.Hours && !clocks.Passed(want).After(y.now)
	if over != (row.State == town.ClockExpired && row.EndedAt == nil) && term.Unit != clocks.Hours {
		y.fault("clock %s %s of case %s, due on %s, is %s", row.ID, row.Kind, row.CaseID, want, row.State)
	}
	switch once := row.State == town.ClockExpired; {
	case once && passed == 0:
		y.fault("clock %s %s of case %s has expired, and nothing was written of it", row.ID, row.Kind, row.CaseID)
	case passed > 1 && !revived(row):
		y.fault("the passing of clock %s %s of case %s was written %d times", row.ID, row.Kind, row.CaseID, passed)
	}
	y.report.Expired += passed
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
func (y *year) passedOf(ctx context.Context, rows []*ent.CaseClock) (map[string]int, error) {
	ids := make([]string, 0, len(rows))
	for _, row := range rows {
		if len(ids) == 0 || ids[len(ids)-1] != row.CaseID {
			ids = append(ids, row.CaseID)
		}
	}
	lines, err := y.rooms.Store.Reader().CaseEntry.Query().Where(caseentry.CaseIDIn(ids...), caseentry.Kind("clock_expired")).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the histories: %w", err)
	}
	count := make(map[string]int, len(lines))
	for _, line := range lines {
		count[line.CaseID+" "+line.Data["clock"]]++
	}
	return count, nil
}

// checkCounts compares what was done with what is kept: nothing lost, nothing doubled.
func (y *year) checkCounts(ctx context.Context) error {
	reader := y.rooms.Store.Reader()
	for _, kept := range []struct {
		what  string
		want  int
		count func(context.Context) (int, error)
	}{
		{"numbers", y.report.Numbers, reader.Visit.Query().Count},
		{"cases", y.report.Cases, reader.CaseFile.Query().Count},
		{"scores", y.report.Scores, reader.Feedback.Query().Count},
	} {
		n, err := kept.count(ctx)
		if err != nil {
			return fmt.Errorf("count the %s: %w", kept.what, err)
		}
		if n != kept.want {
			y.fault("%d %s were made, %d are kept", kept.want, kept.what, n)
		}
	}
	return nil
}

// checkSteps wants every step of the ladder that has ended to have an outcome and a date, and no two open ones about the
// same case and kind.
func (y *year) checkSteps(ctx context.Context) error {
	all, err := y.rooms.Store.Reader().Escalation.Query().All(ctx)
	if err != nil {
		return fmt.Errorf("read the ladder: %w", err)
	}
	open := map[string]int{}
	for _, step := range all {
		y.report.StepStates[string(step.State)]++
		switch {
		case ladder.Ended(step.State) && (step.Outcome == "" && step.State != town.EscalationAccepted || step.ClosedAt == nil):
			y.fault("step %s ended %s without outcome or date", step.ID, step.State)
		case !ladder.Ended(step.State) && step.State != town.EscalationAnswered && step.CaseID != "":
			open[step.CaseID+" "+string(step.Kind)]++
		}
	}
	for of, n := range open {
		if n > 1 {
			y.fault("%d open steps of %s", n, of)
		}
	}
	late, err := y.rooms.Store.Reader().Escalation.Query().Where(escalation.DueAtLTE(y.now)).Count(ctx)
	if err != nil {
		return fmt.Errorf("look for steps whose term has passed: %w", err)
	}
	if late > 0 {
		y.fault("%d steps of the ladder lie there although their term has passed", late)
	}
	return nil
}
