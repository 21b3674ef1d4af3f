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

// FineReduction is what a road fine costs so many days after its service:
// within 5 days 30% less than the minimum, within 60 the minimum, later half of
// the maximum, costs of service apart (C.d.S. artt. 202, 203).
func FineReduction(minimum, maximum decimal.Decimal, days int) decimal.Decimal {
	switch {
	case days <= 5:
		return Cents(percent(minimum, whole(70)))
	case days <= 60:
		return minimum
	default:
		return Cents(maximum.Div(whole(2)))
	}
}
