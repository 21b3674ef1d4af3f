package tariff_test

import (
	"encoding/json"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/tariff"
)

func figures() sdk.Parameters {
	return sdk.Parameters{
		"mensa.isee.minimo": "6000.00", "mensa.isee.massimo": "20000.00",
		"mensa.tariffa.minima": "1.50", "mensa.tariffa.massima": "5.50",
		"mensa.sconto.fratelli": "20", "bollo.marca": "16.00",
	}
}

// intake is a form with an ISEE of 2026, decided in November 2026.
func intake(t *testing.T, change, ambient map[string]string) *sdk.Intake {
	t.Helper()
	label := sdk.Text{IT: "a", EN: "a"}
	def := &sdk.Definition{
		Service: "prova", Version: "1.0.0", Series: "Z", Kind: "counter", Title: label, Description: label, DefaultRoute: "sportello",
		FieldGroups: map[string]sdk.FieldGroup{sdk.Applicant: {Title: label}},
		Practices: []sdk.Practice{{
			ID: "pratica", Title: label, ForWhom: label, Outcome: label, Silence: "none", Confidence: "low",
			Deadline: sdk.Term{Unit: sdk.WorkingDays, From: "counter"}, Handling: sdk.Handling{TypicalMinutes: 5},
		}},
	}
	types := map[string]sdk.FieldType{
		"isee_presentato": sdk.TypeBool, "isee_regime": sdk.TypeString, "isee_anno": sdk.TypeInt,
		"isee_valore": sdk.TypeMoney, "isee_difformita": sdk.TypeBool,
	}
	for name, kind := range types {
		def.Practices[0].Form.Fields = append(def.Practices[0].Form.Fields,
			sdk.Field{Name: name, Label: label, Type: kind, Required: sdk.RequiredNever})
	}
	service, err := sdk.Compile(def, nil)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{
		"isee_presentato": "true", "isee_regime": `"dpcm_159_2013"`, "isee_anno": "2026",
		"isee_valore": `"12340.56"`, "isee_difformita": "false",
	}
	maps.Copy(values, change)
	practice, _ := service.Practice("pratica")
	return practice.Bind(raw(values), sdk.Facts{Now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), Ambient: raw(ambient)})
}

func raw(values map[string]string) map[string]json.RawMessage {
	out := map[string]json.RawMessage{}
	for name, value := range values {
		out[name] = json.RawMessage(value)
	}
	return out
}

func values(results []sdk.Computed) []string {
	var all []string
	for _, r := range results {
		all = append(all, r.Value)
	}
	return all
}

func TestISEEFee(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		change, ambient map[string]string
		children        int
		want            []string
	}{
		"on the line":                    {nil, nil, 1, []string{"3.31"}},
		"two children":                   {nil, nil, 2, []string{"3.31", "2.65"}},
		"below the lower limit":          {map[string]string{"isee_valore": `"5200.00"`}, nil, 1, []string{"1.50"}},
		"a cent below the upper limit":   {map[string]string{"isee_valore": `"19999.99"`}, nil, 1, []string{"5.50"}},
		"above the upper limit":          {map[string]string{"isee_valore": `"31000.00"`}, nil, 1, []string{"5.50"}},
		"resident":                       {nil, map[string]string{"resident": "true"}, 1, []string{"3.31"}},
		"known to live elsewhere":        {nil, map[string]string{"resident": "false"}, 1, []string{"5.50"}},
		"no certificate":                 {map[string]string{"isee_presentato": "false"}, nil, 1, []string{"5.50"}},
		"certificate of last year":       {map[string]string{"isee_anno": "2025"}, nil, 1, []string{"5.50"}},
		"regime of the national benefit": {map[string]string{"isee_regime": `"inclusione_familiare_2026"`}, nil, 1, []string{"5.50"}},
		"omissions to clear":             {map[string]string{"isee_difformita": "true"}, nil, 1, []string{"5.50"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := intake(t, tt.change, tt.ambient)
			got, err := tariff.Canteen().ComputeForChildren(in, figures(), tt.children)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, values(got)); diff != "" {
				t.Errorf("fees (-want +got):\n%s", diff)
			}
			one, err := tariff.Canteen().Compute(in, figures())
			if err != nil || len(one) != 1 || one[0].Value != tt.want[0] {
				t.Errorf("the fee of one child is %v, %v", one, err)
			}
		})
	}
}

func TestStamps(t *testing.T) {
	t.Parallel()
	in := intake(t, nil, nil)
	never := func(*sdk.Intake) bool { return false }
	always := func(*sdk.Intake) bool { return true }
	for name, tt := range map[string]struct {
		stamps sdk.Computation
		want   string
	}{
		"on the request":       {tariff.Stamps(tariff.Request, nil), "16.00"},
		"on request and act":   {tariff.Stamps(tariff.RequestAndAct, never), "32.00"},
		"who is exempt":        {tariff.Stamps(tariff.RequestAndAct, always), "0.00"},
		"on an exempt request": {tariff.Stamps(tariff.Request, always), "0.00"},
	} {
		if got, err := tt.stamps(in, figures()); err != nil || len(got) != 1 || got[0].Value != tt.want {
			t.Errorf("%s: %v, %v; want %s", name, got, err, tt.want)
		}
	}
}

// A figure that the department does not declare is a fault of the department.
func TestMissingFigures(t *testing.T) {
	t.Parallel()
	in := intake(t, nil, nil)
	for name := range figures() {
		left := figures()
		delete(left, name)
		_, fee := tariff.Canteen().ComputeForChildren(in, left, 2)
		_, stamps := tariff.Stamps(tariff.Request, nil)(in, left)
		if fee == nil && stamps == nil {
			t.Errorf("without %s nothing fails", name)
		}
	}
}
