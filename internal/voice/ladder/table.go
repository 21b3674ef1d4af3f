package ladder

import (
	"slices"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Action is what may be done with a step.
type Action string

// The actions. An offer is taken up by raising it, and a term passes by itself; the
// others are the API's.
const (
	Acknowledge Action = "ACKNOWLEDGE"
	Answer      Action = "ANSWER"
	PassUp      Action = "PASS_UP"
	Accept      Action = "ACCEPT"
	Decline     Action = "DECLINE"
	TakeUp      Action = "TAKE_UP"
	Lapse       Action = "LAPSE"
	AskReport   Action = "ASK_REPORT"
	Guide       Action = "GIVE_GUIDANCE"
	Rate        Action = "RATE"
)

// Who stands towards a step as what.
type Who string

// The citizen whom the step is about, whoever may answer it, and the house itself
// when a term passes.
const (
	Citizen Who = "citizen"
	Holder  Who = "holder"
	House   Who = "house"
)

// Facts are what the table asks about a step and a person.
type Facts struct {
	Step  town.EscalationStep
	State town.EscalationState
	// Is is what the person is towards the step; it may be several, or none.
	Is []Who
	// Unrateable reports that there is nothing to rate: nobody answered, or it was rated.
	Unrateable bool
}

// rule is one line of the table.
type rule struct {
	action Action
	from   []town.EscalationState
	by     Who
	to     town.EscalationState // empty: as it is
	// only is the one step of which the line holds; empty for all.
	only town.EscalationStep
}

// held are the states in which the holder owes an answer.
func held() []town.EscalationState {
	return []town.EscalationState{town.EscalationOpen, town.EscalationAcknowledged, town.EscalationInReview}
}

// table is all that can happen to a step.
func table() []rule {
	offered := []town.EscalationState{town.EscalationOffered}
	answered := []town.EscalationState{town.EscalationAnswered}
	served := []town.EscalationState{town.EscalationAnswered, town.EscalationAccepted, town.EscalationPassedUp}
	return []rule{
		{action: TakeUp, from: offered, by: Citizen, to: town.EscalationOpen},
		{action: Decline, from: offered, by: Citizen, to: town.EscalationDeclined},
		{action: Acknowledge, from: []town.EscalationState{town.EscalationOpen}, by: Holder, to: town.EscalationAcknowledged},
		{action: Answer, from: held(), by: Holder, to: town.EscalationAnswered},
		{action: PassUp, from: held(), by: Holder, to: town.EscalationPassedUp},
		{action: PassUp, from: answered, by: Citizen, to: town.EscalationPassedUp},
		{action: Accept, from: answered, by: Citizen, to: town.EscalationAccepted},
		{action: AskReport, from: held(), by: Holder},
		// Mayor and Assessori steer; they never decide (art. 107 TUEL).
		{action: Guide, from: held(), by: Holder, only: town.StepMayor},
		{action: Rate, from: served, by: Citizen},
		// What the passing of a term means: an offer that nobody took up is declined,
		// an answer that nobody objected to is accepted, a step without an answer
		// lapses and the next one opens.
		{action: Lapse, from: offered, by: House, to: town.EscalationDeclined},
		{action: Lapse, from: answered, by: House, to: town.EscalationAccepted},
		{action: Lapse, from: held(), by: House, to: town.EscalationLapsed},
	}
}

// Try gives the state after the action. The error is NOT_ALLOWED if the person
// never may, PRECONDITION_FAILED if not in this state.
func Try(a Action, f Facts) (town.EscalationState, error) {
	mine := false
	for _, r := range table() {
		if r.action != a || !slices.Contains(f.Is, r.by) || r.only != "" && r.only != f.Step {
			continue
		}
		mine = true
		if !slices.Contains(r.from, f.State) || a == Rate && f.Unrateable {
			continue
		}
		if a == PassUp {
			if _, ok := Next(f.Step); !ok {
				return "", errLast(f.Step)
			}
		}
		if r.to == "" {
			return f.State, nil
		}
		return landing(f.Step, r.to), nil
	}
	if !mine {
		return "", errNotYours()
	}
	return "", errWrongState(f.State)
}

// landing is the state in which a step arrives: a sector head, or the holder of a remedy
// of law, who takes a step is reviewing it.
func landing(s town.EscalationStep, to town.EscalationState) town.EscalationState {
	if (s == town.StepSectorHead || IsRoute(s)) && to == town.EscalationAcknowledged {
		return town.EscalationInReview
	}
	return to
}

// Outcome is how a step ended that came to the state without an answer, and what
// it was answered with otherwise.
func Outcome(to town.EscalationState, before town.EscalationOutcome) town.EscalationOutcome {
	switch {
	case before != "":
		return before
	case to == town.EscalationPassedUp:
		return town.OutcomePassedUp
	case to == town.EscalationLapsed:
		return town.OutcomeLapsed
	case to == town.EscalationDeclined:
		return town.OutcomeDeclined
	default:
		return ""
	}
}

// Ended reports states after which nothing is owed to anybody.
func Ended(s town.EscalationState) bool {
	switch s {
	case town.EscalationAccepted, town.EscalationPassedUp, town.EscalationLapsed, town.EscalationDeclined:
		return true
	default:
		return false
	}
}

// Available is an action with whether it may be taken now, and why not.
type Available struct {
	Action  Action
	Label   sdk.Text
	Allowed bool
	// Reason is why not; nil when allowed.
	Reason *sdk.Text
}

// AvailableActions are the actions of the API on a step, in a fixed order.
func AvailableActions(f Facts) []Available {
	all := []Available{
		{Action: Acknowledge, Label: sdk.Text{IT: "Prendi in carico", EN: "Acknowledge"}},
		{Action: Answer, Label: sdk.Text{IT: "Rispondi", EN: "Answer"}},
		{Action: PassUp, Label: sdk.Text{IT: "Passa al gradino superiore", EN: "Pass up"}},
		{Action: Accept, Label: sdk.Text{IT: "Accetta la risposta", EN: "Accept the answer"}},
		{Action: Decline, Label: sdk.Text{IT: "Rinuncia", EN: "Decline"}},
		{Action: AskReport, Label: sdk.Text{IT: "Chiedi una relazione", EN: "Ask for a report"}},
		{Action: Guide, Label: sdk.Text{IT: "Dai un indirizzo", EN: "Give guidance"}},
		{Action: Rate, Label: sdk.Text{IT: "Valuta", EN: "Rate"}},
	}
	for i := range all {
		_, err := Try(all[i].Action, f)
		all[i].Allowed = err == nil
		all[i].Reason = words(err)
	}
	return all
}
