package desk

import "github.com/spazio-in-comune/sportello/internal/town"

func errStale() *town.Error {
	return town.Errorf(town.Conflict, "Somebody else changed this in between. Read it again and repeat.", "Nel frattempo qualcun altro l'ha modificato. Rileggere e ripetere.").
		At("input", "expectedVersion")
}

func errState(state town.LegState) *town.Error {
	return town.Errorf(town.PreconditionFailed, "This cannot be done while the state is "+string(state)+".", "Operazione non possibile nello stato "+string(state)+".")
}

func errNotYours() *town.Error {
	return town.Errorf(town.NotAllowed, "This counter is another operator's.", "Questo sportello è di un altro operatore.")
}

func errSessionState(state town.SessionState) *town.Error {
	return town.Errorf(town.PreconditionFailed, "The counter is "+string(state)+".", "Lo stato dello sportello è "+string(state)+".")
}

func errBusy() *town.Error {
	return town.Errorf(town.PreconditionFailed, "Somebody is at this counter. Finish with them first.", "C'è una persona a questo sportello. Concludere prima con lei.")
}

func errOtherVisit() *town.Error {
	return town.Errorf(town.PreconditionFailed, "There is already an open number for this service.", "C'è già un numero aperto per questo servizio.")
}
