package sdk_test

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// limitsOfTwoYears are figures of which one changes with the year and one has
// ended.
func limitsOfTwoYears() []sdk.Parameter {
	return []sdk.Parameter{
		{Name: "limite", Value: "9360.00", From: "2025-01-01", To: "2025-12-31", Source: "Delibera 2025"},
		{Name: "limite", Value: "9530.00", From: "2026-01-01", Source: "Delibera 2026", ToVerify: true},
		{Name: "giorni", Value: "20", From: "2000-01-01", Source: "Legge"},
		{Name: "dal", Value: "2026-11-01", From: "2000-01-01", Source: "Legge"},
		{Name: "zona", Value: "b", From: "2000-01-01", Source: "Delibera"},
		{Name: "scaduto", Value: "1", From: "2000-01-01", To: "2020-12-31", Source: "Legge"},
	}
}

// dwellings are the areas of D.M. 5 July 1975.
func dwellings() []sdk.Parameter {
	var all []sdk.Parameter
	for name, value := range map[string]string{
		"alloggio.mq.persona": "14", "alloggio.mq.altra-persona": "10", "alloggio.persone.piene": "4",
		"alloggio.monolocale": "28 38", "alloggio.camera.singola": "9", "alloggio.camera.doppia": "14",
	} {
		all = append(all, sdk.Parameter{Name: name, Value: value, From: "1975-08-02", Source: "DM 5/7/1975"})
	}
	return all
}

func onDay(text string) sdk.Facts {
	facts := monday()
	facts.Now = calc.Local(day(text), 10, 0, calc.Rome())
	return facts
}

// Rules, papers, fees and clocks read the figure in force on the day of the
// decision, the town's own before that of the definition.
func TestConditionsReadTheFigureOfTheDay(t *testing.T) {
	t.Parallel()
	def := definition(own("isee", sdk.TypeMoney))
	def.Parameters = limitsOfTwoYears()
	p := practiceOf(def)
	const above = "isee > figure('limite')"
	p.Rules = []sdk.Rule{{ID: "pratica/r1", Words: both("x"), When: above}}
	p.Form.Documents = []sdk.Document{{ID: "carta", Label: both("x"), Required: sdk.RequiredConditional, When: above}}
	p.Fees = []sdk.Fee{{Code: "piena", Label: both("x"), Variable: true, When: above}}
	p.Milestones = []sdk.Milestone{{ID: "esame", Label: both("x"), Amount: 1, Unit: sdk.Months, From: "protocol", OnExpiry: sdk.ExpiryNone, When: above}}
	practice := compiled(t, def)
	for name, tt := range map[string]struct {
		day, isee string
		town      map[string]string
		want      bool
	}{
		"the last day of the old limit":   {"2025-12-31", `"9400.00"`, nil, true},
		"the first day of the new one":    {"2026-01-01", `"9400.00"`, nil, false},
		"the limit itself":                {"2026-11-23", `"9530.00"`, nil, false},
		"a cent above":                    {"2026-11-23", `"9530.01"`, nil, true},
		"before there was one":            {"2024-12-31", `"99999.00"`, nil, false},
		"the town has set a lower one":    {"2026-11-23", `"9400.00"`, map[string]string{"limite": "9000"}, true},
		"the town has set something else": {"2026-11-23", `"9600.00"`, map[string]string{"altro": "99999"}, true},
	} {
		facts := onDay(tt.day)
		facts.Parameters = tt.town
		in := practice.Bind(answers("isee", tt.isee), facts)
		d := sdk.Merge(in, practice.Fire(in), nil, nil)
		for part, got := range map[string]int{"rules": len(d.Fired), "documents": len(d.Documents), "fees": len(d.Fees), "milestones": len(d.Milestones)} {
			if (got == 1) != tt.want {
				t.Errorf("%s: %d %s, want them: %v", name, got, part, tt.want)
			}
		}
	}
}

