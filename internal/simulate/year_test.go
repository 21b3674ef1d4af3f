package simulate

import (
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// A year that is right says nothing; each thing that is wrong with a clock is told.
func TestCheckClock(t *testing.T) {
	t.Parallel()
	filed := town.Date{Year: 2026, Month: time.November, Day: 23}
	right := func() *ent.CaseClock {
		entry := &ent.ClockEntry{Effect: town.ClockStart, OnDay: filed, RecordedAt: filed.At(10, 0, town.Rome())}
		row := &ent.CaseClock{
			Kind: "conclusion", Amount: 30, Unit: string(calc.CalendarDays), State: town.ClockExpired, DueOn: filed.AddDays(30),
		}
		row.Edges.Entries = []*ent.ClockEntry{entry}
		return row
	}
	ended := filed.AddDays(3).At(9, 0, town.Rome())
	for name, test := range map[string]struct {
		spoil  func(*ent.CaseClock)
		passed int
		faults int
	}{
		"as it must be":               {func(*ent.CaseClock) {}, 1, 0},
		"another day":                 {func(row *ent.CaseClock) { row.DueOn = filed.AddDays(31) }, 1, 1},
		"still running":               {func(row *ent.CaseClock) { row.State = town.ClockRunning }, 0, 1},
		"passed, and nobody was told": {func(*ent.CaseClock) {}, 0, 1},
		"told twice":                  {func(*ent.CaseClock) {}, 2, 1},
		"stopped in time":             {func(row *ent.CaseClock) { row.State, row.EndedAt = town.ClockStopped, &ended }, 0, 0},
		"an entry lost": {func(row *ent.CaseClock) {
			row.Edges.Entries = append(row.Edges.Entries, &ent.ClockEntry{
				Effect: town.ClockExtend, Days: 5, OnDay: filed.AddDays(1), RecordedAt: filed.AddDays(1).At(9, 0, town.Rome()),
			})
		}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := &bookCheck{found: newFound(), now: filed.AddDays(100).At(0, 0, town.Rome())}
			row := right()
			test.spoil(row)
			a.checkClock(row, test.passed)
			if got := len(a.found.faults); got != test.faults {
				t.Errorf("%d faults, want %d: %v", got, test.faults, a.found.faults)
			}
		})
	}
}
