// Package figures makes of daily counts what the town hall wants to know of itself: every
// figure with its small counts, for those who answer for an office. What everybody may see
// is made by internal/results/weekly. It reads no database and no clock.
package figures

import "github.com/spazio-in-comune/sportello/internal/town"

// Period is what was counted from one day to another, both included. Its lists have a row
// for whatever was met, in the order of their codes.
type Period struct {
	From, To     town.Date
	Practices    []Practice
	Visits       Visits
	Waits        []Waits
	Terms        []Terms
	Escalations  []Steps
	Overruled    []Overruled
	Satisfaction []Satisfaction
	Words        []Words
}

// Practice is what was filed and how it ended.
type Practice struct {
	OfficeCode, ServiceCode, PracticeCode string

	Filed int
	// Granted, Partial and Refused were decided; DeemedGranted and DeemedRefused by
	// silence; OnTheSpot needed no decision.
	Granted, Partial, Refused, DeemedGranted, DeemedRefused, OnTheSpot, Withdrawn, Inadmissible int
}

// Visits are presences of people, by where they began or ended.
type Visits struct {
	Opened int
	// Closed ended after somebody was received; of them SolvedAtOnce need not come back,
	// and SolvedAtInfoPoint went no further than the information point.
	Closed, SolvedAtOnce, SolvedAtInfoPoint int
	// SolvedAtOnceShare is of those closed, from 0 to 1; nil if none was.
	SolvedAtOnceShare *float64
	// NoShows, Left, Cancelled and Expired are stops that ended unserved. Those that were
	// let wait again are taken from the no-shows.
	NoShows, Left, Cancelled, Expired int
}

// Waits are from joining a queue to the first call.
type Waits struct {
	OfficeCode, ServiceCode string
	Priority                town.Priority

	Calls int
	// MedianSeconds and P90Seconds are what half, and nine of ten, do not exceed, in steps
	// of 15 seconds.
	MedianSeconds, P90Seconds int
	// Promised had been told how long it would take; WithinPromise waited no longer.
	Promised, WithinPromise int
	// WithinPromiseShare is from 0 to 1; nil if nothing was promised.
	WithinPromiseShare *float64
}

// Terms are actual times of conclusion beside the terms set (art. 2 c. 4-bis L. 241/1990).
type Terms struct {
	OfficeCode, ServiceCode, PracticeCode string
	// SetTerm is the term of the practice as published now; nil where it has none.
	SetTerm *SetTerm

	Concluded, InTime, Late, WithoutTerm int
	// AverageDays and MedianDays are from filing to conclusion; nil if none was concluded.
	AverageDays, MedianDays *float64
	// InTimeShare is of those that had a term, from 0 to 1; nil if none had.
	InTimeShare *float64
	// Passed are terms that passed while the practice was open, and the office is late;
	// Silences those whose passing decided.
	Passed, Silences int
}

// SetTerm is a term of law or of the town.
type SetTerm struct {
	Amount int
	// Unit is calendar_days, working_days or months.
	Unit string
}

// Steps are those of the ladder about the answers of an office.
type Steps struct {
	Step  town.EscalationStep
	Level town.Level
	// OfficeCode is the office whose answer did not satisfy.
	OfficeCode string

	Offered, Opened, Answered                       int
	Explained, Remedied, DecisionChanged, NotUpheld int
	Accepted, PassedUp, Lapsed, Declined            int
	// MedianDays are from opening to answer; nil if none was answered.
	MedianDays *float64
}

// Overruled is how often what an office had decided was changed after an escalation. It
// names the office, never a person.
type Overruled struct {
	OfficeCode                          string
	Answered, DecisionChanged, Remedied int
}

// Satisfaction is what people said at a level about a service.
type Satisfaction struct {
	Level       town.Level
	ServiceCode string
	Given       int
	// Scores is how often each score from 1 to 5 was given.
	Scores []int
	Mean   *float64
	// Contacts could be rated, stops and steps; Rated of them were. Participation is the
	// share, from 0 to 1; nil if there was no contact.
	Contacts, Rated int
	Participation   *float64
}

// By is what words are told apart by.
type By string

// What words are told apart by.
const (
	ByCause   By = "CAUSE"
	ByPhase   By = "PHASE"
	ByChannel By = "CHANNEL"
	ByGivenBy By = "GIVEN_BY"
	ByOutcome By = "OUTCOME"
)

// Words are what people said, by one thing: why, in which phase, over which channel, how
// the word came in, and after which outcome.
type Words struct {
	By    By
	Value string
	Given int
	// Mean is the mean score; nil for causes, which are counted without it.
	Mean *float64
}
