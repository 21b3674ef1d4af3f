package rehearse

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// version is a department in process whose definition and answers a test changes.
type version struct {
	sdk.Department
	change func(*sdk.Definition)
	review func(*sdk.ReviewResponse) error
}

func (v version) Describe(ctx context.Context, req sdk.DescribeRequest) (*sdk.DescribeResponse, error) {
	answer, err := v.Department.Describe(ctx, req)
	if err != nil || v.change == nil {
		return answer, err
	}
	raw, err := json.Marshal(answer.Definition)
	if err != nil {
		return nil, err
	}
	var def sdk.Definition
	if err := json.Unmarshal(raw, &def); err != nil {
		return nil, err
	}
	v.change(&def)
	return &sdk.DescribeResponse{Definition: &def}, nil
}

func (v version) Review(ctx context.Context, req sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
	answer, err := v.Department.Review(ctx, req)
	if err == nil && v.review != nil {
		err = v.review(answer)
	}
	return answer, err
}

func must(t *testing.T, number, rules string) sdk.Department {
	t.Helper()
	d, err := orti(number, rules)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

const otherRules = `
  - id: domanda-orto/r1
    words: {it: Chi ha un giardino aspetta, en: Who has a garden waits}
    when: ha_giardino
    effect: {priority: P2}
  - id: domanda-orto/r2
    words: {it: Grande, en: A large one}
    when: mq > 50
    effect: {set: 'nota=@nome'}
`

// form is a request with a person's name.
func form(name, area, garden string) Request {
	return Request{
		Name: name, Practice: "domanda-orto", Personal: true,
		Answers: map[string]json.RawMessage{
			"nome": json.RawMessage(`"Segreta"`), "mq": json.RawMessage(area), "ha_giardino": json.RawMessage(garden),
		},
		Facts: sdk.Facts{Now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)},
	}
}

func requests(all ...Request) iter.Seq2[Request, error] {
	return func(yield func(Request, error) bool) {
		for _, r := range all {
			if !yield(r, nil) {
				return
			}
		}
	}
}

func smallTown() *sdk.Town {
	return &sdk.Town{Destinations: []sdk.Destination{{ID: "sportello", Level: 2, Label: sdk.Text{IT: "Sportello", EN: "Counter"}}}}
}

func report(t *testing.T, before, after sdk.Department, all ...Request) (*Comparison, string) {
	t.Helper()
	count := 0
	c, err := Compare(t.Context(), before, after, smallTown(), requests(all...), func() { count++ })
	if err != nil {
		t.Fatal(err)
	}
	if count != len(all) || c.Replayed != len(all) {
		t.Errorf("replayed %d, told %d", c.Replayed, count)
	}
	var text strings.Builder
	c.Write(&text)
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.String()+string(raw), "Segreta") {
		t.Errorf("an answer is told: %s\n%s", text.String(), raw)
	}
	return c, text.String()
}

func TestCompare(t *testing.T) {
	t.Parallel()
	old := must(t, "1.0.0", "")
	for name, tt := range map[string]struct {
		after    sdk.Department
		requests []Request
		want     string
	}{
		"the same": {old, []Request{form("2026/000001", "40", "true")}, `orti: 1.0.0 → 1.0.0
replayed 1 requests: 0 would be decided otherwise, 0 could not be reviewed
nothing would change
`},
		"other rules": {
			must(t, "1.1.0", otherRules),
			[]Request{form("2026/000001", "40", "false"), form("2026/000002", "40", "true"), form("2026/000003", "41", "true"), form("2026/000004", "60", "false")},
			`orti: 1.0.0 → 1.1.0
replayed 4 requests: 3 would be decided otherwise, 0 could not be reviewed

2 × domanda-orto
  2026/000002; 2026/000003
  is another rule  domanda-orto/r1: Who has a garden waits
  blocked by       domanda-orto/r1 → (none)
  priority         P3 → P2

1 × domanda-orto
  2026/000004
  fires now        domanda-orto/r2: A large one
  set              another value
`,
		},
		"a rule less": {must(t, "2.0.0", " []"), []Request{form("2026/000002", "40", "true")}, `orti: 1.0.0 → 2.0.0
replayed 1 requests: 1 would be decided otherwise, 0 could not be reviewed

1 × domanda-orto
  2026/000002
  fires no longer  domanda-orto/r1: Who has a garden gets no allotment
  blocked by       domanda-orto/r1 → (none)
`},
		"a stricter form": {
			version{Department: old, change: func(d *sdk.Definition) { d.Practices[0].Form.Fields[0].Max = "50" }},
			[]Request{form("2026/000004", "60", "false")},
			`orti: 1.0.0 → 1.0.0
warning: two different definitions under one version; raise the version of the new one
replayed 1 requests: 1 would be decided otherwise, 0 could not be reviewed

1 × domanda-orto
  2026/000004
  outcome          a decision → problems
  problems         (none) → mq range
`,
		},
		"a field less": {
			version{Department: old, change: func(d *sdk.Definition) {
				d.Version = "2.0.0"
				d.Practices[0].Rules = nil
				d.Practices[0].Form.Fields = d.Practices[0].Form.Fields[:1]
			}, review: func(r *sdk.ReviewResponse) error { r.Fired = nil; return nil }},
			[]Request{form("2026/000004", "60", "false")},
			`orti: 1.0.0 → 2.0.0
replayed 1 requests: 0 would be decided otherwise, 0 could not be reviewed
gone      domanda-orto: field ha_giardino, in 1 of the replayed answers
`,
		},
		"another practice": {
			version{Department: old, change: func(d *sdk.Definition) {
				d.Version, d.Practices[0].ID, d.Practices[0].Rules = "2.0.0", "domanda-serra", nil
			}},
			[]Request{form("2026/000004", "60", "false")},
			`orti: 1.0.0 → 2.0.0
replayed 1 requests: 1 would be decided otherwise, 0 could not be reviewed
appears   domanda-serra
vanishes  domanda-orto

1 × domanda-orto
  2026/000004
  outcome          a decision → no such practice
`,
		},
		"it fails": {
			version{Department: old, review: func(*sdk.ReviewResponse) error { return errors.New("cannot stand Segreta") }},
			[]Request{form("2026/000004", "60", "false")},
			`orti: 1.0.0 → 1.0.0
replayed 1 requests: 1 would be decided otherwise, 1 could not be reviewed

1 × domanda-orto
  2026/000004
  outcome          a decision → the department fails
`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, text := report(t, old, tt.after, tt.requests...)
			if diff := cmp.Diff(tt.want, text); diff != "" {
				t.Errorf("report (-want +got):\n%s", diff)
			}
			if c.Differs() != (name != "the same") {
				t.Errorf("differs: %v", c.Differs())
			}
		})
	}
}

