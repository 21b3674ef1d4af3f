package sdk_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Everything that a loader refuses, each in an otherwise right definition.
func TestCompileRefuses(t *testing.T) {
	t.Parallel()
	town := &sdk.Town{
		Destinations: []sdk.Destination{{ID: "sportello", Level: 2, Label: both("Sportello")}},
		Practices:    map[string][]string{"altrove": {"mensa"}},
	}
	rule := func(change func(*sdk.Rule)) func(*sdk.Definition) {
		return func(d *sdk.Definition) {
			r := sdk.Rule{ID: "pratica/r1", Words: both("x"), When: "True"}
			change(&r)
			practiceOf(d).Rules = append(practiceOf(d).Rules, r)
		}
	}
	effect := func(e sdk.Effect) func(*sdk.Definition) { return rule(func(r *sdk.Rule) { r.Effect = e }) }
	condition := func(when string) func(*sdk.Definition) { return rule(func(r *sdk.Rule) { r.When = when }) }
	field := func(f sdk.Field) func(*sdk.Definition) {
		return func(d *sdk.Definition) { practiceOf(d).Form.Fields = append(practiceOf(d).Form.Fields, f) }
	}
	document := func(doc sdk.Document) func(*sdk.Definition) {
		return func(d *sdk.Definition) { practiceOf(d).Form.Documents = append(practiceOf(d).Form.Documents, doc) }
	}
	fee := func(f sdk.Fee) func(*sdk.Definition) {
		return func(d *sdk.Definition) { practiceOf(d).Fees = append(practiceOf(d).Fees, f) }
	}
	milestone := func(change func(*sdk.Milestone)) func(*sdk.Definition) {
		return func(d *sdk.Definition) {
			m := sdk.Milestone{ID: "m", Label: both("x"), Amount: 1, Unit: sdk.Hours, From: "protocol", OnExpiry: sdk.ExpiryNone}
			change(&m)
			practiceOf(d).Milestones = append(practiceOf(d).Milestones, m)
		}
	}
	parameter := func(p sdk.Parameter) func(*sdk.Definition) {
		return func(d *sdk.Definition) { d.Parameters = append(d.Parameters, p) }
	}
	tests := map[string]struct {
		change func(*sdk.Definition)
		want   string // a part of the error
	}{
		"unknown name in a rule":      {condition("colore == 'blu'"), `practice pratica: rule pratica/r1: when names "colore"`},
		"function name as a value":    {condition("age > 3"), `names "age"`},
		"no summary":                  {func(d *sdk.Definition) { practiceOf(d).Summary = sdk.Text{IT: "solo italiano"} }, "summary is not in both languages"},
		"broken expression":           {condition("x =="), "rule pratica/r1"},
		"unknown function":            {condition("sqrt(1) > 0"), `unknown function "sqrt"`},
		"unknown name in a document":  {document(sdk.Document{ID: "x", Label: both("x"), Required: "conditional", When: "boh"}), `document x: when names "boh"`},
		"unknown name in a fee":       {fee(sdk.Fee{Code: "x", Label: both("x"), AmountEUR: "1.00", Source: "x", When: "boh"}), `fee x: when names "boh"`},
		"unknown name in a milestone": {milestone(func(m *sdk.Milestone) { m.When = "boh" }), `milestone m: when names "boh"`},
		"field that reads a field below": {func(d *sdk.Definition) {
			field(own("a", sdk.TypeInt, when("b == 1")))(d)
			field(own("b", sdk.TypeInt))(d)
		}, `field a: its when names "b"`},
		"field that reads itself":       {field(own("a", sdk.TypeInt, when("a == 1"))), `field a: its when names "a"`},
		"field that reads the platform": {field(own("a", sdk.TypeInt, when("resident"))), `names "resident"`},
		"field that reads the clock":    {field(own("a", sdk.TypeInt, when("year(today) > 1"))), `names "today"`},
		"unknown type":                  {field(own("a", "blob")), `unknown type "blob"`},
		"unknown required":              {field(own("a", sdk.TypeInt, func(f *sdk.Field) { f.Required = "maybe" })), `unknown required "maybe"`},
		"conditional without when":      {field(own("a", sdk.TypeInt, func(f *sdk.Field) { f.Required = "conditional" })), "does not go with"},
		"always with a when":            {field(own("a", sdk.TypeInt, always, func(f *sdk.Field) { f.When = "True" })), "does not go with"},
		"unknown check":                 {field(own("a", sdk.TypeDate, checked("on Sunday"))), `unknown check "on Sunday"`},
		"check of the wrong type":       {field(own("a", sdk.TypeInt, checked("not in the future"))), "does not fit"},
		"after a field that is not":     {field(own("a", sdk.TypeDate, checked("after boh"))), `no date "boh"`},
		"after a field of another type": {field(own("a", sdk.TypeDate, checked("after nome"))), `no date "nome"`},
		"age of no number":              {field(own("a", sdk.TypeDate, checked("age < x"))), "number of years"},
		"pattern that is none":          {field(own("a", sdk.TypePlate, func(f *sdk.Field) { f.Pattern = "a)(b" })), "pattern"},
		"long pattern":                  {field(own("a", sdk.TypePlate, func(f *sdk.Field) { f.Pattern = strings.Repeat("a", 501) })), "pattern longer"},
		"limit that is no decimal":      {field(own("a", sdk.TypeInt, limits("x", ""))), `min "x"`},
		"enum without codes":            {field(own("a", sdk.TypeEnum)), "0 codes"},
		"codes of no enum":              {field(own("a", sdk.TypeInt, codes("x"))), "1 codes"},
		"repeated code":                 {field(own("a", sdk.TypeEnum, codes("x", "x"))), `repeated code "x"`},
		"code that is not ASCII":        {field(own("a", sdk.TypeEnum, codes("più"))), "plain ASCII"},
		"list without keys":             {field(own("a", sdk.TypeList)), "0 keys"},
		"repeated field":                {field(own("nome", sdk.TypeInt)), "field nome: the name is taken"},
		"field named like the platform": {field(own("resident", sdk.TypeBool)), "the name is taken"},
		"field named like the answers":  {field(own("cf_valid", sdk.TypeBool)), "the name is taken"},
		"field named like a keyword":    {field(own("and", sdk.TypeBool)), "plain ASCII"},
		"field with capitals":           {field(own("Nome", sdk.TypeBool)), "plain ASCII"},
		"label in one language":         {field(own("a", sdk.TypeBool, func(f *sdk.Field) { f.Label.EN = "" })), "both languages"},
		"unknown group":                 {func(d *sdk.Definition) { practiceOf(d).Form.Include = []string{"veicolo"} }, `unknown field group "veicolo"`},
		"no applicant":                  {func(d *sdk.Definition) { d.FieldGroups = nil }, `unknown field group "richiedente"`},
		"unknown destination":           {effect(sdk.Effect{To: "luna"}), `unknown destination "luna"`},
		"unknown default route":         {func(d *sdk.Definition) { d.DefaultRoute = "luna" }, `unknown destination "luna"`},
		"unknown priority":              {effect(sdk.Effect{Priority: "P9"}), `unknown priority "P9"`},
		"unknown appointment":           {effect(sdk.Effect{Appointment: "maybe"}), `unknown appointment`},
		"unknown silence of an effect":  {effect(sdk.Effect{Silence: "maybe"}), `unknown silence`},
		"unknown document of an effect": {effect(sdk.Effect{ExtraDocuments: []string{"boh"}}), `unknown document "boh"`},
		"unknown fee of an effect":      {effect(sdk.Effect{Fee: "boh"}), `unknown fee "boh"`},
		"negative slot":                 {effect(sdk.Effect{SlotMinutes: -1}), "below zero"},
		"block in one language":         {effect(sdk.Effect{Block: &sdk.Text{IT: "no"}}), "block is not in both"},
		"hint in one language":          {effect(sdk.Effect{Hint: &sdk.Text{EN: "no"}}), "hint is not in both"},
		"set without value":             {effect(sdk.Effect{Set: "x"}), "want key=value"},
		"set from an unknown field":     {effect(sdk.Effect{Set: "x=@boh"}), `no field "boh"`},
		"unknown practice":              {effect(sdk.Effect{Set: "practice=boh"}), "unknown practice"},
		"unknown linked practice":       {effect(sdk.Effect{Set: "linked_practice=boh"}), "unknown practice"},
		"practice that leads on":        {effect(sdk.Effect{Set: "practice=pratica"}), "leads to another"},
		"rule id of another practice":   {rule(func(r *sdk.Rule) { r.ID = "altra/r1" }), `starts with "pratica/"`},
		"repeated rule":                 {func(d *sdk.Definition) { condition("True")(d); condition("True")(d) }, `repeated rule "pratica/r1"`},
		"rule without words":            {rule(func(r *sdk.Rule) { r.Words = sdk.Text{} }), "words is not in both"},
		"repeated document": {func(d *sdk.Definition) {
			doc := document(sdk.Document{ID: "x", Label: both("x"), Required: "true"})
			doc(d)
			doc(d)
		}, `repeated document "x"`},
		"document always and when":     {document(sdk.Document{ID: "x", Label: both("x"), Required: "true", When: "True"}), "does not go with"},
		"document of unknown required": {document(sdk.Document{ID: "x", Label: both("x")}), "unknown required"},
		"repeated common document":     {func(d *sdk.Definition) { d.CommonDocuments = append(d.CommonDocuments, d.CommonDocuments[0]) }, "repeated common document"},
		"amount with one digit":        {fee(sdk.Fee{Code: "x", Label: both("x"), AmountEUR: "1.5"}), `amount "1.5"`},
		"amount with a comma":          {fee(sdk.Fee{Code: "x", Label: both("x"), AmountEUR: "1,50"}), `amount "1,50"`},
		"no amount and not variable":   {fee(sdk.Fee{Code: "x", Label: both("x")}), `amount ""`},
		"repeated fee":                 {func(d *sdk.Definition) { f := fee(sdk.Fee{Code: "x", Label: both("x"), Variable: true}); f(d); f(d) }, `repeated fee "x"`},
		"unknown unit":                 {func(d *sdk.Definition) { practiceOf(d).Deadline.Unit = "weeks" }, "unknown unit"},
		"deadline in hours":            {func(d *sdk.Definition) { practiceOf(d).Deadline.Unit = sdk.Hours }, "unknown unit"},
		"unknown start":                {func(d *sdk.Definition) { practiceOf(d).Deadline.From = "dawn" }, `unknown event "dawn"`},
		"unknown calendar":             {func(d *sdk.Definition) { practiceOf(d).Deadline.Calendar = "lunar" }, "unknown calendar"},
		"unknown unit of a milestone":  {milestone(func(m *sdk.Milestone) { m.Unit = "years" }), "unknown unit"},
		"unknown start of a milestone": {milestone(func(m *sdk.Milestone) { m.From = "dawn" }), `unknown event "dawn"`},
		"unknown on_expiry":            {milestone(func(m *sdk.Milestone) { m.OnExpiry = "boom" }), `unknown on_expiry "boom"`},
		"repeated milestone":           {func(d *sdk.Definition) { m := milestone(func(*sdk.Milestone) {}); m(d); m(d) }, `repeated milestone "m"`},
		"repeated practice":            {func(d *sdk.Definition) { d.Practices = append(d.Practices, d.Practices[0]) }, "repeated practice"},
		"no practice":                  {func(d *sdk.Definition) { d.Practices = nil }, "0 practices"},
		"unknown silence":              {func(d *sdk.Definition) { practiceOf(d).Silence = "maybe" }, "unknown silence"},
		"unknown confidence":           {func(d *sdk.Definition) { practiceOf(d).Confidence = "some" }, "unknown confidence"},
		"unknown assurance":            {func(d *sdk.Definition) { practiceOf(d).Online.MinLoA = "L4" }, "level of assurance"},
		"no minutes":                   {func(d *sdk.Definition) { practiceOf(d).Handling.TypicalMinutes = 0 }, "typical minutes"},
		"unknown kind":                 {func(d *sdk.Definition) { d.Kind = "kiosk" }, "unknown kind"},
		"series of two letters":        {func(d *sdk.Definition) { d.Series = "AB" }, "series"},
		"no version":                   {func(d *sdk.Definition) { d.Version = "" }, "no version"},
		"service with blanks":          {func(d *sdk.Definition) { d.Service = "due parole" }, "plain ASCII"},
		"parameter of no day":          {parameter(sdk.Parameter{Name: "a", Value: "1", From: "2026", Source: "x"}), "parameter a"},
		"parameter that ends first":    {parameter(sdk.Parameter{Name: "a", Value: "1", From: "2026-01-01", To: "2025-01-01", Source: "x"}), "before it starts"},
		"fee of no day":                {fee(sdk.Fee{Code: "x", Label: both("x"), Variable: true, From: "2026-02-30"}), "fee x"},
		"fee that ends first":          {fee(sdk.Fee{Code: "x", Label: both("x"), Variable: true, From: "2026-01-01", To: "2025-12-31"}), "before it starts"},
		"fixed fee without source":     {fee(sdk.Fee{Code: "x", Label: both("x"), AmountEUR: "1.00"}), "without the source"},
		"fees of one code overlap": {func(d *sdk.Definition) {
			fee(sdk.Fee{Code: "x", Label: both("x"), Variable: true, To: "2026-12-31"})(d)
			fee(sdk.Fee{Code: "x", Label: both("x"), Variable: true, From: "2026-12-31"})(d)
		}, `repeated fee "x"`},
		"figure that is no parameter": {condition("age(data_nascita) > figure('eta')"), `rule pratica/r1: when reads figure('eta')`},
		"figure of a document":        {document(sdk.Document{ID: "x", Label: both("x"), Required: "conditional", When: "figure('a') == 1"}), `document x: when reads figure('a')`},
		"figure of a fee":             {fee(sdk.Fee{Code: "x", Label: both("x"), Variable: true, When: "figure('a') == 1"}), `fee x: when reads figure('a')`},
		"figure of a milestone":       {milestone(func(m *sdk.Milestone) { m.When = "figure('a') == 1" }), `milestone m: when reads figure('a')`},
		"field that reads a figure": {func(d *sdk.Definition) {
			parameter(sdk.Parameter{Name: "a", Value: "1", From: "2026-01-01", Source: "x"})(d)
			field(own("a", sdk.TypeInt, when("figure('a') == 1")))(d)
		}, "field a: its when reads a figure"},
		"capacity without its areas":      {condition("computed_capacity < 3"), "needs the parameters alloggio.*"},
		"words in the place of a term":    {effect(sdk.Effect{Deadline: "60 + 30 days"}), `deadline "60 + 30 days"`},
		"words of a term in one language": {effect(sdk.Effect{DeadlineWords: &sdk.Text{IT: "subito"}}), "deadline_words is not in both"},
		"parameter without source":        {parameter(sdk.Parameter{Name: "a", Value: "1", From: "2026-01-01"}), "source"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			def := definition()
			if err := def.Validate(town); err != nil {
				t.Fatalf("before the change: %v", err)
			}
			tt.change(def)
			err := def.Validate(town)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want it to say %q", err, tt.want)
			}
			if err != nil && def.Service != "" && !strings.Contains(err.Error(), "service "+def.Service) {
				t.Errorf("the error does not name the service: %v", err)
			}
		})
	}
}

