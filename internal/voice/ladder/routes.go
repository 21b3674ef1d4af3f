package ladder

import (
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// civicAccess is the practice whose refusal goes to the officer for transparency (D.Lgs.
// 33/2013 art. 5 c. 7).
const civicAccess = "accesso-civico"

// documentaryAccess are the requests whose refusal goes beyond the town (L. 241/1990 art. 25
// c. 4): building files are asked for in the same way.
func documentaryAccess() []string { return []string{"accesso-documentale", "accesso-atti-edilizi"} }

// Case is what the routes ask about a case.
type Case struct {
	Practice string
	Phase    town.Phase
	// Open reports that it waits for an act of the office.
	Open bool
	// TermPassed reports that its term of conclusion has passed; DueOn is that term's
	// last useful day, zero where there is none.
	TermPassed bool
	DueOn      town.Date
}

// MayOpen says why a step of the kind cannot be opened about a case, nil if it can; a
// contact without a case is nil here. A delay is remedied once the term of
// conclusion has passed with nothing decided; an access is reviewed once it was refused,
// in words or by silence, in whole or in part.
func MayOpen(kind town.EscalationKind, c *Case) error {
	switch kind {
	case town.KindDelay:
		return lateEnough(c)
	case town.KindAccess:
		return accessRefused(c)
	default:
		return nil
	}
}

func lateEnough(c *Case) error {
	switch {
	case c == nil:
		return town.Errorf(town.Invalid, "A delay is about a case. For a long wait give the reason WAITING.",
			"Il ritardo riguarda una pratica. Per una lunga attesa indicare il motivo WAITING.").At("input", "kind")
	case !c.Open:
		return town.Errorf(town.PreconditionFailed, "The case was concluded: there is no delay left to remedy.",
			"La pratica è conclusa: non c'è più un ritardo da rimediare.").At("input", "kind")
	case c.DueOn.IsZero():
		return town.Errorf(town.PreconditionFailed, "This case has no term that could pass.",
			"Questa pratica non ha un termine che possa scadere.").At("input", "kind")
	case !c.TermPassed:
		return town.Errorf(town.PreconditionFailed,
			fmt.Sprintf("The term has not passed yet: it ends on %s.", Day(c.DueOn).EN),
			fmt.Sprintf("Il termine non è ancora scaduto: scade il %s.", Day(c.DueOn).IT)).At("input", "kind")
	default:
		return nil
	}
}

func accessRefused(c *Case) error {
	refused := []town.Phase{town.PhaseDecidedRefused, town.PhaseDecidedPartial, town.PhaseDeemedRefused, town.PhaseInadmissible}
	switch {
	case c != nil && slices.Contains(documentaryAccess(), c.Practice):
		return town.Errorf(town.Invalid,
			"Refused access to documents goes before the regional ombudsman or the TAR, within 30 days (L. 241/1990 art. 25); the officer for transparency reviews civic access.",
			"Il diniego di accesso ai documenti va al difensore civico regionale o al TAR, entro 30 giorni (L. 241/1990 art. 25); il responsabile della trasparenza riesamina l'accesso civico.").At("input", "kind")
	case c == nil || c.Practice != civicAccess:
		return town.Errorf(town.Invalid, "This is about requests of civic access only.",
			"Riguarda solo le richieste di accesso civico.").At("input", "kind")
	case !slices.Contains(refused, c.Phase) && (!c.Open || !c.TermPassed):
		return town.Errorf(town.PreconditionFailed, "The access was not refused: a review is asked after a refusal, or once the term has passed in silence.",
			"L'accesso non è stato negato: il riesame si chiede dopo un rifiuto, o a termine scaduto nel silenzio.").At("input", "kind")
	default:
		return nil
	}
}

// OutsideBody is somebody beyond the town to whom a citizen may turn, as information.
type OutsideBody struct {
	Name sdk.Text
	// Term says until when, in words, and from which day that counts.
	Term sdk.Text
	// Source is the rule of law.
	Source string
}

// Outside are the bodies beyond the last answer, by what it was about. The ladder itself
// moves none of their terms.
func Outside(kind town.EscalationKind) []OutsideBody {
	court := OutsideBody{Name: sdk.Text{IT: "Tribunale amministrativo regionale (TAR)", EN: "Regional administrative court (TAR)"}}
	ombudsman := OutsideBody{
		Name:   sdk.Text{IT: "Difensore civico regionale", EN: "Regional ombudsman"},
		Term:   sdk.Text{IT: "gratuito, senza un termine fisso", EN: "free of charge, with no fixed term"},
		Source: "L. 127/1997 art. 16",
	}
	switch kind {
	case town.KindDelay:
		court.Source = "D.Lgs. 104/2010 art. 31 c. 2"
		court.Term = sdk.Text{
			IT: "contro il silenzio: finché dura il ritardo, entro un anno dalla scadenza del termine della pratica",
			EN: "against the silence: while the delay lasts, within one year from the end of the case's term",
		}
	case town.KindAccess:
		court.Source = "D.Lgs. 104/2010 art. 116"
		court.Term = sdk.Text{IT: "entro 30 giorni dalla risposta sull'accesso o dal silenzio", EN: "within 30 days from the answer on the access, or from the silence"}
		ombudsman.Source = "L. 241/1990 art. 25 c. 4; D.Lgs. 33/2013 art. 5 c. 8"
		ombudsman.Term = sdk.Text{IT: "gratuito, entro 30 giorni dal diniego", EN: "free of charge, within 30 days from the refusal"}
	default:
		court.Source = "D.Lgs. 104/2010 artt. 29 e 41"
		court.Term = sdk.Text{
			IT: "entro 60 giorni da quando si è saputo della decisione: questa segnalazione non sposta il termine",
			EN: "within 60 days from when you learned of the decision: these steps do not move that term",
		}
	}
	return []OutsideBody{ombudsman, court}
}
