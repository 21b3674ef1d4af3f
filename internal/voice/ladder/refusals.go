package ladder

import (
	"errors"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

func errNotYours() *town.Error {
	return town.Errorf(town.NotAllowed, "This is for somebody else to do.", "Questa azione spetta ad altri.")
}

func errWrongState(s town.EscalationState) *town.Error {
	e := town.Errorf(town.PreconditionFailed, "This cannot be done at this point of the step.", "Questa azione non è possibile in questa fase.")
	e.Detail = string(s)
	return e
}

func errLast(s town.EscalationStep) *town.Error {
	if IsRoute(s) {
		return town.Errorf(town.PreconditionFailed,
			"This remedy of law ends with its own answer. Beyond it are the regional ombudsman and the administrative court.",
			"Questo rimedio di legge si chiude con la propria risposta. Oltre ci sono il difensore civico regionale e il TAR.")
	}
	return town.Errorf(town.PreconditionFailed,
		"Sindaco e Assessori are the last step. Beyond it are the regional ombudsman and the administrative court.",
		"Sindaco e Assessori sono l'ultimo gradino. Oltre ci sono il difensore civico regionale e il TAR.")
}

// words are what an error says to a person.
func words(err error) *sdk.Text {
	var e *town.Error
	if !errors.As(err, &e) {
		return nil
	}
	return &sdk.Text{IT: e.MessageIT, EN: e.Message}
}
