package signin

import (
	_ "embed" // the page
	"encoding/json"
	"net/http"
)

//go:embed page.html
var pageText string

// words are said to a person in both languages.
type words struct{ IT, EN string }

func tooLate() words {
	return words{
		"Questo accesso non è più valido: è scaduto, è già stato usato o è iniziato in un altro browser. Accedere di nuovo.",
		"This sign-in is no longer valid: it has expired, was used already, or was begun in another browser. Sign in again.",
	}
}

func cancelled() words {
	return words{
		"L'accesso è stato annullato, o il gestore dell'identità non lo ha consentito.",
		"The sign-in was cancelled, or the identity provider did not allow it.",
	}
}

func tooLow() words {
	return words{
		"Il livello di sicurezza dell'accesso è più basso di quello richiesto. Accedere di nuovo con SPID o CIE del livello richiesto.",
		"The sign-in has a lower level of assurance than was asked. Sign in again with SPID or CIE of the level asked.",
	}
}

func badTaxCode() words {
	return words{
		"Il codice fiscale comunicato dal gestore dell'identità non è valido. Rivolgersi allo sportello.",
		"The tax code that the identity provider gives is not valid. Please come to the counter.",
	}
}

func notRight() words {
	return words{
		"La risposta del gestore dell'identità non è valida: non è stato effettuato alcun accesso. Riprovare.",
		"The answer of the identity provider is not valid: nobody was signed in. Please try again.",
	}
}

func unavailable() words {
	return words{
		"In questo momento non è possibile accedere. Riprovare tra poco.",
		"Signing in is not possible right now. Please try again shortly.",
	}
}

func noSuchLevel() words {
	return words{"Il livello richiesto non esiste: L1, L2 o L3.", "There is no such level: L1, L2 or L3."}
}

func tooMany() words {
	return words{"Troppi accessi da questo indirizzo. Riprovare tra un minuto.", "Too many sign-ins from this address. Try again in a minute."}
}

// show tells a person what happened.
func (h *handler) show(w http.ResponseWriter, status int, said words) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "60")
	}
	w.WriteHeader(status)
	_ = h.page.Execute(w, said) // the browser may have gone
}

func answer(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may have gone
}
