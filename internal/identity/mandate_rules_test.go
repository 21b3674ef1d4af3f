package identity

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/internal/town"
)

func TestRulesOfMandates(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	today := town.Today(now)
	own := mandateAsked{
		class: town.MandateDelegation, principal: "rossi", delegate: "verdi", services: []string{"anagrafe"},
		from: today, to: today.AddMonths(6),
	}
	law := mandateAsked{
		class: town.MandateGuardian, principal: "rossi", delegate: "verdi", byStaff: true, from: today,
		documents: []MandateDocument{{Label: "decreto di nomina", Reference: "12/2026"}},
	}
	with := func(m mandateAsked, change func(*mandateAsked)) mandateAsked { change(&m); return m }
	held := func(delegate string, from, to town.Date) standing {
		return standing{delegate, mandateAsked{from: from, to: to}.period(now)}
	}
	two := []standing{held("bianchi", today, today.AddMonths(1)), held("neri", today, today.AddMonths(3))}
	for name, test := range map[string]struct {
		asked  mandateAsked
		others []standing
		want   town.Code // empty: allowed
		field  string
	}{
		"a delegation":                 {own, nil, "", ""},
		"a guardian":                   {law, nil, "", ""},
		"a guardian since last year":   {with(law, func(m *mandateAsked) { m.from = today.AddMonths(-12) }), nil, "", ""},
		"a delegation shown at a desk": {with(own, func(m *mandateAsked) { m.byStaff, m.documents = true, law.documents }), nil, "", ""},
		"no such class":                {with(law, func(m *mandateAsked) { m.class = "FRIEND" }), nil, town.Invalid, "class"},
		"a citizen as a guardian":      {with(law, func(m *mandateAsked) { m.byStaff = false }), nil, town.NotAllowed, "class"},
		"for oneself":                  {with(own, func(m *mandateAsked) { m.delegate = "rossi" }), nil, town.Invalid, "delegateId"},
		"a delegation for everything":  {with(own, func(m *mandateAsked) { m.services = nil }), nil, town.Required, "services"},
		"a delegation without end":     {with(own, func(m *mandateAsked) { m.to = town.Date{} }), nil, town.Required, "to"},
		"two years":                    {with(own, func(m *mandateAsked) { m.to = today.AddMonths(24) }), nil, "", ""},
		"two years and a day":          {with(own, func(m *mandateAsked) { m.to = today.AddMonths(24).AddDays(1) }), nil, town.Invalid, "to"},
		"for today only":               {with(own, func(m *mandateAsked) { m.to = today }), nil, "", ""},
		"ended yesterday":              {with(law, func(m *mandateAsked) { m.from, m.to = today.AddDays(-9), today.AddDays(-1) }), nil, town.Invalid, "to"},
		"ends before it begins":        {with(own, func(m *mandateAsked) { m.from, m.to = today.AddDays(5), today.AddDays(4) }), nil, town.Invalid, "to"},
		"a delegation since yesterday": {with(own, func(m *mandateAsked) { m.from = today.AddDays(-1) }), nil, town.Invalid, "from"},
		"staff without a document":     {with(law, func(m *mandateAsked) { m.documents = nil }), nil, town.Required, "documents"},
		"a document without a name":    {with(law, func(m *mandateAsked) { m.documents = []MandateDocument{{Label: " "}} }), nil, town.Required, "documents"},
		"a document with a long reference": {with(law, func(m *mandateAsked) {
			m.documents = []MandateDocument{{Label: "x", Reference: strings.Repeat("è", 201)}}
		}), nil, town.Invalid, "documents"},
		"a document with a false hash":        {with(law, func(m *mandateAsked) { m.documents = []MandateDocument{{Label: "x", SHA256: "00"}} }), nil, town.Invalid, "documents"},
		"21 documents":                        {with(law, func(m *mandateAsked) { m.documents = make([]MandateDocument, 21) }), nil, town.Invalid, "documents"},
		"beside one other":                    {own, two[:1], "", ""},
		"a third person":                      {own, two, town.PreconditionFailed, "delegateId"},
		"one of the two, again":               {with(own, func(m *mandateAsked) { m.delegate = "neri" }), two, "", ""},
		"a third person once one has ended":   {with(own, func(m *mandateAsked) { m.from = today.AddMonths(2) }), two, "", ""},
		"a third person for a day of the two": {with(own, func(m *mandateAsked) { m.to = today }), two, town.PreconditionFailed, "delegateId"},
		"a third who is there when one begins": {own, []standing{
			held("bianchi", today.AddMonths(1), today.AddMonths(2)), held("neri", today.AddMonths(2), today.AddMonths(3)), held("gialli", today.AddMonths(2), today.AddMonths(4)),
		}, town.PreconditionFailed, "delegateId"},
		"a guardian beside two delegates": {law, two, "", ""},
	} {
		err := test.asked.check(now, test.others)
		if test.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if town.CodeOf(err) != test.want || !strings.HasSuffix(pathOf(err), test.field) {
			t.Errorf("%s: %v at %q, want %s at %q", name, err, pathOf(err), test.want, test.field)
		}
	}
}

func pathOf(err error) string {
	if e := (*town.Error)(nil); errors.As(err, &e) {
		return strings.Join(e.Path, ".")
	}
	return ""
}

// TestNeverThreeDelegates: whatever is asked in whatever order, no moment has more than
// two persons with delegations of one principal.
func TestNeverThreeDelegates(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	today := town.Today(now)
	rapid.Check(t, func(t *rapid.T) {
		var accepted []standing
		for range rapid.IntRange(1, 12).Draw(t, "requests") {
			from := today.AddDays(rapid.IntRange(0, 20).Draw(t, "from"))
			asked := mandateAsked{
				class: town.MandateDelegation, principal: "rossi", services: []string{"anagrafe"},
				delegate: rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(t, "delegate"),
				from:     from, to: from.AddDays(rapid.IntRange(0, 10).Draw(t, "days")),
			}
			if asked.check(now, accepted) == nil {
				accepted = append(accepted, standing{asked.delegate, asked.period(now)})
			}
		}
		for day := range 40 {
			at := today.AddDays(day).At(12, 0, town.Rome())
			holders := map[string]bool{}
			for _, s := range accepted {
				if s.has(at) {
					holders[s.delegate] = true
				}
			}
			if len(holders) > 2 {
				t.Fatalf("%d delegates on day %d", len(holders), day)
			}
		}
	})
}
