package alerts

import (
	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func missing(err error) error {
	if ent.IsNotFound(err) {
		return town.ErrNotFound()
	}
	return err
}

func errStale() *town.Error {
	return town.Errorf(town.Conflict, "Somebody else changed this in between. Read it again and repeat.",
		"Nel frattempo è stato modificato da altri. Rileggere e ripetere.").At("input", "expectedVersion")
}

func errNotNow() *town.Error {
	return town.Errorf(town.PreconditionFailed, "This cannot be done with the alert as it is now.",
		"Non è possibile con la segnalazione nello stato attuale.")
}

func errUntil() *town.Error {
	return town.Errorf(town.Invalid, "Give a moment within the next 90 days.", "Indicare un momento entro i prossimi 90 giorni.").At("input", "until")
}

func errHandOver() *town.Error {
	return town.Errorf(town.Invalid, "There is nobody of this id who may look after this alert.",
		"Non c'è nessuno con questo identificativo che possa occuparsi di questa segnalazione.").At("input", "personId")
}

func errLabel() *town.Error {
	return town.Errorf(town.Invalid, "Give a name of 1 to 120 characters.", "Indicare un nome da 1 a 120 caratteri.").At("input", "label")
}

func errMailbox() *town.Error {
	return town.Errorf(town.Invalid, "Give one mail address.", "Indicare un solo indirizzo e-mail.").At("input", "address")
}

func errNoMail() *town.Error {
	return town.Errorf(town.PreconditionFailed, "This house sends no mail.", "Questo servizio non invia e-mail.")
}

func errFilter() *town.Error {
	return town.Errorf(town.Invalid, "There is no such level or kind, or there are more than 100 values.",
		"Il livello o il tipo non esiste, oppure i valori sono più di 100.").At("input", "filter")
}

func errDisabled() *town.Error {
	return town.Errorf(town.PreconditionFailed, "Nothing is sent to this endpoint any more.", "A questo destinatario non si invia più nulla.")
}

func errNotDead() *town.Error {
	return town.Errorf(town.PreconditionFailed, "This message was sent, or is still being tried.", "Il messaggio è stato inviato o è ancora in corso di invio.")
}
