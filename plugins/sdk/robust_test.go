package sdk_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/town"
)

// FuzzCheck: no answers make the check panic, the same answers have the same
// problems, and what passed once passes again as it was cleaned.
func FuzzCheck(f *testing.F) {
	def := formOfAllTypes()
	practiceOf(def).Rules = []sdk.Rule{{ID: "pratica/r1", Words: both("x"), When: "count(camere) > 1 or quota + copie > 3 or age(data_nascita) > 18"}}
	p := compiled(f, def)
	f.Add(`{"nome": "Ada", "scelta": "b", "scelte": ["a"], "si": false}`)
	f.Add(`{"camere": [{"mq": "12"}, null, []], "quota": 1e400, "importo": "-0.00", "data_nascita": "0000-00-00"}`)
	f.Add(`{"scelte": [null, 1, "a"], "copie": -0, "ora": "::", "codice_fiscale": "RSSMRA80A01F205X", "allegati": "x"}`)
	f.Fuzz(func(t *testing.T, form string) {
		var given map[string]json.RawMessage
		if err := json.Unmarshal([]byte(form), &given); err != nil {
			return
		}
		in, problems := p.Check(given, monday())
		_, again := p.Check(given, monday())
		if !reflect.DeepEqual(problems, again) {
			t.Fatalf("%v, then %v", problems, again)
		}
		loose := p.Bind(given, monday())
		sdk.Merge(loose, p.Fire(loose), nil, nil)
		if in == nil {
			return
		}
		if _, faults := p.Check(in.Answers(), monday()); len(faults) > 0 {
			t.Fatalf("clean answers have problems: %v", faults)
		}
	})
}

// What a person writes in hidden fields has no effect at all.
func TestHiddenAnswersHaveNoEffect(t *testing.T) {
	t.Parallel()
	def := definition(
		own("per_altri", sdk.TypeBool, always),
		own("titolo", sdk.TypeEnum, when("per_altri"), codes("erede", "tutore")),
		own("eredi", sdk.TypeInt, when("titolo == 'erede'")),
	)
	practiceOf(def).Rules = []sdk.Rule{
		{ID: "pratica/r1", Words: both("x"), When: "titolo == 'erede'"},
		{ID: "pratica/r2", Words: both("x"), When: "eredi > 2"},
		{ID: "pratica/r3", Words: both("x"), When: "not (titolo == 'tutore')"},
	}
	p := compiled(t, def)
	rapid.Check(t, func(t *rapid.T) {
		hidden := rapid.SampledFrom([]string{`"erede"`, `"tutore"`, `"cugino"`, `12`, `null`}).Draw(t, "titolo")
		number := rapid.SampledFrom([]string{`1`, `9`, `"x"`, `[]`}).Draw(t, "eredi")
		bare, problems := p.Check(answers("per_altri", "false"), monday())
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		full, problems := p.Check(answers("per_altri", "false", "titolo", hidden, "eredi", number), monday())
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if !reflect.DeepEqual(p.Fire(bare), p.Fire(full)) || len(full.Answers()) != 1 {
			t.Fatalf("hidden answers count: %v", full.Answers())
		}
	})
}

// BenchmarkIntake is the whole way of a form on the platform's side: check, own
// rules, rules of the town, merge.
func BenchmarkIntake(b *testing.B) {
	shared, err := town.Load()
	if err != nil {
		b.Fatal(err)
	}
	global, err := sdk.CompileGlobal(shared)
	if err != nil {
		b.Fatal(err)
	}
	def := formOfAllTypes()
	practiceOf(def).Rules = []sdk.Rule{
		{ID: "pratica/r1", Words: both("x"), When: "count(camere) > 1 or quota + copie > 3"},
		{ID: "pratica/r2", Words: both("x"), When: "days_past_days(data_nascita, 20) > 0 and scelta in ['a','b']", Effect: sdk.Effect{Priority: "P2"}},
		{ID: "pratica/r3", Words: both("x"), When: "age(data_nascita) >= 70 and not si", Effect: sdk.Effect{SlotMinutes: 30}},
	}
	p := compiled(b, def)
	given := answers("nome", `"Ada"`, "codice_fiscale", `"RSSMRA80A01F205X"`, "data_nascita", `"1980-01-01"`, "scelta", `"a"`, "scelte", `["a"]`,
		"importo", `"12.50"`, "quota", `0.5`, "copie", `3`, "si", `false`, "ora", `"10:00"`, "camere", `[{"mq": 12}]`,
		"targa", `"AB123CD"`, "comune", `"G488"`, "telefono", `"02 516901"`, "posta", `"a@b.it"`, "erede", `"Eva"`)
	facts := monday()
	facts.Ambient, facts.Calendar = answers("resident", "true", "visits_last_30_days", "1"), shared.Calendar
	b.ReportAllocs()
	for b.Loop() {
		in, problems := p.Check(given, facts)
		if len(problems) > 0 {
			b.Fatal(problems)
		}
		if d := sdk.Merge(in, p.Fire(in), global.Fire(in), nil); d.Priority != "P2" {
			b.Fatal(d.Priority)
		}
	}
}
