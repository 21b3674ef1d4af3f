package rules_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/internal/desk/rules"
	"github.com/spazio-in-comune/sportello/internal/town"
)

var noon = time.Date(2026, 11, 23, 11, 0, 0, 0, time.UTC)

const ageCap = 45 * time.Minute

var policy = rules.Policy{Now: noon, AgeCap: ageCap}

// w is a waiter who has waited some minutes.
func w(label string, p town.Priority, minutes int) rules.Waiter {
	return rules.Waiter{LegID: "leg_" + label, Label: label, Priority: p, SeniorAt: noon.Add(-time.Duration(minutes) * time.Minute)}
}

func labels(ws []rules.Waiter) string {
	var all []string
	for _, w := range ws {
		all = append(all, w.Label)
	}
	return strings.Join(all, " ")
}

func TestOrder(t *testing.T) {
	tests := []struct {
		name    string
		waiters []rules.Waiter
		order   string
		rule    string
	}{
		{"nobody", nil, "", ""},
		{"one", []rules.Waiter{w("A001", town.P3, 5)}, "A001", rules.RuleSeniority},
		{"first come", []rules.Waiter{w("A002", town.P3, 5), w("A001", town.P3, 9)}, "A001 A002", rules.RuleSeniority},
		{"protected first", []rules.Waiter{w("A001", town.P3, 30), w("A002", town.P1, 1)}, "A002 A001", rules.RuleClass},
		{"classes", []rules.Waiter{w("A1", town.P3, 4), w("A2", town.P2, 3), w("A3", town.P1, 2), w("A4", town.P0, 1)}, "A4 A3 A2 A1", rules.RuleClass},
		{"aged before classes", []rules.Waiter{w("A001", town.P3, 46), w("A002", town.P1, 20)}, "A001 A002", rules.RuleAged},
		{"all aged: a plain line", []rules.Waiter{w("A003", town.P1, 46), w("A001", town.P3, 60), w("A002", town.P1, 50)}, "A001 A002 A003", rules.RuleAged},
		{"P0 before aged", []rules.Waiter{w("A001", town.P3, 90), w("A002", town.P0, 1)}, "A002 A001", rules.RuleClass},
		{"at the cap is not over it", []rules.Waiter{w("A001", town.P3, 45), w("A002", town.P1, 1)}, "A002 A001", rules.RuleClass},
		{"same moment by number", []rules.Waiter{w("A002", town.P3, 5), w("A001", town.P3, 5)}, "A001 A002", rules.RuleSeniority},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := policy.Choose(tt.waiters)
			if labels(got.Order) != tt.order || got.Rule != tt.rule {
				t.Errorf("got %q by %q, want %q by %q", labels(got.Order), got.Rule, tt.order, tt.rule)
			}
		})
	}
}

