package sdktest

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

func practice() *sdk.Practice {
	return &sdk.Practice{
		ID: "p",
		Form: sdk.Form{Documents: []sdk.Document{
			{ID: "sempre", Required: sdk.RequiredAlways}, {ID: "facoltativo", Required: sdk.RequiredNever},
		}},
		Fees:  []sdk.Fee{{Code: "bollo", When: "x"}},
		Rules: []sdk.Rule{{ID: "p/r1", When: "x"}, {ID: "p/r2", When: "y"}},
	}
}

// A set of cases that never fires a rule, or always does, proves too little.
func TestGaps(t *testing.T) {
	t.Parallel()
	p := practice()
	def := &sdk.Definition{Practices: []sdk.Practice{*p}}
	all := sdk.Decision{
		Documents: []sdk.Document{{ID: "sempre"}}, Fees: []sdk.Fee{{Code: "bollo"}},
		Fired: []sdk.Fired{{RuleID: "p/r1"}, {RuleID: "p/r2"}},
	}
	tests := map[string]struct {
		decisions []sdk.Decision
		want      []string
	}{
		"no case": {nil, []string{
			"no case applies p: rule p/r1", "no case leaves out p: rule p/r1",
			"no case applies p: rule p/r2", "no case leaves out p: rule p/r2",
			"no case applies p: document sempre", "no case applies p: fee bollo", "no case leaves out p: fee bollo",
		}},
		"everything always": {[]sdk.Decision{all}, []string{
			"no case leaves out p: rule p/r1", "no case leaves out p: rule p/r2", "no case leaves out p: fee bollo",
		}},
		"one rule never": {[]sdk.Decision{{Fired: []sdk.Fired{{RuleID: "p/r1"}}, Documents: all.Documents, Fees: all.Fees}, {}}, []string{
			"no case applies p: rule p/r2",
		}},
		"all proved": {[]sdk.Decision{all, {}}, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := coverage{}
			for _, d := range tt.decisions {
				c.add(p, d)
			}
			if diff := cmp.Diff(tt.want, c.gaps(def)); diff != "" {
				t.Errorf("gaps (-want +got):\n%s", diff)
			}
		})
	}
}

// What a case writes is compared; what it leaves out is not, but for the
// destination and the rules.
func TestDifferences(t *testing.T) {
	t.Parallel()
	def := &sdk.Definition{DefaultRoute: "sportello"}
	got := sdk.Decision{
		To: "sportello", Priority: "P2", SlotMinutes: 20, Deadline: sdk.Term{Amount: 6, Unit: sdk.WorkingDays},
		Fired: []sdk.Fired{{RuleID: "p/r1"}}, Notify: []string{"caf"}, Set: map[string]string{"a": "b"},
		Computed: []sdk.Computed{{Name: "imu_due", Value: "579.00"}},
	}
	ptr := func(s string) *string { return &s }
	tests := map[string]struct {
		want  Decision
		count int
	}{
		"as it is": {Decision{
			Fired: []string{"p/r1"}, Priority: ptr("P2"), Deadline: ptr("6 working_days"), Notify: []string{"caf"},
			Set: map[string]string{"a": "b"}, Computed: map[string][]string{"imu_due": {"579.00"}}, Documents: []string{},
		}, 0},
		"only the rules":      {Decision{Fired: []string{"p/r1"}}, 0},
		"the rules forgotten": {Decision{}, 1},
		"another destination": {Decision{To: "caf", Fired: []string{"p/r1"}}, 1},
		"everything else": {Decision{
			Fired: []string{"p/r1"}, Priority: ptr("P3"), Deadline: ptr("7 working_days"), Notify: []string{},
			Set: map[string]string{}, Computed: map[string][]string{"imu_due": {"580.00"}}, Documents: []string{"x"},
		}, 6},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if all := differences(def, tt.want, got); len(all) != tt.count {
				t.Errorf("%d differences, want %d: %v", len(all), tt.count, all)
			}
		})
	}
}

func TestMoment(t *testing.T) {
	t.Parallel()
	for _, tt := range [][3]string{
		{"2026-11-23T10:00", "", "2026-11-23T10:00:00+01:00"},
		{"2026-11-23T10:00", "2026-07-01T08:30", "2026-07-01T08:30:00+02:00"},
	} {
		got, err := moment(tt[0], tt[1])
		if err != nil || got.Format("2006-01-02T15:04:05Z07:00") != tt[2] {
			t.Errorf("moment(%q, %q) = %s, %v", tt[0], tt[1], got, err)
		}
	}
	for _, wrong := range []string{"", "2026-11-23", "2026-02-30T10:00", "2026-11-23T25:00"} {
		if _, err := moment(wrong, ""); err == nil {
			t.Errorf("%q is a moment", wrong)
		}
	}
}
