package desk

import (
	"github.com/spazio-in-comune/sportello/internal/desk/rules"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func errStale() *town.Error {
	return town.Errorf(town.Conflict, "Somebody else changed this in between. Read it again and repeat.", "Nel frattempo qualcun altro l'ha modificato. Rileggere e ripetere.").
		At("input", "expectedVersion")
}

func errState(state town.LegState) *town.Error {
	en, it := rules.StateWords(state)
	return town.Errorf(town.PreconditionFailed, "This cannot be done: the number is "+en+".", "Operazione non possibile: il numero è "+it+".")
}

func errNotYours() *town.Error {
	return town.Errorf(town.NotAllowed, "This counter is another operator's.", "Questo sportello è di un altro operatore.")
}

func errSessionState(state town.SessionState) *town.Error {
	en, it := rules.SessionWords(state)
	return town.Errorf(town.PreconditionFailed, "The counter is "+en+".", "Lo sportello è "+it+".")
}

func errBusy() *town.Error {
	return town.Errorf(town.PreconditionFailed, "Somebody is at this counter. Finish with them first.", "C'è una persona a questo sportello. Concludere prima con lei.")
}

func errOtherVisit() *town.Error {
	return town.Errorf(town.PreconditionFailed, "There is already an open number for this service.", "C'è già un numero aperto per questo servizio.")
}