// A stored definition compiles without the town: it was checked when it came in.
func TestCompileWithoutTown(t *testing.T) {
	t.Parallel()
	def := definition()
	practiceOf(def).Rules = []sdk.Rule{{ID: "pratica/r1", Words: both("x"), Effect: sdk.Effect{To: "luna", Set: "practice=altrove"}}}
	if _, err := sdk.Compile(def, nil); err != nil {
		t.Error(err)
	}
}

func TestCompileJoinsAllFaults(t *testing.T) {
	t.Parallel()
	def := definition()
	def.Kind = "kiosk"
	practiceOf(def).Silence = "maybe"
	practiceOf(def).Rules = []sdk.Rule{{ID: "pratica/r1", Words: both("x"), When: "boh"}}
	err := def.Validate(nil)
	for _, part := range []string{"kiosk", "maybe", "boh"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %v", part, err)
		}
	}
}

func TestCompileGlobalRefuses(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		rule sdk.Rule
		want string
	}{
		"unknown field":    {sdk.Rule{ID: "global/x", Words: both("x"), When: "boh"}, `"boh"`},
		"id of a practice": {sdk.Rule{ID: "pratica/r1", Words: both("x")}, `starts with "global/"`},
		"own document":     {sdk.Rule{ID: "global/x", Words: both("x"), Effect: sdk.Effect{ExtraDocuments: []string{"planimetria"}}}, "planimetria"},
		"a figure":         {sdk.Rule{ID: "global/x", Words: both("x"), When: "visits_last_30_days >= figure('visite')"}, "figure('visite')"},
		"words as a term":  {sdk.Rule{ID: "global/x", Words: both("x"), Effect: sdk.Effect{Deadline: "soon"}}, "soon"},
		"a fee":            {sdk.Rule{ID: "global/x", Words: both("x"), Effect: sdk.Effect{Fee: "bollo"}}, "bollo"},
	} {
		town := &sdk.Town{FieldGroups: definition().FieldGroups, GlobalRules: []sdk.Rule{tt.rule}}
		if _, err := sdk.CompileGlobal(town); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A rule of the town may name a field that a form does not have: it is missing.
func TestGlobalRuleOnAFormWithoutTheField(t *testing.T) {
	t.Parallel()
	groups := definition().FieldGroups
	groups["isee"] = sdk.FieldGroup{Fields: []sdk.Field{own("isee_regime", sdk.TypeString)}}
	global, err := sdk.CompileGlobal(&sdk.Town{FieldGroups: groups, GlobalRules: []sdk.Rule{
		{ID: "global/a", Words: both("a"), When: "isee_regime != 'x'"},
		{ID: "global/b", Words: both("b"), When: "isee_regime == None and nome == 'Ada'"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	got := ids(global.Fire(compiled(t, definition()).Bind(answers("nome", `"Ada"`), monday())), func(f sdk.Fired) string { return f.RuleID })
	if len(got) != 1 || got[0] != "global/b" {
		t.Errorf("fired %v, want global/b", got)
	}
}

func TestCheckFired(t *testing.T) {
	t.Parallel()
	service, err := sdk.Compile(definition(), nil)
	if err != nil {
		t.Fatal(err)
	}
	town := &sdk.Town{Destinations: []sdk.Destination{{ID: "sportello"}}}
	if err := service.CheckFired("pratica", []sdk.Fired{fired("go/1", sdk.Effect{To: "sportello", Priority: "P1"})}, town); err != nil {
		t.Error(err)
	}
	for name, effect := range map[string]sdk.Effect{
		"destination": {To: "luna"}, "priority": {Priority: "urgent"}, "document": {ExtraDocuments: []string{"boh"}},
	} {
		if err := service.CheckFired("pratica", []sdk.Fired{fired("go/1", effect)}, town); err == nil || !strings.Contains(err.Error(), "go/1") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := service.CheckFired("boh", nil, town); err == nil {
		t.Error("an unknown practice is accepted")
	}
}

func TestFromFSRefuses(t *testing.T) {
	t.Parallel()
	const service = "service: s\nversion: 1.0.0\nseries: S\nkind: counter\ntitle: {it: a, en: a}\ndescription: {it: a, en: a}\n" +
		"category: c\ndefault_route: sportello\npractices: [p]\nfield_groups: {richiedente: {title: {it: a, en: a}, fields: []}}\n"
	const practice = "id: p\ntitle: {it: a, en: a}\nfor_whom: {it: a, en: a}\noutcome: {it: a, en: a}\nform: {fields: []}\nfees: []\n" +
		"deadline: {amount: 1, unit: months, from: protocol}\nsilence: none\nhandling: {typical_minutes: 5}\nonline: {possible: false}\nconfidence: low\n"
	compute := func(*sdk.Intake, sdk.Parameters) ([]sdk.Computed, error) { return nil, nil }
	tests := map[string]struct {
		service, practice string
		options           []sdk.Option
		want              string // empty: it loads
	}{
		"right":                  {service, practice, nil, ""},
		"unknown key":            {service, practice + "colour: blue\n", nil, "practices/p.yaml"},
		"repeated key":           {service, practice + "silence: none\n", nil, "practices/p.yaml"},
		"unknown key in service": {service + "colour: blue\n", practice, nil, "service.yaml"},
		"another id":             {service, strings.Replace(practice, "id: p", "id: q", 1), nil, `practices/p.yaml: it has the id "q"`},
		"practice not there":     {strings.Replace(service, "[p]", "[p, q]", 1), practice, nil, "practices/q.yaml"},
		"practice not listed":    {strings.Replace(service, "[p]", "[]", 1), practice, nil, "lists 0 practices"},
		"no YAML":                {service, "a: [", nil, "practices/p.yaml"},
		"broken rule":            {service, practice + "rules: [{id: p/r1, words: {it: a, en: a}, when: boh, effect: {}}]\n", nil, "practices/p.yaml: rule p/r1"},
		"unknown computation":    {service, practice + "computations: [x]\n", nil, `practices/p.yaml: unknown computation "x"`},
		"idle computation":       {service, practice, []sdk.Option{sdk.WithComputation("x", compute)}, `"x" belongs to no practice`},
		"used computation":       {service, practice + "computations: [x]\n", []sdk.Option{sdk.WithComputation("x", compute)}, ""},
		"amount of one digit":    {service, strings.Replace(practice, "fees: []", "fees: [{code: x, label: {it: a, en: a}, amount_eur: 1.5}]", 1), nil, "amount"},
		"destination not known":  {service, practice, []sdk.Option{sdk.WithTown(&sdk.Town{})}, "unknown destination"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := fstest.MapFS{"service.yaml": {Data: []byte(tt.service)}, "practices/p.yaml": {Data: []byte(tt.practice)}}
			_, err := sdk.FromFS(folder, tt.options...)
			if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

// A definition that was kept before summaries were compulsory still serves its cases.
func TestAKeptDefinitionNeedsNoSummary(t *testing.T) {
	t.Parallel()
	def := definition()
	practiceOf(def).Summary = sdk.Text{}
	if err := def.Validate(nil); err != nil {
		t.Error(err)
	}
}
