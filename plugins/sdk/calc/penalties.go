package calc

import "github.com/shopspring/decimal"

// ResidencePenaltyRules are the terms and the amounts for a late declaration of
// residence (L. 213/2023 art. 1 c. 242).
type ResidencePenaltyRules struct {
	// TermDays to declare, and MildDays of lateness with the reduced penalty.
	TermDays, MildDays int
	// Minimum and Maximum of the penalty.
	Minimum, Maximum decimal.Decimal
}

// ResidencePenalty is what a declaration made today costs, and the days of
// lateness: 1/10 of the minimum within MildDays of lateness, 1/3 of the maximum
// later, nothing in time. Lateness counts from the last useful day of the term.
func ResidencePenalty(rules ResidencePenaltyRules, calendar Calendar, moved, today Date) (penalty decimal.Decimal, late int) {
	last := calendar.LastUsefulDay(moved, rules.TermDays, CalendarDays)
	late = max(last.DaysUntil(today), 0)
	switch {
	case late == 0:
		return decimal.Zero, 0
	case late <= rules.MildDays:
		return Cents(rules.Minimum.Div(whole(10))), late
	default:
		return Cents(rules.Maximum.Div(whole(3))), late
	}
}

// FineRules are the terms of payment of a road fine (C.d.S. artt. 202, 203).
type FineRules struct {
	// EarlyDays from the service of the fine with EarlyDiscount percent off the
	// minimum, and TermDays with the minimum.
	EarlyDays, TermDays int
	EarlyDiscount       decimal.Decimal
	// LateShare of the maximum, percent, is due after the term.
	LateShare decimal.Decimal
}

// Early reports whether the discount still holds today. Its term, like that of
// Late, runs to its last useful day.
func (r FineRules) Early(calendar Calendar, served, today Date) bool {
	return !today.After(calendar.LastUsefulDay(served, r.EarlyDays, CalendarDays))
}

// Late reports whether the minimum is no longer enough today.
func (r FineRules) Late(calendar Calendar, served, today Date) bool {
	return today.After(calendar.LastUsefulDay(served, r.TermDays, CalendarDays))
}

// EarlyAmount is the minimum less the discount.
func (r FineRules) EarlyAmount(minimum decimal.Decimal) decimal.Decimal {
	return Cents(minimum.Sub(percent(minimum, r.EarlyDiscount)))
}

// LateAmount is the share of the maximum, costs of service apart.
func (r FineRules) LateAmount(maximum decimal.Decimal) decimal.Decimal {
	return Cents(percent(maximum, r.LateShare))
}