// An invented form hides nothing.
func TestAnInventedFormIsShown(t *testing.T) {
	t.Parallel()
	r := form("domanda-orto, case large", "60", "false")
	r.Personal, r.Answers["nome"] = false, json.RawMessage(`"Anna"`)
	_, text := report(t, must(t, "1.0.0", ""), must(t, "1.1.0", otherRules), r)
	if !strings.Contains(text, `set              (none) → {"nota":"Anna"}`) {
		t.Error(text)
	}
}

func TestCodesThatHaveGone(t *testing.T) {
	t.Parallel()
	kinds := func(codes ...string) version {
		return version{Department: must(t, "1.0.0", ""), change: func(d *sdk.Definition) {
			f := sdk.Field{Name: "colture", Label: sdk.Text{IT: "Colture", EN: "Crops"}, Type: sdk.TypeMultiEnum, Required: sdk.RequiredNever}
			for _, code := range codes {
				f.Enum = append(f.Enum, sdk.Choice{Code: code, Label: sdk.Text{IT: code, EN: code}})
			}
			d.Practices[0].Form.Fields = append(d.Practices[0].Form.Fields, f)
		}}
	}
	r := form("2026/000001", "40", "false")
	r.Answers["colture"] = json.RawMessage(`["fiori", "vite"]`)
	c, _ := report(t, kinds("fiori", "vite"), kinds("fiori"), r)
	want := []Gone{{Practice: "domanda-orto", Field: "colture", Code: "vite", Requests: 1}}
	if diff := cmp.Diff(want, c.Gone); diff != "" {
		t.Error(diff)
	}
}

func TestCompareRefuses(t *testing.T) {
	t.Parallel()
	good := must(t, "1.0.0", "")
	other := version{Department: good, change: func(d *sdk.Definition) { d.Service = "serre" }}
	if _, err := Compare(t.Context(), good, other, smallTown(), requests(), nil); err == nil || !strings.Contains(err.Error(), "two services") {
		t.Errorf("two services: %v", err)
	}
	broken := func(yield func(Request, error) bool) { yield(Request{}, errors.New("no database")) }
	if _, err := Compare(t.Context(), good, good, smallTown(), broken, nil); err == nil || !strings.Contains(err.Error(), "no database") {
		t.Errorf("requests that cannot be read: %v", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Compare(ended, good, good, smallTown(), requests(form("x", "40", "false")), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("broken off: %v", err)
	}
}

func TestManyAlikeAreNamedInPart(t *testing.T) {
	t.Parallel()
	var all []Request
	for i := range 12 {
		all = append(all, form(fmt.Sprintf("2026/%06d", i), "40", "true"))
	}
	c, text := report(t, must(t, "1.0.0", ""), must(t, "2.0.0", " []"), all...)
	if len(c.Changes) != 12 || !strings.Contains(text, "12 × domanda-orto") || !strings.Contains(text, "2026/000004; and 7 more") {
		t.Error(text)
	}
}