func TestAFigureHasTheTypeOfItsForm(t *testing.T) {
	t.Parallel()
	def := definition()
	def.Parameters = limitsOfTwoYears()
	facts := monday()
	facts.Parameters = map[string]string{"comunale": "2026-12-01"}
	in := compiled(t, def).Bind(nil, facts)
	if n, ok := in.Figure("limite").(decimal.Decimal); !ok || n.String() != "9530" {
		t.Errorf("a number is %v", in.Figure("limite"))
	}
	for name, want := range map[string]any{"dal": day("2026-11-01"), "zona": "b", "comunale": day("2026-12-01"), "scaduto": nil, "boh": nil} {
		if got := in.Figure(name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	want := sdk.Parameters{"limite": "9530.00", "giorni": "20", "dal": "2026-11-01", "zona": "b", "comunale": "2026-12-01"}
	if diff := cmp.Diff(want, in.Parameters()); diff != "" {
		t.Errorf("all figures (-want +got):\n%s", diff)
	}
}

// A department decides by the figures of the request, as the platform does.
func TestReviewReadsTheFiguresOfTheTown(t *testing.T) {
	t.Parallel()
	d, err := sdk.FromFS(fstest.MapFS{
		"service.yaml": {Data: []byte("service: s\nversion: 1.0.0\nseries: S\nkind: counter\ntitle: {it: a, en: a}\ndescription: {it: a, en: a}\n" +
			"category: c\ndefault_route: sportello\npractices: [p]\nfield_groups: {richiedente: {title: {it: a, en: a}, fields: []}}\n" +
			"parameters: [{name: limite, value: '9530.00', from: '2026-01-01', source: delibera}]\n")},
		"practices/p.yaml": {Data: []byte("id: p\ntitle: {it: a, en: a}\nfor_whom: {it: a, en: a}\noutcome: {it: a, en: a}\n" +
			"form: {fields: [{name: isee, label: {it: a, en: a}, type: money, required: false}]}\nfees: []\n" +
			"deadline: {amount: 1, unit: months, from: protocol}\nsilence: none\nhandling: {typical_minutes: 5}\nonline: {possible: false}\nconfidence: low\n" +
			"rules: [{id: p/r1, words: {it: a, en: a}, when: isee > figure('limite'), effect: {deadline_words: {it: a, en: a}}}]\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	for limit, want := range map[string]int{"": 0, "9000.00": 1} {
		req := sdk.ReviewRequest{Practice: "p", Answers: answers("isee", `"9400.00"`), Now: monday().Now}
		if limit != "" {
			req.Parameters = map[string]string{"limite": limit}
		}
		got, err := d.Review(t.Context(), req)
		if err != nil || len(got.Fired) != want {
			t.Errorf("limit %q: %v, %v", limit, got, err)
		}
	}
}

// A fee counts on the days on which it is in force, also where a rule names it,
// and a new amount takes the place of the old one overnight.
func TestFeesAreDated(t *testing.T) {
	t.Parallel()
	def := definition()
	p := practiceOf(def)
	p.Fees = []sdk.Fee{
		{Code: "pasto", Label: both("Pasto"), AmountEUR: "5.00", To: "2026-12-31", Source: "Delibera 2026"},
		{Code: "pasto", Label: both("Pasto"), AmountEUR: "5.50", From: "2027-01-01", Source: "Delibera 2027"},
		{Code: "mora", Label: both("Mora"), AmountEUR: "3.00", When: "debts_open", From: "2027-01-01", To: "2027-01-31", Source: "Delibera 2027"},
	}
	service, err := sdk.Compile(def, nil)
	if err != nil {
		t.Fatal(err)
	}
	practice, _ := service.Practice("pratica")
	named := []sdk.Fired{fired("a", sdk.Effect{Fee: "mora"})}
	amount := func(f sdk.Fee) string { return f.AmountEUR }
	for on, want := range map[string][]string{
		"2026-12-31": {"5.00"}, "2027-01-01": {"5.50", "3.00"}, "2027-01-31": {"5.50", "3.00"}, "2027-02-01": {"5.50"},
	} {
		in := practice.Bind(nil, onDay(on))
		if diff := cmp.Diff(want, ids(sdk.Merge(in, named, nil, nil).Fees, amount)); diff != "" {
			t.Errorf("on %s (-want +got):\n%s", on, diff)
		}
		if !in.Charges("pasto") || in.Charges("mora") {
			t.Errorf("on %s: charges %v %v", on, in.Charges("pasto"), in.Charges("mora"))
		}
		card, _ := service.Card("pratica", sdk.CardContext{Day: day(on)})
		if len(card.Costs) != len(want) {
			t.Errorf("on %s: %d costs on the card, want %d", on, len(card.Costs), len(want))
		}
	}
	if card, _ := service.Card("pratica", sdk.CardContext{}); len(card.Costs) != 3 {
		t.Errorf("without a day: %d costs on the card", len(card.Costs))
	}
}

// The moment of the decision is the town's: a fee changes at its midnight.
func TestAFeeChangesAtMidnightInRome(t *testing.T) {
	t.Parallel()
	def := definition()
	practiceOf(def).Fees = []sdk.Fee{{Code: "nuova", Label: both("x"), Variable: true, From: "2027-01-01"}}
	p := compiled(t, def)
	facts := monday()
	for at, want := range map[time.Time]int{
		time.Date(2026, 12, 31, 22, 59, 0, 0, time.UTC): 0,
		time.Date(2026, 12, 31, 23, 0, 0, 0, time.UTC):  1,
	} {
		facts.Now = at
		if got := sdk.Merge(p.Bind(nil, facts), nil, nil, nil).Fees; len(got) != want {
			t.Errorf("at %s: %v", at, got)
		}
	}
}

// The capacity of a dwelling follows the areas of the day.
func TestCapacityFollowsTheFigures(t *testing.T) {
	t.Parallel()
	rooms := own("camere", sdk.TypeList, func(f *sdk.Field) { f.Item = []string{"superficie_mq"} })
	def := definition(own("superficie_utile", sdk.TypeDecimal), rooms)
	described := answers("superficie_utile", "75", "camere", `[{"superficie_mq": 14}, {"superficie_mq": 14}, {"superficie_mq": 9}]`)
	if got := compiled(t, def).Bind(described, monday()).Lookup("computed_capacity"); got != nil {
		t.Errorf("without areas the capacity is %v", got)
	}
	def.Parameters = dwellings()
	for area, want := range map[string]int64{"14": 5, "20": 3} {
		facts := monday()
		facts.Parameters = map[string]string{"alloggio.mq.persona": area}
		got, ok := compiled(t, def).Bind(described, facts).Lookup("computed_capacity").(decimal.Decimal)
		if !ok || got.IntPart() != want {
			t.Errorf("%s m² a person: %v people, want %d", area, got, want)
		}
	}
}

// A citizen reads the limit as it is on the day; the zero day stands for the last one.
func TestConditionWordsSayTheFigureOfTheDay(t *testing.T) {
	t.Parallel()
	def := definition(own("isee", sdk.TypeMoney), own("dal", sdk.TypeDate))
	def.Parameters = limitsOfTwoYears()
	p := compiled(t, def)
	const late = "days_past_days(dal, figure('giorni')) > 0"
	for _, tt := range []struct {
		when string
		on   calc.Date
		want string
	}{
		{"isee > figure('limite')", day("2025-12-31"), "“isee” is more than 9360"},
		{"isee > figure('limite')", day("2026-01-01"), "“isee” is more than 9530"},
		{"isee > figure('limite')", calc.Date{}, "“isee” is more than 9530"},
		{"not (isee > figure('limite'))", day("2026-01-01"), "“isee” is at most 9530"},
		{late, day("2026-01-01"), "more than 20 days from “dal” have passed"},
		{"isee > figure('scaduto')", day("2026-01-01"), "in some cases"},
	} {
		if got := p.ConditionWords(tt.when, tt.on).EN; got != tt.want {
			t.Errorf("%s on %s: %q, want %q", tt.when, tt.on, got, tt.want)
		}
	}
}

// An administrator sees every figure once, those to confirm marked.
func TestDatedFigures(t *testing.T) {
	t.Parallel()
	def := definition()
	def.Parameters = limitsOfTwoYears()[1:2]
	practiceOf(def).Fees = []sdk.Fee{
		{Code: "diritti", Label: both("Diritti"), AmountEUR: "5.42", From: "2026-01-01", To: "2026-12-31", Source: "Delibera", ToVerify: true},
		{Code: "misura", Label: both("A misura"), Variable: true, Source: "Regolamento"},
		{Code: "nessuno", Label: both("Nessun costo"), AmountEUR: "0.00"},
		{Code: "esente", Label: both("Esente"), AmountEUR: "0.00", Source: "Legge"},
	}
	want := []sdk.Figure{
		{Name: "limite", Value: "9530.00", From: "2026-01-01", Source: "Delibera 2026", ToVerify: true},
		{Practice: "pratica", Name: "diritti", Label: both("Diritti"), Value: "5.42", From: "2026-01-01", To: "2026-12-31", Source: "Delibera", ToVerify: true},
		{Practice: "pratica", Name: "esente", Label: both("Esente"), Value: "0.00", Source: "Legge"},
	}
	if diff := cmp.Diff(want, def.DatedFigures()); diff != "" {
		t.Errorf("figures (-want +got):\n%s", diff)
	}
}

// A definition that was kept before fees had sources, and that says its terms in
// words, still serves its cases.
func TestAKeptDefinitionNeedsNoSources(t *testing.T) {
	t.Parallel()
	def := definition()
	practiceOf(def).Fees = []sdk.Fee{{Code: "diritti", Label: both("x"), AmountEUR: "5.42"}}
	practiceOf(def).Rules = []sdk.Rule{{ID: "pratica/r1", Words: both("x"), When: "computed_capacity < 3", Effect: sdk.Effect{Deadline: "60 + 30 days"}}}
	if err := def.Validate(nil); err != nil {
		t.Error(err)
	}
}
