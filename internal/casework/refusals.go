package casework

import (
	"fmt"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

func errStale() *town.Error {
	return town.Errorf(town.Conflict, "Somebody else changed this case in between. Read it again and repeat.", "Nel frattempo qualcun altro ha modificato la pratica. Rileggere e ripetere.").
		At("input", "expectedVersion")
}

func errNoPractice() *town.Error {
	return town.Errorf(town.Invalid, "There is no such practice type.", "Non esiste questo tipo di pratica.").At("input", "practice")
}

func errOldForm() *town.Error {
	return town.Errorf(town.Conflict, "The form has changed. Load it again and check the answers.", "Il modulo è cambiato. Ricaricarlo e ricontrollare le risposte.").
		At("input", "definitionHash")
}

func errNotOnline() *town.Error {
	return town.Errorf(town.PreconditionFailed, "This request cannot be filed online: please come to the counter.", "Questa richiesta non si può presentare online: rivolgersi allo sportello.").
		At("input", "practice")
}

// errLevel asks for a sign-in of a higher level; its detail says which.
func errLevel(level town.Assurance) *town.Error {
	en, it := "SPID or CIE of level 2", "SPID o CIE di livello 2"
	if level == town.AssuranceHigh {
		en, it = "CIE, or SPID of level 3", "CIE oppure SPID di livello 3"
	}
	e := town.Errorf(town.NotAllowed, "To file this request, sign in again with "+en+".",
		"Per presentare questa richiesta occorre accedere di nuovo con "+it+".").At("input", "practice")
	e.Detail = "assurance:" + string(level)
	return e
}

func errNotYours() *town.Error {
	return town.Errorf(town.NotAllowed,
		"You may file for yourself, or for a person whom you represent and the form names you as representative.",
		"Si può presentare per sé, oppure per la persona rappresentata se il modulo indica chi presenta come rappresentante.").
		At("input", "answers", "codice_fiscale")
}

func errOtherApplicant() *town.Error {
	return town.Errorf(town.Invalid, "The form describes another person.", "Il modulo descrive un'altra persona.").At("input", "applicantId")
}

func errNoLeg() *town.Error {
	return town.Errorf(town.Invalid, "There is no such stop of a visit.", "Non esiste questa tappa della visita.").At("input", "legId")
}

func errNoOverride() *town.Error {
	return town.Errorf(town.NotAllowed, "Your role does not allow going past a block.", "Il suo ruolo non consente di superare un blocco.").At("input", "overrideNote")
}

// errOtherForm sends a request to the practice that it really is.
func errOtherForm(o Offer) *town.Error {
	p := o.Practice.Definition()
	e := town.Errorf(town.Invalid,
		fmt.Sprintf("This request is a “%s”: file it with that form.", p.Title.EN),
		fmt.Sprintf("Questa richiesta è «%s»: va presentata con quel modulo.", p.Title.IT)).At("input", "practice")
	e.Detail = setPractice + "=" + p.ID
	return e
}

func errUnavailable(cause error) *town.Error {
	e := town.Errorf(town.PluginUnavailable,
		"This service cannot review the request at the moment.",
		"Questo servizio al momento non può esaminare la richiesta.")
	e.Cause = cause
	return e
}

func errRequired(field, en, it string) *town.Error {
	return town.Errorf(town.Required, en, it).At("input", field)
}

// fieldProblems gives the problems of a form the place in the input.
func fieldProblems(problems []sdk.Problem) town.Problems {
	var list town.Problems
	for _, p := range problems {
		e := town.Errorf(town.FieldProblem, p.Message.EN, p.Message.IT)
		e.Detail = p.Code
		e.Path = []string{"input", "answers"}
		if p.Path != "" {
			e.Path = append(e.Path, p.Path)
		}
		list = append(list, e)
	}
	return list
}
