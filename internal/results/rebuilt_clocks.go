package results

import (
	"context"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/ent/clockentry"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/results/rebuild"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// clockPage is how many cases are read at once with their clocks and ledgers.
const clockPage = 500

// storedClock is a clock as it is stored, and what its dates are to be rebuilt from.
type storedClock struct {
	id    string
	term  rebuild.Term
	dates rebuild.Dates
}

// storedTerm is a case with the clocks that it has.
type storedTerm struct {
	id     string
	dueOn  town.Date
	clocks []storedClock
}

// eachCase reads every case whose data were not erased, with its clocks and their ledgers
// in the order of recording.
func eachCase(ctx context.Context, s *store.Store, do func(storedTerm)) error {
	for last := ""; ; {
		files, err := s.Reader().CaseFile.Query().Where(casefile.IDGT(last), casefile.ErasedAtIsNil()).Order(ent.Asc(casefile.FieldID)).
			Limit(clockPage).Select(casefile.FieldID, casefile.FieldDueOn).
			WithClocks(func(q *ent.CaseClockQuery) {
				q.Order(ent.Asc(caseclock.FieldID)).WithEntries(func(q *ent.ClockEntryQuery) { q.Order(ent.Asc(clockentry.FieldOrdinal)) })
			}).All(ctx)
		if err != nil {
			return fmt.Errorf("read the clocks: %w", err)
		}
		for _, file := range files {
			c := storedTerm{id: file.ID, dueOn: file.DueOn}
			for _, row := range file.Edges.Clocks {
				c.clocks = append(c.clocks, clockOf(row))
			}
			do(c)
		}
		if len(files) < clockPage {
			return nil
		}
		last = files[len(files)-1].ID
	}
}

// momentOf is a moment that may be stored, zero for none.
func momentOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}

func clockOf(row *ent.CaseClock) storedClock {
	c := storedClock{
		id: row.ID,
		term: rebuild.Term{
			CaseID: row.CaseID, Kind: row.Kind, StartsFrom: row.StartsFrom, Follows: row.Follows,
			Clock: clocks.Clock{Amount: row.Amount, Unit: calc.Unit(row.Unit), Wait: row.Wait, National: row.National},
		},
		dates: rebuild.Dates{
			State: row.State, StartedOn: row.StartedOn, DueOn: row.DueOn, NextAt: momentOf(row.DueAt), EndedAt: momentOf(row.EndedAt),
		},
	}
	for _, e := range row.Edges.Entries {
		c.term.Ledger = append(c.term.Ledger, rebuild.Line{RecordedAt: e.RecordedAt, Entry: clocks.Entry{
			Effect: e.Effect, OnDay: e.OnDay, At: e.RecordedAt, Days: e.Days, Article: e.Article,
		}})
	}
	return c
}

// compareClocks rebuilds every clock and the last day of every case, and says what is
// stored otherwise and how much was compared. Clocks of which the log told something new
// since they were read are left to the next time, and so are cases of which it knows
// nothing.
func compareClocks(read []storedTerm, before, now *rebuild.Log, calendar calc.Calendar) (compared int, findings []Thing) {
	differ := func(projection, id, stored, log string) {
		compared++
		if stored != log {
			findings = append(findings, Thing{projection, id, stored, log})
		}
	}
	for _, c := range read {
		if _, known := before.State[rebuild.Thing{Projection: rebuild.Cases, ID: c.id}]; !known {
			continue
		}
		var carrying []rebuild.Carrier
		moved := false
		for _, k := range c.clocks {
			if before.Moves(k.term) != now.Moves(k.term) {
				moved = true
				continue
			}
			dates, err := before.Dates(k.term, calendar)
			if err != nil {
				differ(rebuild.Clocks, k.id, k.dates.String(), err.Error())
				continue
			}
			differ(rebuild.Clocks, k.id, k.dates.String(), dates.String())
			if rebuild.CarriesTerm(k.term) {
				carrying = append(carrying, rebuild.Carrier{Term: k.term, Dates: dates})
			}
		}
		if len(carrying) > 0 && !moved {
			differ(rebuild.CaseTerms, c.id, c.dueOn.String(), rebuild.Carrying(carrying, calendar).String())
		}
	}
	return compared, findings
}
