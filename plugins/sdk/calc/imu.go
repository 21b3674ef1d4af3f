package calc

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// IMURules are the figures with which the taxable value is made (L. 160/2019
// art. 1 c. 745-746).
type IMURules struct {
	// Revaluation and LandRevaluation raise the cadastral income: 1.05 for
	// buildings, 1.25 for farm land.
	Revaluation, LandRevaluation decimal.Decimal
	// Multipliers are by cadastral category ("A/10") or by its letter ("A"); the
	// category counts before the letter. Farm land has the category "T".
	Multipliers map[string]decimal.Decimal
}

// ErrIMUCategory says that a category has no multiplier.
var ErrIMUCategory = errors.New("no multiplier for the cadastral category")

// Base is the taxable value of a building or of farm land from its cadastral
// income. Building land has none: its base is the market value on 1 January.
func (r IMURules) Base(category string, income decimal.Decimal) (decimal.Decimal, error) {
	multiplier, ok := r.Multipliers[category]
	if !ok {
		letter, _, _ := strings.Cut(category, "/")
		multiplier, ok = r.Multipliers[letter]
	}
	if !ok {
		return decimal.Decimal{}, fmt.Errorf("%w %q", ErrIMUCategory, category)
	}
	if category == FarmLand {
		return income.Mul(r.LandRevaluation).Mul(multiplier), nil
	}
	return income.Mul(r.Revaluation).Mul(multiplier), nil
}

// FarmLand is the category of farm land in [IMURules].
const FarmLand = "T"

// IMU is one property for one year.
type IMU struct {
	// Base is the taxable value, after any halving.
	Base decimal.Decimal
	// RatePercent and SharePercent are percentages: 1.06, 50.
	RatePercent, SharePercent decimal.Decimal
	// Months of possession, 0 to 12.
	Months int
	// TaxFactor lowers the tax, such as 0.75 for an agreed rent; zero means none.
	TaxFactor decimal.Decimal
	// Deduction is that of a main home for a whole year, already divided by its
	// owners.
	Deduction decimal.Decimal
}

// Due is the tax rounded to the whole euro, with its working.
func (p IMU) Due() (due decimal.Decimal, working string) {
	year := percent(percent(p.Base, p.RatePercent), p.SharePercent)
	steps := []string{fmt.Sprintf("%s × %s%% × %s%% = %s", p.Base.StringFixed(2), p.RatePercent, p.SharePercent, year.StringFixed(2))}
	tax := year
	if !p.TaxFactor.IsZero() {
		tax = tax.Mul(p.TaxFactor)
		steps = append(steps, fmt.Sprintf("× %s = %s", p.TaxFactor, tax.StringFixed(2)))
	}
	tax = tax.Mul(whole(p.Months)).Div(whole(12))
	if p.Months != 12 {
		steps = append(steps, fmt.Sprintf("× %d/12 = %s", p.Months, tax.StringFixed(2)))
	}
	if !p.Deduction.IsZero() {
		deduction := p.Deduction.Mul(whole(p.Months)).Div(whole(12))
		tax = decimal.Max(tax.Sub(deduction), decimal.Zero)
		steps = append(steps, fmt.Sprintf("− %s = %s", deduction.StringFixed(2), tax.StringFixed(2)))
	}
	due = Euro(tax)
	return due, strings.Join(steps, "; ") + " → " + due.StringFixed(2)
}

// PossessionMonths are the months of the year that count for who owns from one
// day until another, who may still own if until is zero. A month counts whole if
// more than half of its days are owned; the day of transfer belongs to the
// buyer, and so does a month of equal halves (L. 160/2019 art. 1 c. 761).
func PossessionMonths(year int, from, until Date) int {
	months := 0
	for m := time.January; m <= time.December; m++ {
		first := Date{year, m, 1}
		next := first.AddMonths(1)
		start, end := first, next
		if from.After(start) {
			start = from
		}
		if !until.IsZero() && until.Before(end) {
			end = until
		}
		owned, days := start.DaysUntil(end), first.DaysUntil(next)
		bought := from.Year == year && from.Month == m
		if 2*owned > days || 2*owned == days && bought {
			months++
		}
	}
	return months
}

// IMUDates are the last days of the two instalments: 16 June and 16 December, or
// the next working day. A payment of a citizen due on a Saturday moves too
// (D.L. 70/2011 art. 7 c. 2 lett. h).
func IMUDates(year int, calendar Calendar) (first, balance Date) {
	calendar.SaturdayOff = true
	return calendar.NextWorkingDay(Date{year, time.June, 16}), calendar.NextWorkingDay(Date{year, time.December, 16})
}
