package ladder

import (
	"fmt"
	"strings"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Standing is what a citizen is told of a step.
type Standing struct {
	Step    town.EscalationStep
	State   town.EscalationState
	Outcome town.EscalationOutcome
	// Office is the title of the office that holds it.
	Office sdk.Text
	// AcknowledgeBy and DueOn are the last useful days, zero where nothing is owed.
	AcknowledgeBy, DueOn town.Date
	// TakenOn, AnsweredOn and ClosedOn are zero before.
	TakenOn, AnsweredOn, ClosedOn town.Date
	// ReportsAwaited is how many offices have still to report to the holder.
	ReportsAwaited int
}

// Explain says in words that a citizen understands who has the step, until when, and
// what happens then.
func Explain(s Standing) sdk.Text {
	var it, en []string
	say := func(t sdk.Text) {
		it, en = append(it, t.IT), append(en, t.EN)
	}
	switch s.State {
	case town.EscalationOffered:
		say(text("Può chiedere aiuto a: %s, entro il %s. Dopo, la proposta decade.", "You may ask for help at: %s, by %s. After that the offer ends.", s.Office, Day(s.DueOn)))
	case town.EscalationOpen, town.EscalationAcknowledged, town.EscalationInReview:
		s.held(say)
	case town.EscalationAnswered:
		say(text("%s ha risposto il %s: %s.", "%s answered on %s: %s.", s.Office, Day(s.AnsweredOn), Ending(s.Outcome)))
		if next, ok := Next(s.Step); ok && s.ClosedOn.IsZero() {
			say(text("Può accettare la risposta, o andare oltre (%s), entro il %s; senza una sua parola la risposta si intende accettata.",
				"You may accept the answer, or go on (%s), by %s; without a word from you the answer counts as accepted.", Title(next), Day(s.DueOn)))
		}
	case town.EscalationAccepted:
		say(text("Conclusa il %s con la risposta di: %s (%s).", "It ended on %s with the answer of: %s (%s).", Day(s.ClosedOn), s.Office, Ending(s.Outcome)))
	case town.EscalationPassedUp:
		say(text("%s l'ha avuta fino al %s.", "%s had it until %s.", s.Office, Day(s.ClosedOn)))
		if next, ok := Next(s.Step); ok {
			say(text("È passata a: %s.", "It went on to: %s.", Title(next)))
		}
	case town.EscalationLapsed:
		say(text("%s non ha risposto entro il %s.", "%s did not answer by %s.", s.Office, Day(s.DueOn)))
		if next, ok := AfterLapse(s.Step); ok {
			say(text("La segnalazione è passata da sé a: %s.", "It went on by itself to: %s.", Title(next)))
		}
	default:
		say(text("La proposta di aiuto si è chiusa il %s senza essere accolta.", "The offer of help ended on %s without being taken up.", Day(s.ClosedOn)))
	}
	return sdk.Text{IT: strings.Join(it, " "), EN: strings.Join(en, " ")}
}

// held says who owes what.
func (s Standing) held(say func(sdk.Text)) {
	switch {
	case s.State == town.EscalationOpen && !s.AcknowledgeBy.IsZero():
		say(text("Ce l'ha: %s, che deve prenderla in carico entro il %s e rispondere entro il %s.",
			"It is with: %s, who must take it up by %s and answer by %s.", s.Office, Day(s.AcknowledgeBy), Day(s.DueOn)))
	case s.TakenOn.IsZero():
		say(text("Ce l'ha: %s, che deve rispondere entro il %s.", "It is with: %s, who must answer by %s.", s.Office, Day(s.DueOn)))
	default:
		say(text("L'ha presa in carico: %s, il %s. Deve rispondere entro il %s.", "It was taken up by: %s, on %s. The answer is due by %s.", s.Office, Day(s.TakenOn), Day(s.DueOn)))
	}
	switch s.Step {
	case town.StepSubstitute:
		say(sdk.Text{
			IT: "Conclude la pratica al posto dell'ufficio che ha lasciato passare il termine, in metà del tempo (" + ArticleSubstitute + ").",
			EN: "They conclude the case in the place of the office that let the term pass, in half of its time (" + ArticleSubstitute + ").",
		})
	case town.StepAccessReview:
		say(sdk.Text{
			IT: "Decide di nuovo sull'accesso negato (" + ArticleAccessReview + ").",
			EN: "They decide anew on the access that was refused (" + ArticleAccessReview + ").",
		})
	case town.StepMayor:
		say(sdk.Text{
			IT: "Il Sindaco e gli Assessori possono chiedere e indirizzare, non decidere la pratica (art. 107 TUEL).",
			EN: "The Mayor and the Assessori may ask and steer; they do not decide the case (art. 107 TUEL).",
		})
	}
	if s.ReportsAwaited > 0 {
		say(sdk.Text{IT: "Ha chiesto una relazione all'ufficio e la attende.", EN: "They have asked the office for a report and await it."})
	}
	if next, ok := AfterLapse(s.Step); ok {
		say(text("Se il termine passa senza risposta, va da sé a: %s.", "If the term passes without an answer, it goes on by itself to: %s.", Title(next)))
	}
}

// text fills the sentence of each language with its words.
func text(it, en string, words ...sdk.Text) sdk.Text {
	italian, english := make([]any, len(words)), make([]any, len(words))
	for i, w := range words {
		italian[i], english[i] = w.IT, w.EN
	}
	return sdk.Text{IT: fmt.Sprintf(it, italian...), EN: fmt.Sprintf(en, english...)}
}

// Title is a step as the town calls its holder.
func Title(s town.EscalationStep) sdk.Text {
	switch s {
	case town.StepSectorHead:
		return sdk.Text{IT: "responsabile di settore", EN: "the head of sector"}
	case town.StepMayor:
		return sdk.Text{IT: "Sindaco e Assessori", EN: "the Mayor and the Assessori"}
	case town.StepSubstitute:
		return sdk.Text{IT: "titolare del potere sostitutivo", EN: "the holder of the substitute power"}
	case town.StepAccessReview:
		return sdk.Text{IT: "responsabile della trasparenza", EN: "the officer for transparency"}
	default:
		return sdk.Text{IT: "Help Point", EN: "Help Point"}
	}
}

// Ending is an outcome in words.
func Ending(o town.EscalationOutcome) sdk.Text {
	switch o {
	case town.OutcomeExplained:
		return sdk.Text{IT: "la risposta è stata spiegata", EN: "the answer was explained"}
	case town.OutcomeRemedied:
		return sdk.Text{IT: "è stato posto rimedio", EN: "something was put right"}
	case town.OutcomeDecisionChanged:
		return sdk.Text{IT: "la decisione è stata cambiata", EN: "the decision was changed"}
	case town.OutcomeConcluded:
		return sdk.Text{IT: "la pratica è stata conclusa", EN: "the case was concluded"}
	case town.OutcomeUpheld:
		return sdk.Text{IT: "l'accesso va concesso", EN: "access is to be given"}
	case town.OutcomeNotUpheld:
		return sdk.Text{IT: "la risposta resta quella data", EN: "the answer stands"}
	default:
		return sdk.Text{IT: "passata oltre", EN: "passed on"}
	}
}

// Day is a day in words: 23/11/2026, 23 November 2026.
func Day(d town.Date) sdk.Text {
	if d.IsZero() {
		return sdk.Text{}
	}
	return sdk.Text{
		IT: fmt.Sprintf("%02d/%02d/%d", d.Day, int(d.Month), d.Year),
		EN: fmt.Sprintf("%d %s %d", d.Day, time.Month(d.Month), d.Year),
	}
}

// News is a fact about a step in the few words of a message.
func News(fact town.EventType) sdk.Text {
	switch fact {
	case town.EventEscalationTaken:
		return sdk.Text{IT: "La sua segnalazione è stata presa in carico", EN: "Your request was taken up"}
	case town.EventEscalationAnswer:
		return sdk.Text{IT: "C'è una risposta alla sua segnalazione", EN: "There is an answer to your request"}
	case town.EventEscalationClosed:
		return sdk.Text{IT: "Il termine della sua segnalazione è passato senza risposta", EN: "The term of your request has passed without an answer"}
	default:
		return sdk.Text{IT: "La sua segnalazione è arrivata a chi deve rispondere", EN: "Your request has reached whoever has to answer it"}
	}
}
