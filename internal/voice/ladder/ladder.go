// Package ladder has the pure rules of the way from a dissatisfied citizen to
// Sindaco e Assessori, and of the two routes beside it that the law gives: the
// substitute power after a delay, and the review of a refused access. What a low score
// opens, the rungs, who holds them, until when, and one table of what may be done with a
// step.
//
// A step never decides a case: whoever holds one explains, mends, or passes on;
// the sector head and the holder of the substitute power decide through the case's own
// acts, and level 5 has none (art. 107 TUEL).
package ladder

import "github.com/spazio-in-comune/sportello/internal/town"

// Next is the rung above, to which a step may be passed up, and false above the last.
// No rung is left out. The routes of law have none: they end with their answer.
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

// AfterLapse is the step that opens by itself when the term of a step passes without an
// answer, and false after the last. A route of law whose term passes is brought before
// the Mayor, who can ask and steer.
func AfterLapse(s town.EscalationStep) (town.EscalationStep, bool) {
	if IsRoute(s) {
		return town.StepMayor, true
	}
	return Next(s)
}

// IsRoute reports whether the step is a remedy of law beside the ladder.
func IsRoute(s town.EscalationStep) bool {
	return s == town.StepSubstitute || s == town.StepAccessReview
}

// Rank orders the steps of one story, from the first.
func Rank(s town.EscalationStep) int {
	switch s {
	case town.StepSignal:
		return 0
	case town.StepHelpPoint, town.StepSubstitute, town.StepAccessReview:
		return 1
	case town.StepSectorHead:
		return 2
	default:
		return 3
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
	case town.StepSubstitute:
		return town.OfficeSecretary
	case town.StepAccessReview:
		return town.OfficeRPCT
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

// Raised is the step that somebody opens who asks for it: the remedy of law for a delay
// or a refused access; else the Help Point, or a signal where no citizen is known who
// could be answered.
func Raised(kind town.EscalationKind, citizenKnown bool) town.EscalationStep {
	switch {
	case kind == town.KindDelay:
		return town.StepSubstitute
	case kind == town.KindAccess:
		return town.StepAccessReview
	case citizenKnown:
		return town.StepHelpPoint
	default:
		return town.StepSignal
	}
}

// MayAnswer reports whether a step may end with that outcome by an answer. Only the
// sector head can have changed a decision, only the holder of the substitute power have
// concluded a case, and only the reviewer of a refused access uphold the request.
func MayAnswer(s town.EscalationStep, o town.EscalationOutcome) bool {
	switch o {
	case town.OutcomeNotUpheld:
		return true
	case town.OutcomeExplained, town.OutcomeRemedied:
		return !IsRoute(s)
	case town.OutcomeDecisionChanged:
		return s == town.StepSectorHead
	case town.OutcomeConcluded:
		return s == town.StepSubstitute
	case town.OutcomeUpheld:
		return s == town.StepAccessReview
	default:
		return false
	}
}

// NeedsAct reports whether the outcome says that something was decided on the case: it
// cannot be claimed without an act of the case since the step was opened.
func NeedsAct(o town.EscalationOutcome) bool {
	return o == town.OutcomeDecisionChanged || o == town.OutcomeConcluded
}

// ClosesWhenAnswered reports whether the answer ends the step at once: nothing is
// above it, or nobody is known who could say that it does not satisfy.
func ClosesWhenAnswered(s town.EscalationStep) bool {
	return s == town.StepMayor || s == town.StepSignal || IsRoute(s)
}
