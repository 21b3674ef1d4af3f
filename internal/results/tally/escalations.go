package tally

import (
	"strings"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// The figures of the ladder, by the office whose answer did not satisfy, its service, and
// the level that answers.
const (
	// StepOffered counts offers after a low score; the detail is the step and the kind.
	StepOffered Figure = "step_offered"
	// StepOpened counts steps that were asked for, offers that were taken up among them,
	// or passed up; the detail is the step and the kind.
	StepOpened Figure = "step_opened"
	// StepAnswered counts answers; the detail is the step and the outcome, the measure the
	// days from opening to answer.
	StepAnswered Figure = "step_answered"
	// StepEnded counts how steps ended but by the last answer, that of level 5; the detail is
	// the step and the state.
	StepEnded Figure = "step_ended"
)

// StepDetail is the detail of a figure of the ladder.
func StepDetail(step town.EscalationStep, what string) string { return string(step) + "/" + what }

// ParseStepDetail takes apart what [StepDetail] made.
func ParseStepDetail(detail string) (step town.EscalationStep, what string) {
	first, what, _ := strings.Cut(detail, "/")
	return town.EscalationStep(first), what
}

func escalations(e town.Event) []Key {
	step := town.EscalationStep(e.Data[town.DataStep])
	of := func(f Figure, what string) Key { return about(f, e, StepDetail(step, e.Data[what])) }
	switch e.Type {
	case town.EventEscalationOffer:
		return []Key{of(StepOffered, town.DataKind)}
	case town.EventEscalationRaised:
		return []Key{of(StepOpened, town.DataKind)}
	case town.EventEscalationAnswer:
		key := of(StepAnswered, town.DataOutcome)
		key.Measure, _ = number(e, town.DataDays)
		return []Key{key}
	case town.EventEscalationClosed, town.EventEscalationPassed:
		return []Key{of(StepEnded, town.DataState)}
	default:
		return nil
	}
}
