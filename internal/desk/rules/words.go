package rules

import "github.com/spazio-in-comune/sportello/internal/town"

// StateWords name a state of a leg in English and Italian, as the hall says it.
func StateWords(state town.LegState) (en, it string) {
	switch state {
	case town.LegWaiting:
		return "waiting", "in attesa"
	case town.LegCalled:
		return "called and not yet being served", "chiamato e non ancora in servizio"
	case town.LegServing:
		return "being served", "in servizio"
	case town.LegParked:
		return "parked", "sospeso"
	case town.LegCompleted:
		return "completed", "concluso"
	case town.LegTransferred:
		return "transferred", "trasferito"
	case town.LegNoShow:
		return "a no-show", "non presentato"
	case town.LegLeft:
		return "gone", "andato via"
	case town.LegCancelled:
		return "cancelled", "annullato"
	case town.LegExpired:
		return "closed at the end of the day", "chiuso d'ufficio a fine giornata"
	default:
		return string(state), string(state)
	}
}

// SessionWords name a state of a counter in English and Italian.
func SessionWords(state town.SessionState) (en, it string) {
	switch state {
	case town.SessionOpen:
		return "open", "aperto"
	case town.SessionPaused:
		return "paused", "in pausa"
	case town.SessionClosed:
		return "closed", "chiuso"
	default:
		return string(state), string(state)
	}
}