// A candidate taken by another counter leaves the choice that there would have
// been without it, with its own rule.
func TestWithout(t *testing.T) {
	choice := policy.Choose([]rules.Waiter{w("A001", town.P3, 46), w("A002", town.P1, 20), w("A003", town.P3, 30)})
	var got []string
	for ; len(choice.Order) > 0; choice = policy.Without(choice) {
		got = append(got, labels(choice.Order)+" by "+choice.Rule)
	}
	want := []string{"A001 A002 A003 by aged", "A002 A003 by class", "A003 by seniority"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCandidates(t *testing.T) {
	var many []rules.Waiter
	for i := range 30 {
		many = append(many, w(fmt.Sprintf("A%03d", i), town.P3, 60-i))
	}
	kept := policy.Candidates(policy.Choose(many))
	if len(kept) != rules.MaxCandidates {
		t.Fatalf("%d candidates kept", len(kept))
	}
	want := town.Candidate{LegID: "leg_A000", Label: "A000", Priority: town.P3, SeniorAt: many[0].SeniorAt, Aged: true, Rank: 1}
	if diff := cmp.Diff(want, kept[0]); diff != "" {
		t.Error(diff)
	}
	if kept[19].Aged || kept[19].Rank != 20 {
		t.Errorf("the last is %+v", kept[19])
	}
}

func TestAgeCapOn(t *testing.T) {
	day := func(y, m, d int) town.Date { return town.Date{Year: y, Month: time.Month(m), Day: d} }
	caps := []rules.AgeCap{{From: day(2027, 1, 1), Minutes: 30}, {From: day(2026, 1, 1), Minutes: 45}}
	tests := []struct {
		day  town.Date
		want time.Duration
	}{
		{day(2025, 12, 31), 0},
		{day(2026, 1, 1), 45 * time.Minute},
		{day(2026, 12, 31), 45 * time.Minute},
		{day(2027, 1, 1), 30 * time.Minute},
	}
	for _, tt := range tests {
		t.Run(tt.day.String(), func(t *testing.T) {
			if got := rules.AgeCapOn(caps, tt.day); got != tt.want {
				t.Errorf("got %v, want %v", got, tt.want)
			}
		})
	}
}

func waiterGen() *rapid.Generator[rules.Waiter] {
	return rapid.Custom(func(t *rapid.T) rules.Waiter {
		n := rapid.IntRange(1, 200).Draw(t, "n")
		return rules.Waiter{
			LegID: fmt.Sprintf("leg_%03d", rapid.IntRange(0, 999).Draw(t, "id")), Label: fmt.Sprintf("A%03d", n),
			Priority: rapid.SampledFrom([]town.Priority{town.P0, town.P1, town.P2, town.P3}).Draw(t, "class"),
			SeniorAt: noon.Add(-time.Duration(rapid.IntRange(0, 90).Draw(t, "waited")) * time.Minute),
		}
	})
}

// The order is total and does not depend on how the waiters were read.
func TestOrderIsTotal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ws := rapid.SliceOfNDistinct(waiterGen(), 1, 30, func(w rules.Waiter) string { return w.LegID }).Draw(t, "waiters")
		shuffled := rapid.Permutation(ws).Draw(t, "shuffled")
		if diff := cmp.Diff(policy.Choose(ws), policy.Choose(shuffled)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// Nobody is overtaken beyond the policy: by a later arrival of a lower or the same
// class never; once over the cap, only by P0 and by those who came before.
func TestNobodyIsOvertakenBeyondThePolicy(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ws := rapid.SliceOfNDistinct(waiterGen(), 2, 40, func(w rules.Waiter) string { return w.LegID }).Draw(t, "waiters")
		order := policy.Choose(ws).Order
		for i, first := range order {
			for _, second := range order[i+1:] {
				later := first.SeniorAt.After(second.SeniorAt)
				switch {
				case !later || first.Priority == town.P0 && second.Priority != town.P0:
				case policy.Aged(second):
					t.Fatalf("%+v, over the cap, was overtaken by %+v", second, first)
				case first.Priority >= second.Priority:
					t.Fatalf("%+v was overtaken by %+v, who came later with no better class", second, first)
				}
			}
		}
	})
}

// The first 20 by class and the first 20 by seniority hold the first 20 of the
// order: what the desk reads of a long line is enough.
func TestTwoShortReadingsAreEnough(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ws := rapid.SliceOfNDistinct(waiterGen(), 1, 120, func(w rules.Waiter) string { return w.LegID }).Draw(t, "waiters")
		const k = 3
		classes := rules.Policy{Now: noon}
		full := policy.Choose(ws)
		byClass := slices.Clone(ws)
		// In SQL P0 to P3 sort by name, without the age cap.
		classes.Sort(byClass)
		bySeniority := slices.Clone(ws)
		rules.Policy{Now: noon, AgeCap: 1}.Sort(bySeniority)
		everyoneAged := slices.DeleteFunc(bySeniority, func(w rules.Waiter) bool { return w.Priority == town.P0 })
		short := map[string]rules.Waiter{}
		for _, part := range [][]rules.Waiter{byClass, everyoneAged} {
			for _, w := range part[:min(k, len(part))] {
				short[w.LegID] = w
			}
		}
		var read []rules.Waiter
		for _, w := range short {
			read = append(read, w)
		}
		got := policy.Choose(read)
		n := min(k, len(ws))
		if diff := cmp.Diff(full.Order[:n], got.Order[:n]); diff != "" {
			t.Fatal(diff)
		}
	})
}

func TestExplain(t *testing.T) {
	tests := []struct {
		name, rule string
		waiting    int
		en, it     string
	}{
		{
			"over the age cap", rules.RuleAged, 7,
			"A012 was called first of the 7 waiting because its wait was over the longest that the rules allow.",
			"A012 è stato chiamato per primo tra i 7 in attesa perché la sua attesa superava il massimo previsto dalle regole.",
		},
		{
			"by class", rules.RuleClass, 2,
			"A012 was called first of the 2 waiting because its class has precedence.",
			"A012 è stato chiamato per primo tra i 2 in attesa perché la sua classe ha la precedenza.",
		},
		{
			"by arrival", rules.RuleSeniority, 2,
			"A012 was called in order of arrival: it was the first of the 2 waiting.",
			"A012 è stato chiamato secondo l'ordine di arrivo: era il primo dei 2 in attesa.",
		},
		{
			"alone", rules.RuleSeniority, 1,
			"A012 was called because nobody else was waiting.",
			"A012 è stato chiamato perché non c'era nessun altro in attesa.",
		},
		{
			"back from a pause", rules.RuleChosen, 0,
			"A012 was called back by its operator after a pause for a form or a paper; it had already been served in its turn.",
			"A012 è stato richiamato dall'operatore dopo una pausa per un modulo o un documento; era già stato servito al suo turno.",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			en, it := rules.Explain(tt.rule, "A012", tt.waiting)
			if en != tt.en || it != tt.it {
				t.Errorf("got\n%s\n%s\nwant\n%s\n%s", en, it, tt.en, tt.it)
			}
		})
	}
}
