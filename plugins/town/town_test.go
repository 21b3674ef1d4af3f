package town_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	"github.com/spazio-in-comune/sportello/plugins/town"
)

func load(t *testing.T) *sdk.Town {
	t.Helper()
	shared, err := town.Load()
	if err != nil {
		t.Fatal(err)
	}
	return shared
}

func TestLoad(t *testing.T) {
	t.Parallel()
	shared := load(t)
	if got := len(shared.Destinations); got != 14 {
		t.Errorf("%d destinations, want 14", got)
	}
	if got := len(shared.CommonDocuments); got != 29 {
		t.Errorf("%d common documents, want 29", got)
	}
	var rules []string
	for _, rule := range shared.GlobalRules {
		rules = append(rules, rule.ID)
	}
	want := []string{
		"global/priority-person", "global/booked", "global/representative",
		"global/third-visit", "global/long-queue", "global/isee-regime",
	}
	if diff := cmp.Diff(want, rules); diff != "" {
		t.Errorf("global rules (-want +got):\n%s", diff)
	}
	practices := 0
	for _, ids := range shared.Practices {
		practices += len(ids)
	}
	if len(shared.Practices) != 15 || practices != 65 {
		t.Errorf("%d services with %d practices, want 15 with 65", len(shared.Practices), practices)
	}
	if diff := cmp.Diff([]string{"08:30-12:30", "15:00-18:00"}, shared.OpeningHours["tue"]); diff != "" {
		t.Errorf("Tuesday (-want +got):\n%s", diff)
	}
}

// The level of the Mayor has the same name in every language.
func TestMayorKeepsTheName(t *testing.T) {
	t.Parallel()
	for _, d := range load(t).Destinations {
		if d.ID == "sindaco-assessori" && (d.Level != 5 || d.Label.IT != "Sindaco e Assessori" || d.Label.EN != "Sindaco e Assessori") {
			t.Errorf("the Mayor's office is called %+v", d.Label)
		}
	}
}

func TestCalendar(t *testing.T) {
	t.Parallel()
	calendar := load(t).Calendar
	tests := map[string]struct {
		day  calc.Date
		want bool
	}{
		"4 October 2024":      {calc.Date{Year: 2024, Month: 10, Day: 4}, false},
		"4 October 2027":      {calc.Date{Year: 2027, Month: 10, Day: 4}, true},
		"the patron":          {calc.Date{Year: 2026, Month: 11, Day: 4}, true},
		"Easter Monday 2026":  {calc.Date{Year: 2026, Month: 4, Day: 6}, true},
		"an ordinary weekday": {calc.Date{Year: 2026, Month: 11, Day: 23}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := calendar.IsHoliday(tt.day); got != tt.want {
				t.Errorf("IsHoliday(%s) = %v, want %v", tt.day, got, tt.want)
			}
		})
	}
}
