package clocks_test

import (
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/clocks/clerk"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// The two terms of a building permit (DPR 380/2001 art. 20): 60 days of examination, then 30
// for the measure, each last day moving off a holiday by itself. The clerk counts the same.
func TestTwoTermsOneAfterTheOther(t *testing.T) {
	t.Parallel()
	examination, measure := days(60), days(30)
	for filed, want := range map[string][2]string{
		"2026-11-23": {"2027-01-22", "2027-02-22"}, // Sunday 21 February
		"2026-10-05": {"2026-12-04", "2027-01-04"}, // Sunday 3 January
		"2026-10-26": {"2026-12-28", "2027-01-27"}, // Christmas, Saint Stephen, Sunday: Monday 28 December
		"2027-08-05": {"2027-10-05", "2027-11-05"}, // Monday 4 October is a holiday since 2026; 4 November is the patron
	} {
		start := at(town.ClockStart, filed, "")
		first, err := clocks.Derive(examination, []clocks.Entry{start}, peschiera())
		if err != nil {
			t.Fatal(err)
		}
		second := clocks.Follow(measure, first.DueOn, peschiera())
		if first.DueOn.String() != want[0] || second.String() != want[1] {
			t.Errorf("filed on %s: until %s, then %s; want %v", filed, first.DueOn, second, want)
		}
		by := clerk.Due(measure, []clocks.Entry{{Effect: town.ClockStart, OnDay: clerk.Due(examination, []clocks.Entry{start}, peschiera())}}, peschiera())
		if by != second {
			t.Errorf("filed on %s: the clerk says %s, not %s", filed, by, second)
		}
	}
	if got := clocks.Follow(measure, town.Date{}, peschiera()); !got.IsZero() {
		t.Errorf("after an end that nobody can tell: %s", got)
	}
}

// What the law allows once it allows once in both parts of a term.
func TestSpentInTheFirstPart(t *testing.T) {
	t.Parallel()
	first := []clocks.Entry{at(town.ClockStart, "2026-11-23", ""), at(town.ClockSuspend, "2026-12-03", clocks.ArticleFacts)}
	for name, tt := range map[string]struct {
		next clocks.Entry
		says string
	}{
		"the same article":      {at(town.ClockSuspend, "2027-01-28", clocks.ArticleFacts), "allows only one suspension"},
		"another article":       {at(town.ClockSuspend, "2027-01-28", clocks.ArticleNotice), ""},
		"any number of times":   {at(town.ClockSuspend, "2027-01-28", clocks.ArticleIrregular), ""},
		"what is no suspension": {at(town.ClockResume, "2027-01-28", clocks.ArticleFacts), ""},
	} {
		err := clocks.Spent(tt.next, first)
		if tt.says == "" && err != nil || tt.says != "" && (err == nil || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%s: %v, want %q", name, err, tt.says)
		}
	}
}

func TestWhatFollowsIsTold(t *testing.T) {
	t.Parallel()
	label := sdk.Text{IT: "Permesso di costruire", EN: "Building permit"}
	due, err := calc.ParseDate("2027-02-22")
	if err != nil {
		t.Fatal(err)
	}
	service := sdk.ClockStarts()["service"]
	for want, got := range map[sdk.Text]sdk.Text{
		{IT: "Poi decorre il termine «Permesso di costruire», di 30 giorni, fino a lunedì 22 febbraio 2027.", EN: "Then the term “Building permit” runs, of 30 days, until Monday 22 February 2027."}: clocks.ExplainNext(label, days(30), due),
		{IT: "Poi decorre il termine «Permesso di costruire», di 30 giorni.", EN: "Then the term “Building permit” runs, of 30 days."}:                                                                clocks.ExplainNext(label, days(30), town.Date{}),
		{IT: "Si conta da: notifica dell'atto.", EN: "It counts from: service of the document."}:                                                                                                      clocks.ExplainEvent(clocks.EventKnown, service),
		{IT: "Inizia con: notifica dell'atto, quando l'ufficio ne registra il giorno.", EN: "It starts with: service of the document, once the office records the day."}:                              clocks.ExplainEvent(clocks.EventAwaited, service),
		{IT: "Inizia da sé con: notifica dell'atto.", EN: "It starts by itself with: service of the document."}:                                                                                       clocks.ExplainEvent(clocks.EventItself, service),
	} {
		if got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
}
