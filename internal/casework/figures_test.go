package casework_test

import (
	"slices"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// A figure that the town has set counts in the rules, which the department reads, and
// in the papers, which the house reads: also while the department is down.
func TestTheHouseAndTheDepartmentReadTheSameFigures(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	lower := map[string]map[string]string{"tributi-patrimonio": {"tari.planimetria.mq": "80", "tari.dichiarazione.giorni": "10"}}
	for name, tt := range map[string]struct {
		figures     map[string]map[string]string
		down        bool
		plan, fined bool
	}{
		"as the department says":     {nil, false, false, false},
		"as the town has set":        {lower, false, true, true},
		"with the department down":   {lower, true, true, false},
		"another service's are none": {map[string]map[string]string{"isee": lower["tributi-patrimonio"]}, false, false, false},
	} {
		h.figures = tt.figures
		h.departments.set("tributi-patrimonio", tt.down)
		got, err := h.PreviewIntake(h.as(t, mario), casework.PreviewIntakeInput{
			Practice: "tari-dichiarazione", Answers: form(t, "tari-dichiarazione", nil),
		})
		if err != nil || got.Decision == nil {
			t.Fatalf("%s: %+v, %v", name, got, err)
		}
		plan := slices.ContainsFunc(got.Decision.Documents, func(d sdk.Document) bool { return d.ID == "planimetria" })
		fined := slices.ContainsFunc(got.Decision.Fired, func(f sdk.Fired) bool { return f.RuleID == "tari-dichiarazione/r1" })
		if plan != tt.plan || fined != tt.fined {
			t.Errorf("%s: floor plan %v, penalty %v", name, plan, fined)
		}
	}
}
