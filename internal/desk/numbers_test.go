package desk_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// TestNumbersStartAgainAtLocalMidnight also on the days on which the clocks change.
func TestNumbersStartAgainAtLocalMidnight(t *testing.T) {
	at := func(text string) time.Time {
		moment, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return moment
	}
	steps := []struct {
		at     string
		number int
		day    string
	}{
		{"2026-03-28T22:59:59.999999Z", 1, "2026-03-28"}, // 23:59:59 in winter
		{"2026-03-28T23:00:00Z", 1, "2026-03-29"},        // midnight of the day that has 23 hours
		{"2026-03-29T00:59:59Z", 2, "2026-03-29"},        // 01:59:59, then 03:00
		{"2026-03-29T01:00:00Z", 3, "2026-03-29"},
		{"2026-03-29T21:59:59Z", 4, "2026-03-29"}, // 23:59:59 in summer
		{"2026-03-29T22:00:00Z", 1, "2026-03-30"},
		{"2026-10-24T22:00:00Z", 1, "2026-10-25"}, // midnight of the day that has 25 hours
		{"2026-10-25T00:30:00Z", 2, "2026-10-25"}, // 02:30 for the first time
		{"2026-10-25T01:30:00Z", 3, "2026-10-25"}, // 02:30 for the second time
		{"2026-10-25T22:59:59Z", 4, "2026-10-25"},
		{"2026-10-25T23:00:00Z", 1, "2026-10-26"},
		{"2026-12-31T22:59:59Z", 1, "2026-12-31"},
		{"2026-12-31T23:00:00Z", 1, "2027-01-01"},
	}
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 1)
		for _, step := range steps {
			h.clock.Set(at(step.at))
			v := h.issue("anagrafe", town.P3)
			if v.Number != step.number || v.Day.String() != step.day {
				t.Errorf("at %s: number %d of %s, want %d of %s", step.at, v.Number, v.Day, step.number, step.day)
			}
		}
	})
}

// TestNumbersAreGaplessAndUnique: whatever is issued when, and however many
// requests are refused in between, each series counts 1, 2, 3 on its day.
func TestNumbersAreGaplessAndUnique(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 1)
		last := map[string]int{}
		series := map[string]string{"anagrafe": "A", "isee": "I", "stato-civile": "V"}
		rapid.Check(t, func(rt *rapid.T) {
			h.clock.Advance(time.Duration(rapid.IntRange(0, 30*3600).Draw(rt, "seconds")) * time.Second)
			for _, service := range rapid.SliceOfN(rapid.SampledFrom([]string{"anagrafe", "isee", "stato-civile", "refused"}), 1, 4).Draw(rt, "asked") {
				if service == "refused" { // the person has a number for this already, or takes it now
					in := desk.IssueTicketInput{IdempotencyKey: h.key(), SiteID: siteID, ServiceCode: ptr("anagrafe")}
					issued, err := h.desk.IssueTicket(h.as("per_always_here"), in)
					if err != nil {
						continue
					}
					last["A"+issued.Visit.Day.String()]++
					continue
				}
				v := h.issue(service, town.P3)
				key := series[service] + v.Day.String()
				last[key]++
				if want := town.Today(h.clock.Now()); v.Day != want || v.Number != last[key] || v.Letter != series[service] {
					rt.Fatalf("%s%d of %s, want %d of %s", v.Letter, v.Number, v.Day, last[key], want)
				}
			}
		})
	})
}

// TestNumbersAtOnce: fifty requests at the first moment of a series.
func TestNumbersAtOnce(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHall(t, db, 1)
		ctx := h.as("per_kiosk")
		const many = 50
		numbers := make([]int, many)
		var all sync.WaitGroup
		for i := range many {
			all.Go(func() {
				issued, err := h.desk.IssueTicket(ctx, desk.IssueTicketInput{IdempotencyKey: fmt.Sprint(i), SiteID: siteID, ServiceCode: ptr("isee")})
				if err != nil {
					t.Error(err)
					return
				}
				numbers[i] = issued.Visit.Number
			})
		}
		all.Wait()
		slices.Sort(numbers)
		for i, n := range numbers {
			if n != i+1 {
				t.Fatalf("numbers %v", numbers)
			}
		}
	})
}
