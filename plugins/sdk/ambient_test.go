package sdk_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/expr"
)

func TestAmbientFromTheAnswers(t *testing.T) {
	t.Parallel()
	isee := []sdk.Field{
		own("isee_presentato", sdk.TypeBool), own("isee_regime", sdk.TypeString), own("isee_anno", sdk.TypeInt),
	}
	dwelling := []sdk.Field{
		own("superficie_utile", sdk.TypeDecimal),
		own("camere", sdk.TypeList, func(f *sdk.Field) { f.Item = []string{"superficie_mq"} }),
	}
	notice := []sdk.Field{own("numero_avviso", sdk.TypeNotice)}
	tests := map[string]struct {
		fields  []sdk.Field
		answers map[string]json.RawMessage
		name    string
		want    expr.Value
	}{
		"tax code valid":       {nil, answers("codice_fiscale", `"RSSMRA80A01F205X"`), "cf_valid", true},
		"tax code not valid":   {nil, answers("codice_fiscale", `"RSSMRA80A01F205Y"`), "cf_valid", false},
		"tax code missing":     {nil, nil, "cf_valid", nil},
		"notice valid":         {notice, answers("numero_avviso", `"301202600000041747"`), "nav_valid", true},
		"notice not valid":     {notice, answers("numero_avviso", `"301202600000041748"`), "nav_valid", false},
		"no notice in form":    {nil, nil, "nav_valid", nil},
		"ISEE valid":           {isee, answers("isee_presentato", "true", "isee_regime", `"dpcm_159_2013"`, "isee_anno", "2026"), "isee_valid", true},
		"ISEE of next year":    {isee, answers("isee_presentato", "true", "isee_regime", `"dpcm_159_2013"`, "isee_anno", "2027"), "isee_valid", true},
		"ISEE of last year":    {isee, answers("isee_presentato", "true", "isee_regime", `"dpcm_159_2013"`, "isee_anno", "2025"), "isee_valid", false},
		"ISEE of other regime": {isee, answers("isee_presentato", "true", "isee_regime", `"inclusione_familiare_2026"`, "isee_anno", "2026"), "isee_valid", false},
		"ISEE not presented":   {isee, answers("isee_presentato", "false"), "isee_valid", false},
		"no ISEE in the form":  {nil, nil, "isee_valid", nil},
		"capacity": {
			dwelling, answers("superficie_utile", "75", "camere", `[{"superficie_mq": "14.5"}, {"superficie_mq": 9.8}]`),
			"computed_capacity", decimal.NewFromInt(3),
		},
		"capacity of one room":      {dwelling, answers("superficie_utile", "30", "camere", `[]`), "computed_capacity", decimal.NewFromInt(1)},
		"capacity, a room unknown":  {dwelling, answers("superficie_utile", "75", "camere", `[{}]`), "computed_capacity", nil},
		"capacity, a room in words": {dwelling, answers("superficie_utile", "75", "camere", `[{"superficie_mq": "grande"}]`), "computed_capacity", nil},
		"capacity, no rooms given":  {dwelling, answers("superficie_utile", "75"), "computed_capacity", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			facts := monday()
			// The platform has no say in what follows from the answers.
			facts.Ambient = answers(tt.name, "true")
			def := definition(tt.fields...)
			def.Parameters = dwellings()
			got := compiled(t, def).Bind(tt.answers, facts).Lookup(tt.name)
			if number, ok := got.(decimal.Decimal); ok {
				want, _ := tt.want.(decimal.Decimal)
				if tt.want == nil || !number.Equal(want) {
					t.Errorf("%s = %s, want %v", tt.name, number, tt.want)
				}
			} else if got != tt.want {
				t.Errorf("%s = %v, want %v", tt.name, got, tt.want)
			}
		})
	}
}

func TestAmbientFromThePlatform(t *testing.T) {
	t.Parallel()
	facts := monday()
	facts.Ambient = answers("resident", "false", "visits_last_30_days", "3", "debts_open", `"yes"`, "previous_outcome", `"late"`,
		"queue_wait_minutes", "null", "nome", `"Eva"`, "surprise", "1")
	in := compiled(t, definition()).Bind(nil, facts)
	for name, want := range map[string]expr.Value{
		"resident": false, "previous_outcome": "late",
		"debts_open":         nil, // not of its type
		"queue_wait_minutes": nil, "appointment": nil,
		"nome":     nil, // a field, whatever the platform says
		"surprise": nil,
	} {
		if got := in.Lookup(name); got != want {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
	if visits, ok := in.Int("visits_last_30_days"); !ok || visits != 3 {
		t.Errorf("visits = %d, %v", visits, ok)
	}
}

func TestClockAmbient(t *testing.T) {
	t.Parallel()
	for moment, want := range map[string][2]string{
		"2026-06-18T21:59:00Z": {"23", "true"},
		"2026-06-18T22:00:00Z": {"0", "false"},
		"2026-12-01T08:00:00Z": {"9", "true"},
		"2026-11-30T23:00:00Z": {"0", "true"},
		"2026-07-01T08:00:00Z": {"10", "false"},
	} {
		now, err := time.Parse(time.RFC3339, moment)
		if err != nil {
			t.Fatal(err)
		}
		got := sdk.ClockAmbient(now)
		if string(got["now_hour"]) != want[0] || string(got["tax_peak_window"]) != want[1] {
			t.Errorf("%s: hour %s, peak %s; want %v", moment, got["now_hour"], got["tax_peak_window"], want)
		}
	}
}
