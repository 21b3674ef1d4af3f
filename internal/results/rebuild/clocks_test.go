package rebuild_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/results/rebuild"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

func day(d int) town.Date { return town.Date{Year: 2026, Month: time.March, Day: 1}.AddDays(d - 1) }

func noon(d int) time.Time { return day(d).At(12, 0, town.Rome()).UTC() }

// after is the midnight after a day.
func after(d int) time.Time { return clocks.Passed(day(d)) }

// The dates of a term of 30 days that starts on Monday 2 March follow from its ledger and
// from what the house did of its own accord. Its last day is 1 April.
func TestDatesOfClocks(t *testing.T) {
	t.Parallel()
	line := func(effect town.ClockEffect, on, recorded int, days int, article string) rebuild.Line {
		return rebuild.Line{Entry: clocks.Entry{Effect: effect, OnDay: day(on), Days: days, Article: article}, RecordedAt: noon(recorded)}
	}
	start := line(town.ClockStart, 2, 2, 0, "")
	expired := func(at time.Time) town.Event {
		return town.Event{Type: town.EventClockExpired, CaseID: "c", At: at, Data: map[string]string{town.DataClock: "conclusion"}}
	}
	resumed := func(at time.Time) town.Event {
		return town.Event{Type: town.EventClockResumed, CaseID: "c", At: at, Data: map[string]string{town.DataClock: "conclusion"}}
	}
	facts := line(town.ClockSuspend, 12, 12, 10, clocks.ArticleFacts)
	for name, test := range map[string]struct {
		ledger []rebuild.Line
		events []town.Event
		want   rebuild.Dates
	}{
		"not begun": {want: rebuild.Dates{State: town.ClockPending}},
		"running": {
			ledger: []rebuild.Line{start},
			want:   rebuild.Dates{State: town.ClockRunning, StartedOn: day(2), DueOn: day(32), NextAt: after(32)},
		},
		"passed": {
			ledger: []rebuild.Line{start}, events: []town.Event{expired(after(32))},
			want: rebuild.Dates{State: town.ClockExpired, StartedOn: day(2), DueOn: day(32), NextAt: after(32)},
		},
		"suspended": {
			ledger: []rebuild.Line{start, facts},
			want:   rebuild.Dates{State: town.ClockSuspended, StartedOn: day(2), DueOn: day(42), NextAt: after(22)},
		},
		"it went on by itself": {
			ledger: []rebuild.Line{start, facts}, events: []town.Event{resumed(after(22))},
			want: rebuild.Dates{State: town.ClockRunning, StartedOn: day(2), DueOn: day(42), NextAt: after(42)},
		},
		"decided in time": {
			ledger: []rebuild.Line{start, line(town.ClockStop, 20, 20, 0, "")},
			want:   rebuild.Dates{State: town.ClockStopped, StartedOn: day(2), DueOn: day(32), EndedAt: noon(20), NextAt: after(32)},
		},
		"decided late: it stays passed": {
			ledger: []rebuild.Line{start, line(town.ClockStop, 40, 40, 0, "")}, events: []town.Event{expired(after(32))},
			want: rebuild.Dates{State: town.ClockExpired, StartedOn: day(2), DueOn: day(32), EndedAt: noon(40), NextAt: after(32)},
		},
		"a request of before, recorded late: it runs again": {
			ledger: []rebuild.Line{start, line(town.ClockSuspend, 12, 33, 10, clocks.ArticleFacts), line(town.ClockResume, 22, 34, 0, clocks.ArticleFacts)},
			events: []town.Event{expired(after(32))},
			want:   rebuild.Dates{State: town.ClockRunning, StartedOn: day(2), DueOn: day(42), NextAt: after(42)},
		},
		"it passed at the moment of an act: the passing came first": {
			ledger: []rebuild.Line{start, {Entry: clocks.Entry{Effect: town.ClockStop, OnDay: day(33)}, RecordedAt: after(32)}},
			events: []town.Event{expired(after(32))},
			want:   rebuild.Dates{State: town.ClockExpired, StartedOn: day(2), DueOn: day(32), EndedAt: after(32), NextAt: after(32)},
		},
		"of another clock": {
			ledger: []rebuild.Line{start},
			events: []town.Event{{Type: town.EventClockExpired, CaseID: "c", At: after(32), Data: map[string]string{town.DataClock: "checks"}}},
			want:   rebuild.Dates{State: town.ClockRunning, StartedOn: day(2), DueOn: day(32), NextAt: after(32)},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := rebuild.NewLog()
			for _, e := range test.events {
				log.Apply(e)
			}
			term := rebuild.Term{CaseID: "c", Kind: "conclusion", Clock: clocks.Clock{Amount: 30, Unit: calc.CalendarDays}, Ledger: test.ledger}
			got, err := log.Dates(term, calc.Calendar{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want.String(), got.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestALedgerThatTheLawForbidsIsFound(t *testing.T) {
	t.Parallel()
	stop := rebuild.Line{Entry: clocks.Entry{Effect: town.ClockStop, OnDay: day(3)}, RecordedAt: noon(3)}
	term := rebuild.Term{CaseID: "c", Kind: "conclusion", Clock: clocks.Clock{Amount: 30, Unit: calc.CalendarDays}, Ledger: []rebuild.Line{stop, stop}}
	if got, err := rebuild.NewLog().Dates(term, calc.Calendar{}); err == nil {
		t.Errorf("stopped twice: %s", got)
	}
}

func TestTheClockThatCarriesTheTerm(t *testing.T) {
	t.Parallel()
	ended := func(due, at int) rebuild.Carrier {
		return rebuild.Carrier{Term: rebuild.Term{Kind: "conclusion"}, Dates: rebuild.Dates{DueOn: day(due), EndedAt: noon(at)}}
	}
	runs := func(due int) rebuild.Carrier {
		return rebuild.Carrier{Term: rebuild.Term{Kind: "conclusion"}, Dates: rebuild.Dates{StartedOn: day(1), DueOn: day(due)}}
	}
	second := func(d rebuild.Dates) rebuild.Carrier {
		return rebuild.Carrier{
			Term:  rebuild.Term{Kind: "permit", Follows: "conclusion", Clock: clocks.Clock{Amount: 10, Unit: calc.CalendarDays}},
			Dates: d,
		}
	}
	for name, test := range map[string]struct {
		all  []rebuild.Carrier
		want town.Date
	}{
		"none":                        {},
		"the one that is":             {[]rebuild.Carrier{ended(9, 3), runs(20)}, day(20)},
		"the last to end":             {[]rebuild.Carrier{ended(9, 3), ended(12, 5), ended(30, 4)}, day(12)},
		"one that has not":            {[]rebuild.Carrier{{}, ended(12, 5)}, town.Date{}},
		"two parts, the second waits": {[]rebuild.Carrier{runs(9), second(rebuild.Dates{})}, day(19)},
		"two parts, the second runs":  {[]rebuild.Carrier{runs(9), second(rebuild.Dates{StartedOn: day(5), DueOn: day(15)})}, day(15)},
		"two parts, nobody can tell":  {[]rebuild.Carrier{{Term: rebuild.Term{Kind: "conclusion"}}, second(rebuild.Dates{})}, town.Date{}},
	} {
		if got := rebuild.Carrying(test.all, calc.Calendar{}); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
	for term, want := range map[[2]string]bool{
		{"conclusion", ""}: true, {"substitute", ""}: true, {"self_review_2", ""}: true, {"permit", "conclusion"}: true,
		{"checks", ""}: false, {"validity", "posting"}: false,
	} {
		if rebuild.CarriesTerm(rebuild.Term{Kind: term[0], Follows: term[1], StartsFrom: "birth"}) {
			t.Errorf("%s of the parents", term)
		}
		if rebuild.CarriesTerm(rebuild.Term{Kind: term[0], Follows: term[1]}) != want {
			t.Errorf("%s: %v", term, !want)
		}
	}
}
