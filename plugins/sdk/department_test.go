package sdk_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

func day(text string) calc.Date {
	d, err := calc.ParseDate(text)
	if err != nil {
		panic(err)
	}
	return d
}

// A definition that went over the wire and came back is the same one.
func TestHash(t *testing.T) {
	t.Parallel()
	def := formOfAllTypes()
	hash, err := def.Hash()
	if err != nil || len(hash) != 64 {
		t.Fatalf("hash %q, %v", hash, err)
	}
	raw, err := json.Marshal(def)
	if err != nil {
		t.Fatal(err)
	}
	var back sdk.Definition
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if again, err := back.Hash(); err != nil || again != hash {
		t.Errorf("after the wire %q, %v; want %q", again, err, hash)
	}
	back.Practices[0].Rules = append(back.Practices[0].Rules, sdk.Rule{ID: "pratica/r1"})
	if other, err := back.Hash(); err != nil || other == hash {
		t.Errorf("with another rule %q, %v", other, err)
	}
}

func TestParametersOn(t *testing.T) {
	t.Parallel()
	def := &sdk.Definition{Parameters: []sdk.Parameter{
		{Name: "assegno", Value: "404.17", From: "2025-01-01", To: "2025-12-31"},
		{Name: "assegno", Value: "413.10", From: "2026-01-01"},
		{Name: "ka", Value: "0.80 0.94", From: "2000-01-01"},
		{Name: "dal", Value: "2026-07-30", From: "2026-07-30"},
		{Name: "rotto", Value: "tanto", From: "2000-01-01"},
	}}
	for on, want := range map[string]string{"2024-12-31": "", "2025-01-01": "404.17", "2025-12-31": "404.17", "2026-01-01": "413.10", "2031-05-05": "413.10"} {
		if got := def.ParametersOn(day(on))["assegno"]; got != want {
			t.Errorf("on %s: %q, want %q", on, got, want)
		}
	}
	f := def.ParametersOn(day("2026-07-30")).Figures()
	if f.Number("assegno").String() != "413.1" || len(f.Numbers("ka")) != 2 || f.Day("dal") != day("2026-07-30") || f.Err() != nil {
		t.Errorf("figures with %v", f.Err())
	}
	for name, read := range map[string]func(*sdk.Figures){
		"not there":     func(f *sdk.Figures) { f.Number("boh") },
		"no number":     func(f *sdk.Figures) { f.Number("rotto") },
		"no list":       func(f *sdk.Figures) { f.Numbers("rotto") },
		"no date":       func(f *sdk.Figures) { f.Day("assegno") },
		"not yet there": func(f *sdk.Figures) { f.Day("dal") },
		"no whole":      func(f *sdk.Figures) { f.Whole("assegno") },
	} {
		f := def.ParametersOn(day("2026-01-01")).Figures()
		if read(f); f.Err() == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func dataDepartment(t *testing.T, compute sdk.Computation) sdk.Department {
	t.Helper()
	folder := fstest.MapFS{
		"service.yaml": {Data: []byte("service: s\nversion: 1.0.0\nseries: S\nkind: counter\ntitle: {it: a, en: a}\ndescription: {it: a, en: a}\n" +
			"category: c\ndefault_route: sportello\npractices: [p]\nfield_groups: {richiedente: {title: {it: a, en: a}, fields: []}}\n" +
			"parameters: [{name: tariffa, value: '2.00', from: '2026-01-01', source: delibera}]\n")},
		"practices/p.yaml": {Data: []byte("id: p\ntitle: {it: a, en: a}\nfor_whom: {it: a, en: a}\noutcome: {it: a, en: a}\n" +
			"form: {fields: [{name: mq, label: {it: a, en: a}, type: int, required: false}]}\nfees: []\n" +
			"deadline: {amount: 1, unit: months, from: protocol}\nsilence: none\nhandling: {typical_minutes: 5}\nonline: {possible: false}\nconfidence: low\n" +
			"computations: [conto, deadline]\nrules: [{id: p/r1, words: {it: a, en: a}, when: mq > 10 and resident, effect: {priority: P2}}]\n")},
	}
	d, err := sdk.FromFS(folder, sdk.WithComputation("conto", compute), sdk.WithComputation("deadline", sdk.Deadlines))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func tariff(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	unit, err := figures.Decimal("tariffa")
	if err != nil {
		return nil, err
	}
	area, _ := in.Decimal("mq")
	return []sdk.Computed{sdk.ComputedMoney(both("Conto"), area.Mul(unit), "")}, nil
}

func TestReview(t *testing.T) {
	t.Parallel()
	d := dataDepartment(t, tariff)
	req := sdk.ReviewRequest{
		Practice: "p", Answers: answers("mq", "12", "altro", "1"), Now: monday().Now,
		Ambient: answers("resident", "true"), Calendar: monday().Calendar,
	}
	tests := map[string]struct {
		change func(*sdk.ReviewRequest)
		rules  []string
		sum    string
	}{
		"the figures of the definition": {func(*sdk.ReviewRequest) {}, []string{"p/r1"}, "24.00"},
		"the town sets another figure":  {func(r *sdk.ReviewRequest) { r.Parameters = map[string]string{"tariffa": "3.00"} }, []string{"p/r1"}, "36.00"},
		"the register does not answer":  {func(r *sdk.ReviewRequest) { r.Ambient = nil }, nil, "24.00"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			own := req
			tt.change(&own)
			resp, err := d.Review(t.Context(), own)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.rules, ids(resp.Fired, func(f sdk.Fired) string { return f.RuleID })); diff != "" {
				t.Errorf("fired (-want +got):\n%s", diff)
			}
			want := []sdk.Computed{
				{Name: "conto", Label: both("Conto"), Value: tt.sum, Kind: sdk.KindMoney},
				{Name: "deadline", Label: sdk.Text{IT: "Ultimo giorno del termine", EN: "Last day of the term"}, Value: "2026-12-23", Kind: sdk.KindDate, Working: "2026-11-23 + 1 months"},
			}
			if diff := cmp.Diff(want, resp.Computed); diff != "" {
				t.Errorf("computed (-want +got):\n%s", diff)
			}
		})
	}
}

// Every clock runs from its own event, that of the form from its day; a wait does not move
// off a holiday, what follows another begins on its last day, and what is done on the spot has
// no last day.
func TestDeadlines(t *testing.T) {
	t.Parallel()
	milestone := func(id, from string, amount int, unit sdk.TermUnit) sdk.Milestone {
		return sdk.Milestone{ID: id, Label: both(id), Amount: amount, Unit: unit, From: from, OnExpiry: sdk.ExpiryNone, Note: both("nota")}
	}
	wait := milestone("attesa", "declaration", 34, sdk.CalendarDays)
	wait.Wait = true
	hidden := milestone("mai", "request", 1, sdk.Months)
	hidden.When = "1 > 2"
	next, second := milestone("dopo", "end of posting", 10, sdk.CalendarDays), milestone("fine", "end of examination", 10, sdk.CalendarDays)
	next.After, second.After = "archivio", "decreto"
	def := definition(own("nascita", sdk.TypeDate), own("altra", sdk.TypeDate), own("notifica", sdk.TypeDate))
	p := practiceOf(def)
	p.Deadline = sdk.Term{Amount: 34, Unit: sdk.CalendarDays, From: "declaration"}
	p.Starts = []sdk.Start{
		{Event: "birth", Day: "altra", When: "1 > 2"}, {Event: "decree service", Day: "notifica"}, {Event: "birth", Day: "nascita"},
	}
	p.Milestones = []sdk.Milestone{
		wait, hidden, milestone("archivio", "request", 30, sdk.CalendarDays), milestone("nato", "birth", 10, sdk.CalendarDays),
		milestone("decreto", "decree service", 6, sdk.Months), milestone("ore", "birth", 24, sdk.Hours),
		milestone("lontano", "refusal", 30, sdk.CalendarDays), milestone("subito", "request", 0, sdk.WorkingDays),
		milestone("accordo", "agreement", 30, sdk.CalendarDays), next, second,
	}
	// Sunday 27 December; 30 days end on Wednesday, and 10 more on 2 January; 10 days end on the patron.
	known := []string{"attesa: not before 2026-12-27", "Last day: archivio 2026-12-23", "Last day: nato 2026-11-05", "Last day: dopo 2027-01-02"}
	for name, tt := range map[string]struct {
		answers map[string]json.RawMessage
		want    []string
	}{
		"the day of a birth":         {answers("nascita", `"2026-10-25"`), known},
		"a decree to come":           {answers("nascita", `"2026-10-25"`, "notifica", `"2026-11-24"`), known},
		"the other birth is not one": {answers("altra", `"2026-10-25"`), []string{known[0], known[1], known[3]}},
	} {
		got, err := sdk.Deadlines(compiled(t, def).Bind(tt.answers, monday()), nil)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(tt.want, ids(got, func(c sdk.Computed) string { return c.Label.EN + " " + c.Value })); diff != "" {
			t.Errorf("%s, last days (-want +got):\n%s", name, diff)
		}
	}
	p.Deadline, p.Milestones = sdk.Term{Unit: sdk.WorkingDays, From: "counter"}, nil
	if got, err := sdk.Deadlines(compiled(t, def).Bind(nil, monday()), nil); err != nil || len(got) != 0 {
		t.Errorf("on the spot: %v, %v", got, err)
	}
}

// The moment of an event is known with its time only, where the form asks it.
func TestStarted(t *testing.T) {
	t.Parallel()
	def := definition(own("giorno", sdk.TypeDate), own("ora", sdk.TypeTime), own("nascita", sdk.TypeDate))
	practiceOf(def).Starts = []sdk.Start{{Event: "death", Day: "giorno", Time: "ora"}, {Event: "birth", Day: "nascita"}}
	for name, tt := range map[string]struct {
		event   string
		answers map[string]json.RawMessage
		want    string
	}{
		"the request":             {"protocol", nil, monday().Now.UTC().Format(time.RFC3339)},
		"with its time":           {"death", answers("giorno", `"2026-11-21"`, "ora", `"08:40"`), "2026-11-21T07:40:00Z"},
		"without its time":        {"death", answers("giorno", `"2026-11-21"`), ""},
		"a day":                   {"birth", answers("nascita", `"2026-11-21"`), "2026-11-20T23:00:00Z"},
		"a day to come":           {"birth", answers("nascita", `"2026-11-24"`), ""},
		"a moment to come":        {"death", answers("giorno", `"2026-11-23"`, "ora", `"23:59"`), ""},
		"an event of no field":    {"service", answers("nascita", `"2026-11-21"`), ""},
		"a field left unanswered": {"birth", nil, ""},
	} {
		got := ""
		if _, at, known := compiled(t, def).Bind(tt.answers, monday()).Started(tt.event); known {
			got = at.UTC().Format(time.RFC3339)
		}
		if got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

// A term that a milestone repeats for other requests only is not that of this one.
func TestTheTermOfAnotherRequest(t *testing.T) {
	t.Parallel()
	def := definition(own("tipo", sdk.TypeText))
	p := practiceOf(def)
	p.Deadline = sdk.Term{Amount: 30, Unit: sdk.CalendarDays, From: "protocol"}
	p.Milestones = []sdk.Milestone{
		{ID: "controllo", Label: both("c"), Amount: 30, Unit: sdk.CalendarDays, From: "protocol", OnExpiry: sdk.ExpiryConfirmed, When: "tipo == 'scia'"},
		{ID: "istruttoria", Label: both("i"), Amount: 60, Unit: sdk.CalendarDays, From: "protocol", OnExpiry: sdk.ExpiryNone, When: "tipo == 'permesso'"},
	}
	for kind, want := range map[string]int{"scia": 30, "permesso": 60, "cila": 30} {
		got := sdk.Merge(compiled(t, def).Bind(answers("tipo", `"`+kind+`"`), monday()), nil, nil, nil)
		if got.Deadline.Amount != want {
			t.Errorf("%s: %d days, want %d", kind, got.Deadline.Amount, want)
		}
	}
}

// What follows nothing, follows what follows, or dates no event is refused with the definition.
func TestTermsThatCannotBe(t *testing.T) {
	t.Parallel()
	milestone := func(id, from, after string) sdk.Milestone {
		return sdk.Milestone{ID: id, Label: both(id), Amount: 10, Unit: sdk.CalendarDays, From: from, After: after, OnExpiry: sdk.ExpiryNone}
	}
	for says, change := range map[string]func(*sdk.Practice){
		"no milestone": func(p *sdk.Practice) { p.Milestones = []sdk.Milestone{milestone("b", "end of posting", "a")} },
		"follows another one itself": func(p *sdk.Practice) {
			p.Milestones = []sdk.Milestone{milestone("a", "request", ""), milestone("b", "end of posting", "a"), milestone("c", "end of posting", "b")}
		},
		"starts with the request": func(p *sdk.Practice) {
			p.Milestones = []sdk.Milestone{milestone("a", "request", ""), milestone("b", "request", "a")}
		},
		"no event that a form could date": func(p *sdk.Practice) { p.Starts = []sdk.Start{{Event: "protocol", Day: "giorno"}} },
		"no field with a date":            func(p *sdk.Practice) { p.Starts = []sdk.Start{{Event: "birth", Day: "testo"}} },
		"no field with a time":            func(p *sdk.Practice) { p.Starts = []sdk.Start{{Event: "birth", Day: "giorno", Time: "giorno"}} },
	} {
		def := definition(own("giorno", sdk.TypeDate), own("testo", sdk.TypeText))
		change(practiceOf(def))
		if _, err := sdk.Compile(def, nil); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", says, err)
		}
	}
}

func TestReviewFaults(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	d := dataDepartment(t, func(*sdk.Intake, sdk.Parameters) ([]sdk.Computed, error) { return nil, broken })
	if _, err := d.Review(t.Context(), sdk.ReviewRequest{Practice: "p", Now: monday().Now}); !errors.Is(err, broken) || !strings.Contains(err.Error(), "conto") {
		t.Errorf("a computation that fails: %v", err)
	}
	if _, err := d.Review(t.Context(), sdk.ReviewRequest{Practice: "q"}); err == nil {
		t.Error("an unknown practice is reviewed")
	}
	early := monday().Now.AddDate(-1, 0, 0)
	if _, err := dataDepartment(t, tariff).Review(t.Context(), sdk.ReviewRequest{Practice: "p", Now: early}); err == nil {
		t.Error("a figure that is not in force yet is used")
	}
}

func TestChargesFollowsTheConditionOfTheLine(t *testing.T) {
	t.Parallel()
	def := definition(own("bollo", sdk.TypeBool))
	practiceOf(def).Fees = []sdk.Fee{
		{Code: "sempre", Label: both("x"), AmountEUR: "1.00"},
		{Code: "marca", Label: both("x"), AmountEUR: "16.00", When: "bollo"},
	}
	p := compiled(t, def)
	for answer, want := range map[string]bool{"true": true, "false": false, "null": false} {
		in := p.Bind(answers("bollo", answer), monday())
		if !in.Charges("sempre") || in.Charges("marca") != want || in.Charges("altra") {
			t.Errorf("bollo %s: %v %v %v", answer, in.Charges("sempre"), in.Charges("marca"), in.Charges("altra"))
		}
	}
}

func TestIntakeReadsByType(t *testing.T) {
	t.Parallel()
	in := compiled(t, formOfAllTypes()).Bind(answers(
		"nome", `"Ada"`, "scelta", `"a"`, "scelte", `["a"]`, "importo", `"12.50"`, "copie", "3", "quota", `"0.5"`, "si", "true", "data_nascita", `"1980-01-01"`,
	), monday())
	if v, ok := in.Text("nome"); !ok || v != "Ada" {
		t.Errorf("text %q, %v", v, ok)
	}
	if !in.Is("scelta", "a") || in.Is("scelta", "b") || in.Is("targa", "") {
		t.Error("codes are not told apart")
	}
	if !in.Has("scelte", "a") || in.Has("scelte", "b") || in.Has("targa", "a") {
		t.Error("lists of codes are not told apart")
	}
	if in.Count("scelte") != 1 || in.Count("camere") != 0 || in.Count("nome") != 0 {
		t.Error("lists are not counted")
	}
	if v, ok := in.Decimal("importo"); !ok || v.String() != "12.5" {
		t.Errorf("amount %s, %v", v, ok)
	}
	if v, ok := in.Int("copie"); !ok || v != 3 {
		t.Errorf("number %d, %v", v, ok)
	}
	if _, ok := in.Int("quota"); ok {
		t.Error("a half is a whole number")
	}
	if !in.Bool("si") || in.Bool("nome") {
		t.Error("bools are not told apart")
	}
	if v, ok := in.Date("data_nascita"); !ok || v != day("1980-01-01") {
		t.Errorf("date %s, %v", v, ok)
	}
	if _, ok := in.Date("nome"); ok {
		t.Error("a name is a date")
	}
}
