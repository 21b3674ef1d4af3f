package sdk_test

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

func both(s string) sdk.Text { return sdk.Text{IT: s, EN: s} }

func own(name string, t sdk.FieldType, change ...func(*sdk.Field)) sdk.Field {
	f := sdk.Field{Name: name, Label: both(name), Type: t, Required: sdk.RequiredNever}
	for _, c := range change {
		c(&f)
	}
	return f
}

func always(f *sdk.Field) { f.Required = sdk.RequiredAlways }

func when(condition string) func(*sdk.Field) {
	return func(f *sdk.Field) { f.When, f.Required = condition, sdk.RequiredConditional }
}

func limits(low, high string) func(*sdk.Field) {
	return func(f *sdk.Field) { f.Min, f.Max = low, high }
}

func checked(check string) func(*sdk.Field) { return func(f *sdk.Field) { f.Check = check } }

func codes(all ...string) func(*sdk.Field) {
	return func(f *sdk.Field) {
		for _, code := range all {
			f.Enum = append(f.Enum, sdk.Choice{Code: code, Label: both(code)})
		}
	}
}

// definition is a service with one practice of the given form and nothing else;
// the applicant has a name, a tax code and a date of birth.
func definition(fields ...sdk.Field) *sdk.Definition {
	return &sdk.Definition{
		Service: "prova", Version: "1.0.0", Series: "Z", Kind: "counter",
		Title: both("Prova"), Description: both("Prova"), DefaultRoute: "sportello",
		FieldGroups: map[string]sdk.FieldGroup{
			sdk.Applicant: {Title: both("Richiedente"), Fields: []sdk.Field{
				own("nome", sdk.TypeString, limits("", "5")),
				own("codice_fiscale", sdk.TypeTaxCode, checked("check character incl. omocodia; birth date must agree")),
				own("data_nascita", sdk.TypeDate, checked("not in the future; age <= 120")),
			}},
		},
		CommonDocuments: []sdk.Document{{ID: "delega-firmata", Label: both("Delega")}},
		Practices: []sdk.Practice{{
			ID: "pratica", Title: both("Pratica"), Summary: both("riassunto"), ForWhom: both("tutti"), Outcome: both("esito"),
			Form:     sdk.Form{Fields: fields},
			Deadline: sdk.Term{Amount: 30, Unit: sdk.CalendarDays, From: "protocol", Note: both("nota")},
			Silence:  "none", Handling: sdk.Handling{TypicalMinutes: 15}, Confidence: "low",
		}},
	}
}

func practiceOf(def *sdk.Definition) *sdk.Practice { return &def.Practices[0] }

func compiled(t testing.TB, def *sdk.Definition) *sdk.CompiledPractice {
	t.Helper()
	service, err := sdk.Compile(def, nil)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := service.Practice("pratica")
	return p
}

// monday is 23 November 2026 at 10:30 in Rome.
func monday() sdk.Facts {
	return sdk.Facts{
		Now: time.Date(2026, 11, 23, 9, 30, 0, 0, time.UTC),
		Calendar: calc.Calendar{
			Fixed: []calc.MonthDay{"12-25", "12-26"}, Local: []calc.MonthDay{"11-04"}, EasterMonday: true,
		},
	}
}

// answers reads name, JSON value, name, JSON value, …
func answers(pairs ...string) map[string]json.RawMessage {
	all := map[string]json.RawMessage{}
	for pair := range slices.Chunk(pairs, 2) {
		all[pair[0]] = json.RawMessage(pair[1])
	}
	return all
}

func lines(problems []sdk.Problem) []string {
	var all []string
	for _, p := range problems {
		all = append(all, p.Path+" "+p.Code)
	}
	return all
}

func ids[T any](items []T, id func(T) string) []string {
	var all []string
	for _, item := range items {
		all = append(all, id(item))
	}
	return all
}

func keys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
