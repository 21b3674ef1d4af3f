package clocks_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/clocks/clerk"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

func TestAgainstDayByDayModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		calendar := peschiera()
		calendar.SaturdayOff = rapid.Bool().Draw(t, "five days")
		unit := rapid.SampledFrom([]calc.Unit{calc.CalendarDays, calc.WorkingDays}).Draw(t, "unit")
		amount := rapid.IntRange(1, 120).Draw(t, "amount")
		clock := clocks.Clock{Amount: amount, Unit: unit, National: rapid.Bool().Draw(t, "another body works")}
		begin := day("2026-01-01").AddDays(rapid.IntRange(0, 1500).Draw(t, "start"))
		ledger := []clocks.Entry{{Effect: town.ClockStart, OnDay: begin}}
		for range rapid.IntRange(0, 4).Draw(t, "entries") {
			d, err := clocks.Derive(clock, ledger, calendar)
			if err != nil {
				t.Fatalf("derive %v: %v", ledger, err)
			}
			ledger = append(ledger, drawEntry(t, d, ledger))
			if _, err := clocks.Derive(clock, ledger, calendar); err != nil {
				ledger = ledger[:len(ledger)-1] // what the law refuses is not recorded
			}
		}
		got, err := clocks.Derive(clock, shuffled(t, ledger), calendar)
		if err != nil {
			t.Fatalf("derive %v: %v", ledger, err)
		}
		if got.State == town.ClockSuspended && got.ResumesOn.IsZero() {
			if !got.DueOn.IsZero() {
				t.Fatalf("an open suspension is due on %s", got.DueOn)
			}
			return
		}
		if want := clerk.Due(clock, ledger, calendar); got.DueOn != want {
			t.Fatalf("%d %s, ledger %v: due on %s, the clerk says %s", amount, unit, ledger, got.DueOn, want)
		}
	})
}

// drawEntry makes an entry on a day of its own, after all others.
func drawEntry(t *rapid.T, d clocks.Derived, ledger []clocks.Entry) clocks.Entry {
	last := ledger[len(ledger)-1].OnDay
	e := clocks.Entry{OnDay: last.AddDays(rapid.IntRange(1, 40).Draw(t, "later"))}
	if d.State == town.ClockSuspended {
		e.Effect = rapid.SampledFrom([]town.ClockEffect{town.ClockResume, town.ClockRestart, town.ClockShiftStart}).Draw(t, "answer")
		if ledger[len(ledger)-1].Article == clocks.ArticleNotice && rapid.Bool().Draw(t, "observations") {
			e.Effect, e.Article = town.ClockSuspend, clocks.ArticleNotice
			e.OnDay = last.AddDays(rapid.IntRange(1, clocks.WindowDays+3).Draw(t, "in the window"))
		}
		return e
	}
	e.Effect = rapid.SampledFrom([]town.ClockEffect{town.ClockSuspend, town.ClockRestart, town.ClockShiftStart, town.ClockExtend}).Draw(t, "effect")
	switch e.Effect {
	case town.ClockSuspend:
		e.Article = rapid.SampledFrom([]string{"", clocks.ArticleFacts, clocks.ArticleNotice, clocks.ArticleIrregular, clocks.ArticleIncomplete, clocks.ArticleInterruption}).Draw(t, "article")
	case town.ClockExtend:
		e.Days = rapid.IntRange(1, 30).Draw(t, "extension")
	}
	return e
}

// shuffled records the entries in another order: the order of recording must
// not matter.
func shuffled(t *rapid.T, ledger []clocks.Entry) []clocks.Entry {
	return rapid.Permutation(slices.Clone(ledger)).Draw(t, "recorded as")
}
