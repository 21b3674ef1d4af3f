// Package rules holds what a queue obeys, as pure functions of values and a
// moment: which state follows which, who is called next and why, how long one
// will wait. It knows no database and no API.
package rules

import "github.com/spazio-in-comune/sportello/internal/town"

// Action is what may be done with a leg.
type Action string

// The actions.
const (
	Call      Action = "call"
	Recall    Action = "recall"
	Start     Action = "start"
	Return    Action = "return"
	Park      Action = "park"
	Resume    Action = "resume"
	Complete  Action = "complete"
	Transfer  Action = "transfer"
	NoShow    Action = "no_show"
	Reinstate Action = "reinstate"
	Leave     Action = "leave"
	Cancel    Action = "cancel"
	Expire    Action = "expire"
)

// Transition is one line of the table: from a state, by an action, if the guards
// hold, to a state, told by an event.
type Transition struct {
	From   town.LegState
	Action Action
	To     town.LegState
	Guards []Guard
	Event  town.EventType
}

// Transitions is the one table of what may happen to a leg. What is not in it
// cannot be done.
func Transitions() []Transition {
	return []Transition{
		{town.LegWaiting, Call, town.LegCalled, []Guard{SessionOpen, SkillFits, SessionFree}, town.EventLegCalled},
		{town.LegWaiting, Leave, town.LegLeft, nil, town.EventLegLeft},
		{town.LegWaiting, Cancel, town.LegCancelled, []Guard{ReasonGiven}, town.EventLegCancelled},
		{town.LegWaiting, Expire, town.LegExpired, nil, town.EventLegExpired},

		{town.LegCalled, Recall, town.LegCalled, []Guard{SessionOpen, RecallGap}, town.EventLegRecalled},
		{town.LegCalled, Start, town.LegServing, nil, town.EventLegServing},
		{town.LegCalled, Return, town.LegWaiting, nil, town.EventLegReturned},
		{town.LegCalled, NoShow, town.LegNoShow, []Guard{CalledEnough}, town.EventLegNoShow},
		{town.LegCalled, Expire, town.LegExpired, nil, town.EventLegExpired},

		{town.LegServing, Park, town.LegParked, []Guard{ReasonGiven}, town.EventLegParked},
		{town.LegServing, Complete, town.LegCompleted, []Guard{OutcomeGiven}, town.EventLegCompleted},
		{town.LegServing, Transfer, town.LegTransferred, nil, town.EventLegTransferred},
		{town.LegServing, Expire, town.LegExpired, nil, town.EventLegExpired},

		{town.LegParked, Resume, town.LegCalled, []Guard{SessionOpen, SkillFits, SessionFree}, town.EventLegResumed},
		{town.LegParked, Expire, town.LegExpired, nil, town.EventLegExpired},

		{town.LegNoShow, Reinstate, town.LegWaiting, []Guard{WithinReinstatement}, town.EventLegReinstated},
	}
}

// Find gives the line for an action on a leg in that state.
func Find(from town.LegState, action Action) (Transition, bool) {
	for _, t := range Transitions() {
		if t.From == from && t.Action == action {
			return t, true
		}
	}
	return Transition{}, false
}

// StateAfter is the state in which a leg is once the event has happened; empty
// for events that do not move legs. Replaying the events of a leg by it gives
// its states again.
func StateAfter(event town.EventType) town.LegState {
	if event == town.EventLegQueued {
		return town.LegWaiting
	}
	for _, t := range Transitions() {
		if t.Event == event {
			return t.To
		}
	}
	return ""
}

// Open reports whether the leg still lives in that state: a visit is open while
// one of its legs is.
func Open(state town.LegState) bool {
	switch state {
	case town.LegWaiting, town.LegCalled, town.LegServing, town.LegParked:
		return true
	default:
		return false
	}
}

// OpenStates are the states in which a leg still lives.
func OpenStates() []town.LegState {
	return []town.LegState{town.LegWaiting, town.LegCalled, town.LegServing, town.LegParked}
}

// AtDesk reports whether a leg in that state keeps a counter session busy.
func AtDesk(state town.LegState) bool { return state == town.LegCalled || state == town.LegServing }
