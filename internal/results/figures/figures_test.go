package figures_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/internal/results/figures"
	"github.com/spazio-in-comune/sportello/internal/results/tally"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// A Wednesday.
func wednesday() town.Date { return calc.Date{Year: 2026, Month: time.November, Day: 18} }

func key(day int, f tally.Figure, office, detail string, measure int) tally.Key {
	k := tally.Key{Day: wednesday().AddDays(day), Figure: f, OfficeID: office, ServiceID: "s-" + office, Level: town.LevelCounter, Detail: detail, Measure: measure}
	if f == tally.Filed || f == tally.Concluded || f == tally.ConclusionDays || f == tally.TermPassed {
		k.Level, k.PracticeID = 0, "p-"+office
	}
	return k
}

func counts() tally.Counts {
	return tally.Counts{
		key(-1, tally.Filed, "a", "", 0):                                     99, // before the span
		key(0, tally.Filed, "a", "", 0):                                      3,
		key(5, tally.Filed, "b", "", 0):                                      2,
		key(0, tally.Concluded, "a", "DEEMED_GRANTED", 0):                    1,
		key(0, tally.Concluded, "a", "WITHDRAWN", 0):                         1,
		key(0, tally.ConclusionDays, "a", tally.Kept, 10):                    2,
		key(5, tally.ConclusionDays, "a", tally.Late, 40):                    1,
		key(5, tally.ConclusionDays, "a", tally.NoTerm, 0):                   1,
		key(0, tally.TermPassed, "a", "granted", 0):                          1,
		key(0, tally.TermPassed, "a", "appealable", 0):                       1,
		key(0, tally.VisitOpened, "a", "", 0):                                9,
		key(0, tally.VisitClosed, "a", "SERVED", 2):                          3,
		key(0, tally.VisitClosed, "a", "INCOMPLETE_DOCS", 1):                 1,
		key(0, tally.GaveUp, "a", "NO_SHOW", 0):                              3,
		key(0, tally.GaveUp, "a", tally.Reinstated, 0):                       1,
		key(0, tally.Wait, "a", "P3", 60):                                    8,
		key(0, tally.Wait, "a", "P3", 600):                                   2,
		key(0, tally.Wait, "a", "P1", 15):                                    1,
		key(0, tally.Promise, "a", "P3/KEPT", 0):                             3,
		key(0, tally.Promise, "a", "P3/LATE", 0):                             1,
		key(0, tally.StepOpened, "a", "E1_HELP_POINT/DELAY", 0):              2,
		key(0, tally.StepAnswered, "a", "E1_HELP_POINT/DECISION_CHANGED", 4): 1,
		key(0, tally.StepEnded, "a", "E1_HELP_POINT/LAPSED", 0):              1,
		key(0, tally.Contact, "a", tally.OfStop, 0):                          8,
		key(0, tally.Word, "a", tally.OfStop, 1):                             1,
		key(0, tally.Word, "a", tally.OfPractice, 5):                         1,
		key(0, tally.WordCause, "a", "WAITING", 0):                           1,
		key(0, tally.WordChannel, "a", "KIOSK", 1):                           1,
	}
}

func share(f float64) *float64 { return &f }

