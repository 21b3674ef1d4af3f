package alerts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/alert"
	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/ent/office"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// nearBatch is how many terms are looked at at once.
const nearBatch = 500

// termsNear tells of the terms of cases that are about to pass, the next first. A term is
// told once for its date: one that was suspended and goes on has another.
func (a *Alerts) termsNear(ctx context.Context) (int, error) {
	now := a.store.Clock().Now()
	after := now
	raised := 0
	var faults error
	for {
		rows, err := a.store.Reader().CaseClock.Query().
			Where(caseclock.StateEQ(town.ClockRunning), caseclock.DueAtGT(after), caseclock.DueAtLTE(now.Add(a.rules.LongestLead())),
				caseclock.Wait(false), caseclock.StartsFromNotIn(startsOfOthers()...), untold(caseclock.FieldID, caseclock.FieldDueOn, alert.FieldClockID)).
			Order(ent.Asc(caseclock.FieldDueAt)).Limit(nearBatch).All(ctx)
		if err != nil {
			return raised, errors.Join(faults, fmt.Errorf("look for terms about to pass: %w", err))
		}
		rows, after = wholeMoments(rows, func(row *ent.CaseClock) time.Time { return *row.DueAt }, after)
		n, err := a.tellClocks(ctx, rows, now)
		raised, faults = raised+n, errors.Join(faults, err)
		if len(rows) == 0 {
			return raised, faults
		}
	}
}

// wholeMoments leaves those of the last moment of a full page to the next one, unless the
// page has no other; and says after which moment that begins.
func wholeMoments[T any](rows []T, at func(T) time.Time, after time.Time) ([]T, time.Time) {
	if len(rows) == 0 {
		return rows, after
	}
	last := at(rows[len(rows)-1])
	if len(rows) < nearBatch || at(rows[0]).Equal(last) {
		return rows, last
	}
	for at(rows[len(rows)-1]).Equal(last) {
		rows = rows[:len(rows)-1]
	}
	return rows, at(rows[len(rows)-1])
}

// untold holds for terms of whose date nobody was told yet.
func untold(id, dueOn, told string) func(*sql.Selector) {
	return func(s *sql.Selector) {
		t := sql.Table(alert.Table).As("told")
		s.Where(sql.NotExists(sql.Select(t.C(alert.FieldID)).From(t).Where(sql.And(
			sql.ColumnsEQ(t.C(told), s.C(id)), sql.ColumnsEQ(t.C(alert.FieldDueOn), s.C(dueOn)), sql.EQ(t.C(alert.FieldKind), town.AlertTermNear),
		))))
	}
}

// tellClocks raises alerts on those of the clocks whose line wants it by now.
func (a *Alerts) tellClocks(ctx context.Context, rows []*ent.CaseClock, now time.Time) (int, error) {
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.CaseID
	}
	files, err := a.store.Reader().CaseFile.Query().Where(casefile.IDIn(ids...)).
		Select(casefile.FieldID, casefile.FieldServiceID, casefile.FieldOfficeID).All(ctx)
	if err != nil {
		return 0, fmt.Errorf("read the cases of terms about to pass: %w", err)
	}
	cases := make(map[string]*ent.CaseFile, len(files))
	for _, file := range files {
		cases[file.ID] = file
	}
	levels, err := a.levels(ctx)
	if err != nil {
		return 0, err
	}
	raised := 0
	var faults error
	for _, row := range rows {
		file := cases[row.CaseID]
		if file == nil || !a.isNear(levels[file.OfficeID], file.ServiceID, file.OfficeID, *row.DueAt, now) {
			continue
		}
		n, err := a.once(ctx, "tell of a term", func(ctx context.Context, tx *store.Tx) (bool, error) {
			clock, err := tx.CaseClock.Get(ctx, row.ID)
			if err != nil || clock.State != town.ClockRunning || clock.DueOn != row.DueOn {
				return false, err
			}
			id, err := a.raiseOnClock(ctx, tx, clock, town.AlertTermNear, "near:"+clock.ID+":"+clock.DueOn.String())
			return id != "", err
		})
		raised, faults = raised+n, errors.Join(faults, err)
	}
	return raised, faults
}

// isNear reports whether a term that passes at the moment is to be told of by now.
func (a *Alerts) isNear(level town.Level, service, office string, passes, now time.Time) bool {
	line, told := a.rules.For(town.AlertTermNear, level, service, office)
	return told && !passes.After(now.Add(line.Lead))
}

// levels are those of all offices.
func (a *Alerts) levels(ctx context.Context) (map[string]town.Level, error) {
	rows, err := a.store.Reader().Office.Query().Select(office.FieldID, office.FieldLevel).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the levels of the offices: %w", err)
	}
	levels := make(map[string]town.Level, len(rows))
	for _, row := range rows {
		levels[row.ID] = row.Level
	}
	return levels, nil
}

// stepsNear tells of steps of the ladder to which an answer is owed soon.
func (a *Alerts) stepsNear(ctx context.Context) (int, error) {
	now := a.store.Clock().Now()
	after := now
	raised := 0
	var faults error
	for {
		rows, err := a.store.Reader().Escalation.Query().
			Where(escalation.StateIn(town.EscalationOpen, town.EscalationAcknowledged, town.EscalationInReview),
				escalation.DueAtGT(after), escalation.DueAtLTE(now.Add(a.rules.LongestLead())),
				untold(escalation.FieldID, escalation.FieldDueOn, alert.FieldEscalationID)).
			Order(ent.Asc(escalation.FieldDueAt)).Limit(nearBatch).All(ctx)
		if err != nil {
			return raised, errors.Join(faults, fmt.Errorf("look for steps whose term is about to pass: %w", err))
		}
		rows, after = wholeMoments(rows, func(row *ent.Escalation) time.Time { return *row.DueAt }, after)
		if len(rows) == 0 {
			return raised, faults
		}
		for _, row := range rows {
			if !a.isNear(row.Level, row.ServiceID, row.OfficeID, *row.DueAt, now) {
				continue
			}
			n, err := a.once(ctx, "tell of a step", func(ctx context.Context, tx *store.Tx) (bool, error) {
				step, err := tx.Escalation.Get(ctx, row.ID)
				if err != nil || !owed(step) || step.DueOn != row.DueOn {
					return false, err
				}
				id, err := a.raiseOnStep(ctx, tx, step, town.AlertTermNear, "near:"+step.ID+":"+step.DueOn.String())
				return id != "", err
			})
			raised, faults = raised+n, errors.Join(faults, err)
		}
	}
}
