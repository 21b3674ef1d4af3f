package tally

import "github.com/spazio-in-comune/sportello/internal/town"

// The figures of terms, by office, service and practice: what art. 2 c. 4-bis of L.
// 241/1990 asks administrations to measure and to publish, actual times of conclusion
// beside the terms set.
const (
	// ConclusionDays counts practices that the office concluded, or silence; the measure
	// is the days from filing to conclusion, the detail whether the term was kept: [Kept],
	// [Late], or [NoTerm]. What the applicant withdrew is not counted.
	ConclusionDays Figure = "conclusion_days"
	// TermPassed counts terms of conclusion that passed while the practice was open; the
	// detail is what that means: "none" where the office is late, else what silence says.
	TermPassed Figure = "term_passed"
)

// Whether a term was kept.
const (
	Kept   = "KEPT"
	Late   = "LATE"
	NoTerm = "NO_TERM"
)

// What the passing of a term decides. Whatever else it means, the office is late.
const (
	DeemedGranted = "granted"
	DeemedRefused = "refused"
)

func terms(e town.Event) []Key {
	var keys []Key
	if e.Type == town.EventClockExpired && e.Data[town.DataWholeTerm] == "true" && e.Data[town.DataWasOpen] == "true" {
		keys = append(keys, ofPractice(TermPassed, e, e.Data[town.DataEffect]))
	}
	if days, ok := number(e, town.DataConcludedDays); ok && e.Type != town.EventCaseWithdrawn {
		key := ofPractice(ConclusionDays, e, NoTerm)
		switch e.Data[town.DataTermKept] {
		case "true":
			key.Detail = Kept
		case "false":
			key.Detail = Late
		}
		key.Measure = days
		keys = append(keys, key)
	}
	return keys
}
