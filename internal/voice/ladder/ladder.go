// Package ladder has the pure rules of the way from a dissatisfied citizen to
// Sindaco e Assessori: what a low score opens, the rungs, who holds them, until
// when, and one table of what may be done with a step.
//
// A step never decides a case: whoever holds one explains, mends, or passes on;
// the sector head amends through the case's own acts, and level 5 has none
// (art. 107 TUEL).
package ladder

import "github.com/spazio-in-comune/sportello/internal/town"

// Next is the rung above, and false above the last. No rung is left out.
func Next(s town.EscalationStep) (town.EscalationStep, bool) {
	switch s {
	case town.StepSignal:
		return town.StepHelpPoint, true
	case town.StepHelpPoint:
		return town.StepSectorHead, true
	case town.StepSectorHead:
		return town.StepMayor, true
	default:
		return "", false
	}
}

// Owner is the office that holds a step about an answer of the origin office. The
// information point and the Help Point have no head of their own: the head of the
// counter answers for them, so that no step is without somebody to answer it.
func Owner(s town.EscalationStep, origin string) string {
	switch s {
	case town.StepSectorHead:
		if origin == town.OfficeInfoPoint || origin == town.OfficeHelpPoint {
			return town.OfficeCounter
		}
		return origin
	case town.StepMayor:
		return town.OfficeMayor
	default:
		return town.OfficeHelpPoint
	}
}

// LowScore is the highest score that is a sign of dissatisfaction.
const LowScore = 2

// Opened is what a word of the citizen opens: nothing, an offer, or a step.
type Opened struct {
	Step  town.EscalationStep // empty: nothing
	State town.EscalationState
}

// AfterScore says what a score opens. A low one offers the Help Point to whoever
// can take the offer up; where nobody can, as on a tablet at the desk, the Help
// Point gets a signal. A low score of a step of the ladder opens nothing: that
// step itself can be passed up.
func AfterScore(score int, ofStep, reachable bool) Opened {
	switch {
	case score > LowScore || ofStep:
		return Opened{}
	case reachable:
		return Opened{town.StepHelpPoint, town.EscalationOffered}
	default:
		return Opened{town.StepSignal, town.EscalationOpen}
	}
}

// Raised is the step that somebody opens who asks for it: the Help Point, or a
// signal where no citizen is known who could be answered.
func Raised(citizenKnown bool) town.EscalationStep {
	if citizenKnown {
		return town.StepHelpPoint
	}
	return town.StepSignal
}

// MayAnswer reports whether a step may end with that outcome by an answer. Only the
// sector head can have changed a decision.
func MayAnswer(s town.EscalationStep, o town.EscalationOutcome) bool {
	switch o {
	case town.OutcomeExplained, town.OutcomeRemedied, town.OutcomeNotUpheld:
		return true
	case town.OutcomeDecisionChanged:
		return s == town.StepSectorHead
	default:
		return false
	}
}

// ClosesWhenAnswered reports whether the answer ends the step at once: nothing is
// above it, or nobody is known who could say that it does not satisfy.
func ClosesWhenAnswered(s town.EscalationStep) bool {
	return s == town.StepMayor || s == town.StepSignal
}
