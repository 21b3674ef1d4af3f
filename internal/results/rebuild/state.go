// Package rebuild makes the state of things again out of the log of events: what a stop, a
// visit, a shift, a case, a step of the ladder and a word are now follows from the facts
// alone, in their order; the dates of a clock follow from its ledger and the facts of the
// house letting it pass. It reads no database, and not what time it is.
package rebuild

import (
	"maps"
	"strings"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// State is what things are, by projection and id, as short texts that are compared by value.
type State map[Thing]string

// Thing is one row of a projection.
type Thing struct {
	Projection string
	ID         string
}

// The projections of things.
const (
	Legs          = "legs"           // state, and the states of the intervals in their order
	Visits        = "visits"         // open or closed
	Sessions      = "sessions"       // state of a shift at a counter
	Cases         = "cases"          // phase
	FormerOffices = "former_offices" // that an office goes on reading a case
	Steps         = "steps"          // state, outcome and holder of a step of the ladder
	StepTerms     = "step_terms"     // last days of a step, and its next moment
	StepRatings   = "step_ratings"   // the citizen's rating of a step, 0 for none
	Reports       = "reports"        // step, office asked, last day and moment of the report
	Words         = "words"          // score
	Clocks        = "clocks"         // state, first and last day, next moment, end
	CaseTerms     = "case_terms"     // last day of a case, which is that of the clock that carries its term
)

// Whether a visit is over.
const (
	VisitOpen   = "open"
	VisitClosed = "closed"
)

// Groups are the first words of the types of the events that it is made of.
func Groups() []string {
	return []string{"visit", "leg", "counter", "case", "clock", "escalation", "feedback"}
}

// legStates are the states to which the events of a stop lead.
func legStates() map[town.EventType]town.LegState {
	return map[town.EventType]town.LegState{
		town.EventLegQueued: town.LegWaiting, town.EventLegCalled: town.LegCalled, town.EventLegReturned: town.LegWaiting,
		town.EventLegServing: town.LegServing, town.EventLegParked: town.LegParked, town.EventLegResumed: town.LegCalled,
		town.EventLegReinstated: town.LegWaiting, town.EventLegTransferred: town.LegTransferred, town.EventLegCompleted: town.LegCompleted,
		town.EventLegNoShow: town.LegNoShow, town.EventLegLeft: town.LegLeft, town.EventLegCancelled: town.LegCancelled, town.EventLegExpired: town.LegExpired,
	}
}

// Log rebuilds the state from events in their order.
type Log struct {
	State     State
	intervals map[string][]string
	passings  map[string][]passing // by case and kind of clock
	legs      map[town.EventType]town.LegState
	sessions  map[town.EventType]town.SessionState
}

// NewLog begins before the first event.
func NewLog() *Log {
	return &Log{State: State{}, intervals: map[string][]string{}, passings: map[string][]passing{}, legs: legStates(), sessions: map[town.EventType]town.SessionState{
		town.EventCounterOpened: town.SessionOpen, town.EventCounterPaused: town.SessionPaused,
		town.EventCounterResumed: town.SessionOpen, town.EventCounterClosed: town.SessionClosed,
	}}
}

// Copy is the log as it stands, which goes on without this one.
func (l *Log) Copy() *Log {
	return &Log{
		State: maps.Clone(l.State), intervals: maps.Clone(l.intervals), passings: maps.Clone(l.passings), legs: l.legs, sessions: l.sessions,
	}
}

// Apply takes the next event.
func (l *Log) Apply(e town.Event) {
	if to, ok := l.legs[e.Type]; ok {
		l.leg(e, to)
	}
	if to, ok := l.sessions[e.Type]; ok && e.Data["session"] != "" {
		l.State[Thing{Sessions, e.Data["session"]}] = string(to)
	}
	switch e.Type {
	case town.EventVisitOpened:
		l.State[Thing{Visits, e.VisitID}] = VisitOpen
	case town.EventVisitClosed:
		l.State[Thing{Visits, e.VisitID}] = VisitClosed
	case town.EventLegReinstated:
		l.State[Thing{Visits, e.VisitID}] = VisitOpen
	case town.EventCaseRegistered:
		l.State[Thing{Cases, e.CaseID}] = string(town.PhaseTriage)
	case town.EventCaseTransferred:
		if former := e.Data[town.DataFormerOffice]; former != "" {
			l.State[Thing{FormerOffices, former + " " + e.CaseID}] = "reads"
		}
	case town.EventFeedbackGiven:
		l.State[Thing{Words, e.FeedbackID}] = e.Data[town.DataScore]
	default:
	}
	if strings.HasPrefix(string(e.Type), "escalation.") {
		l.step(e)
	}
	l.clock(e)
	group, _, _ := strings.Cut(string(e.Type), ".")
	if phase := e.Data[town.DataPhase]; phase != "" && (group == "case" || group == "clock") {
		l.State[Thing{Cases, e.CaseID}] = phase
	}
}

// step takes an event about a step of the ladder. Older ones say nothing of last days,
// ratings and reports, and what nothing is said of is not compared.
func (l *Log) step(e town.Event) {
	if report := e.Data[town.DataReport]; report != "" {
		given := ""
		if e.Type == town.EventEscalationReport {
			given = Moment(e.At)
		}
		l.State[Thing{Reports, report}] = ReportText(e.EscalationID, e.Data[town.DataAskedOffice], e.Data[town.DataReportBy], given)
	}
	if beside(e.Type) || e.Data[town.DataState] == "" {
		return
	}
	l.State[Thing{Steps, e.EscalationID}] = StepText(e.Data[town.DataState], e.Data[town.DataOutcome], e.Data[town.DataOwnerOffice])
	if next, told := e.Data[town.DataNextAt]; told {
		l.State[Thing{StepTerms, e.EscalationID}] = StepTermsText(e.Data[town.DataAcknowledgeBy], e.Data[town.DataAnswerBy], next)
		l.State[Thing{StepRatings, e.EscalationID}] = e.Data[town.DataRating]
	}
}

// beside reports the facts that change no step: they are written beside whoever acts on it,
// so that the log may have them after a change which they had not seen.
func beside(fact town.EventType) bool {
	return fact == town.EventEscalationReport || fact == town.EventEscalationOpened
}

func (l *Log) leg(e town.Event, to town.LegState) {
	states := l.intervals[e.LegID]
	switch {
	case e.Type == town.EventLegReinstated: // the gap is an interval of its own
		states = append(states, string(town.LegNoShow), string(to))
	case Lives(to):
		states = append(states, string(to))
	}
	l.intervals[e.LegID] = states
	l.State[Thing{Legs, e.LegID}] = LegText(string(to), states)
}

// Lives reports whether a stop in that state is not over.
func Lives(s town.LegState) bool {
	return s == town.LegWaiting || s == town.LegCalled || s == town.LegServing || s == town.LegParked
}

// LegText is a stop as it is compared.
func LegText(state string, intervals []string) string {
	return state + " after " + strings.Join(intervals, ", ")
}

// StepText is a step of the ladder as it is compared.
func StepText(state, outcome, holder string) string { return state + " " + outcome + " at " + holder }

// StepTermsText is when a step is due, as it is compared.
func StepTermsText(acknowledgeBy, answerBy, next string) string {
	return "acknowledge by " + acknowledgeBy + ", answer by " + answerBy + ", next at " + next
}

// ReportText is a request for a report as it is compared, with the moment of the report.
func ReportText(step, office, by, given string) string {
	return "of " + step + " at " + office + " by " + by + ", given " + given
}

// Moment is a moment as it is compared; empty for none.
func Moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}
