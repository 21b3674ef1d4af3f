package casework

import (
	"errors"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// TestBeginning tries the days and moments from which an officer may let a term run. The case
// was filed on Monday 23 November 2026, and it is ten in the morning of Wednesday.
func TestBeginning(t *testing.T) {
	t.Parallel()
	h := &hand{
		tx:   &store.Tx{Now: time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)},
		file: &ent.CaseFile{FiledAt: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)},
	}
	moment := func(text string) *time.Time {
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return &at
	}
	for name, tt := range map[string]struct {
		event, unit, on string
		at              *time.Time
		want            string // the field of the input that is wrong
	}{
		"a service before the request":        {"service", "calendar_days", "2026-11-18", nil, ""},
		"the notice to third parties":         {"notice to third parties", "calendar_days", "2026-11-23", nil, ""},
		"a notice before the request":         {"notice to third parties", "calendar_days", "2026-11-20", nil, "happenedOn"},
		"tomorrow":                            {"service", "calendar_days", "2026-11-26", nil, "happenedOn"},
		"a death, its hour":                   {"death", "hours", "2026-11-24", moment("2026-11-23T23:30:00Z"), ""},
		"a death without its hour":            {"death", "hours", "2026-11-24", nil, "happenedAt"},
		"a death whose hour is another day's": {"death", "hours", "2026-11-24", moment("2026-11-24T23:30:00Z"), "happenedAt"},
		"a death at noon, which is to come":   {"death", "hours", "2026-11-25", moment("2026-11-25T11:00:00Z"), "happenedAt"},
	} {
		day, err := calc.ParseDate(tt.on)
		if err != nil {
			t.Fatal(err)
		}
		entry, err := h.beginning(&ent.CaseClock{StartsFrom: tt.event, Unit: tt.unit}, StartTermInput{HappenedOn: day, HappenedAt: tt.at})
		got := ""
		if refused := new(town.Error); errors.As(err, &refused) {
			got = refused.Path[1]
		}
		if got != tt.want {
			t.Errorf("%s: %v, want the fault in %q", name, err, tt.want)
		}
		if err == nil && (entry.OnDay != day || entry.Effect != town.ClockStart || entry.Ground == "" || tt.at != nil && !entry.At.Equal(*tt.at)) {
			t.Errorf("%s: %+v", name, entry)
		}
	}
}
