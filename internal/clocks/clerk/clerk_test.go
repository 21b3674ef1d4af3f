package clerk_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/clocks/clerk"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

func day(t testing.TB, text string) town.Date {
	t.Helper()
	d, err := calc.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func calendar() calc.Calendar {
	return calc.Calendar{Fixed: []calc.MonthDay{"01-01", "01-06", "04-25", "05-01", "06-02", "08-15", "11-01", "12-08", "12-25", "12-26"}, EasterMonday: true}
}

// By hand, on a wall calendar.
func TestDueByHand(t *testing.T) {
	t.Parallel()
	start := clocks.Entry{Effect: town.ClockStart, OnDay: day(t, "2026-11-23")} // a Monday
	for name, test := range map[string]struct {
		term   clocks.Clock
		ledger []clocks.Entry
		want   string
	}{
		"30 days":            {clocks.Clock{Amount: 30, Unit: calc.CalendarDays}, []clocks.Entry{start}, "2026-12-23"},
		"33 days, Christmas": {clocks.Clock{Amount: 33, Unit: calc.CalendarDays}, []clocks.Entry{start}, "2026-12-28"},
		"2 working days":     {clocks.Clock{Amount: 2, Unit: calc.WorkingDays}, []clocks.Entry{start}, "2026-11-25"},
		"1 month":            {clocks.Clock{Amount: 1, Unit: calc.Months}, []clocks.Entry{start}, "2026-12-23"},
		"suspended 10 days after 5": {clocks.Clock{Amount: 30, Unit: calc.CalendarDays}, []clocks.Entry{
			start, {Effect: town.ClockSuspend, OnDay: day(t, "2026-11-28"), Days: 10, Article: clocks.ArticleFacts},
		}, "2027-01-02"},
		"notice of refusal, its window ends on a Sunday": {clocks.Clock{Amount: 30, Unit: calc.CalendarDays}, []clocks.Entry{
			start, {Effect: town.ClockSuspend, OnDay: day(t, "2026-12-03"), Days: 10, Article: clocks.ArticleNotice},
		}, "2027-01-04"},
		"until somebody acts": {clocks.Clock{Amount: 30, Unit: calc.CalendarDays}, []clocks.Entry{
			start, {Effect: town.ClockSuspend, OnDay: day(t, "2026-11-28")},
		}, ""},
		"begun anew": {clocks.Clock{Amount: 30, Unit: calc.CalendarDays}, []clocks.Entry{
			start, {Effect: town.ClockRestart, OnDay: day(t, "2026-12-01")},
		}, "2026-12-31"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := clerk.Due(test.term, test.ledger, calendar())
			if got.IsZero() != (test.want == "") || !got.IsZero() && got.String() != test.want {
				t.Errorf("due on %s, want %s", got, test.want)
			}
		})
	}
}

func TestDueAgainstTheEngine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		term := clocks.Clock{
			Amount: rapid.IntRange(0, 90).Draw(t, "amount"), Wait: rapid.Bool().Draw(t, "wait"),
			Unit: rapid.SampledFrom([]calc.Unit{calc.CalendarDays, calc.WorkingDays, calc.Months}).Draw(t, "unit"),
		}
		if term.Unit == calc.Months {
			term.Amount %= 25
		}
		begin := calc.Date{Year: 2026, Month: 1, Day: 1}.AddDays(rapid.IntRange(0, 1000).Draw(t, "begin"))
		ledger := []clocks.Entry{{Effect: town.ClockStart, OnDay: begin}}
		for range rapid.IntRange(0, 5).Draw(t, "entries") {
			e := clocks.Entry{
				OnDay:   ledger[len(ledger)-1].OnDay.AddDays(rapid.IntRange(0, 30).Draw(t, "later")),
				Effect:  rapid.SampledFrom([]town.ClockEffect{town.ClockSuspend, town.ClockResume, town.ClockRestart, town.ClockShiftStart, town.ClockExtend}).Draw(t, "effect"),
				Article: rapid.SampledFrom([]string{"", clocks.ArticleFacts, clocks.ArticleNotice, clocks.ArticleThirdParties}).Draw(t, "article"),
			}
			if e.Effect == town.ClockExtend {
				e.Days = rapid.IntRange(1, 40).Draw(t, "days")
			}
			if _, err := clocks.Derive(term, append(ledger, e), calendar()); err == nil { // what the law refuses is not recorded
				ledger = append(ledger, e)
			}
		}
		derived, err := clocks.Derive(term, ledger, calendar())
		if err != nil {
			t.Fatal(err)
		}
		if got := clerk.Due(term, ledger, calendar()); got != derived.DueOn {
			t.Fatalf("%d %s (wait %t), %v: the clerk says %s, the engine %s", term.Amount, term.Unit, term.Wait, ledger, got, derived.DueOn)
		}
	})
}