func TestFiguresOfASpan(t *testing.T) {
	t.Parallel()
	set := figures.SetTerms{"p-a": {Amount: 30, Unit: "calendar_days"}}
	got, periods := figures.Over(counts(), wednesday(), wednesday().AddDays(6), "", figures.Choice{}, set)
	want := figures.Period{
		From: wednesday(), To: wednesday().AddDays(6),
		Practices: []figures.Practice{
			{OfficeCode: "a", ServiceCode: "s-a", PracticeCode: "p-a", Filed: 3, DeemedGranted: 1, Withdrawn: 1},
			{OfficeCode: "b", ServiceCode: "s-b", PracticeCode: "p-b", Filed: 2},
		},
		Visits: figures.Visits{Opened: 9, Closed: 4, SolvedAtOnce: 3, SolvedAtOnceShare: share(0.75), NoShows: 2},
		Waits: []figures.Waits{
			{OfficeCode: "a", ServiceCode: "s-a", Priority: "P1", Calls: 1, MedianSeconds: 15, P90Seconds: 15},
			{OfficeCode: "a", ServiceCode: "s-a", Priority: "P3", Calls: 10, MedianSeconds: 60, P90Seconds: 600, Promised: 4, WithinPromise: 3, WithinPromiseShare: share(0.75)},
		},
		Terms: []figures.Terms{{
			OfficeCode: "a", ServiceCode: "s-a", PracticeCode: "p-a", SetTerm: &figures.SetTerm{Amount: 30, Unit: "calendar_days"},
			Concluded: 4, InTime: 2, Late: 1, WithoutTerm: 1, AverageDays: share(15), MedianDays: share(10), InTimeShare: share(2.0 / 3),
			Passed: 1, Silences: 1,
		}},
		Escalations:  []figures.Steps{{Step: "E1_HELP_POINT", Level: 2, OfficeCode: "a", Opened: 2, Answered: 1, DecisionChanged: 1, Lapsed: 1, MedianDays: share(4)}},
		Overruled:    []figures.Overruled{{OfficeCode: "a", Answered: 1, DecisionChanged: 1}},
		Satisfaction: []figures.Satisfaction{{Level: 2, ServiceCode: "s-a", Given: 2, Scores: []int{1, 0, 0, 0, 1}, Mean: share(3), Contacts: 8, Rated: 1, Participation: share(0.125)}},
		Words:        []figures.Words{{By: figures.ByCause, Value: "WAITING", Given: 1}, {By: figures.ByChannel, Value: "KIOSK", Given: 1, Mean: share(1)}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(periods) != 0 {
		t.Errorf("%d periods that nobody asked for", len(periods))
	}
}

func TestASpanIsCut(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		by   figures.Step
		want []string
	}{
		{figures.Week, []string{"2026-11-18 2026-11-22", "2026-11-23 2026-11-29", "2026-11-30 2026-12-01"}},
		{figures.Day, []string{"2026-11-18 2026-11-18", "2026-11-19 2026-11-19"}},
	} {
		to := wednesday().AddDays(1)
		if tt.by == figures.Week {
			to = wednesday().AddDays(13)
		}
		_, periods := figures.Over(counts(), wednesday(), to, tt.by, figures.Choice{}, nil)
		var got []string
		for _, p := range periods {
			got = append(got, p.From.String()+" "+p.To.String())
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.by, diff)
		}
	}
}

// A level asked for takes the practices of the offices of that level along.
func TestChoice(t *testing.T) {
	t.Parallel()
	choice := figures.Choice{Level: town.LevelOffice, LevelOf: func(office string) town.Level {
		if office == "b" {
			return town.LevelOffice
		}
		return town.LevelCounter
	}}
	got, _ := figures.Over(counts(), wednesday(), wednesday().AddDays(6), "", choice, nil)
	if len(got.Practices) != 1 || got.Practices[0].OfficeCode != "b" || got.Visits.Opened != 0 {
		t.Errorf("%+v", got)
	}
}

// Days and weeks add up to the whole, and so do offices.
func TestPartsAddUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		c := tally.Counts{}
		for range rapid.IntRange(0, 60).Draw(rt, "counts") {
			k := key(rapid.IntRange(-2, 20).Draw(rt, "day"), rapid.SampledFrom([]tally.Figure{tally.VisitOpened, tally.Filed, tally.Wait}).Draw(rt, "figure"),
				rapid.SampledFrom([]string{"a", "b", "c"}).Draw(rt, "office"), "P3", rapid.IntRange(0, 4).Draw(rt, "measure")*tally.WaitStep)
			c[k] += int64(rapid.IntRange(1, 9).Draw(rt, "times"))
		}
		by := rapid.SampledFrom([]figures.Step{figures.Day, figures.Week}).Draw(rt, "by")
		sum := func(p figures.Period) (n [3]int) {
			n[0] = p.Visits.Opened
			for _, x := range p.Practices {
				n[1] += x.Filed
			}
			for _, x := range p.Waits {
				n[2] += x.Calls
			}
			return n
		}
		add := func(a, b [3]int) [3]int { return [3]int{a[0] + b[0], a[1] + b[1], a[2] + b[2]} }
		total, periods := figures.Over(c, wednesday(), wednesday().AddDays(17), by, figures.Choice{}, nil)
		var parts, offices [3]int
		for _, p := range periods {
			parts = add(parts, sum(p))
		}
		for _, office := range []string{"a", "b", "c"} {
			p, _ := figures.Over(c, wednesday(), wednesday().AddDays(17), by, figures.Choice{Office: office}, nil)
			offices = add(offices, sum(p))
		}
		if sum(total) != parts || sum(total) != offices {
			rt.Errorf("total %v, periods %v, offices %v", sum(total), parts, offices)
		}
	})
}
