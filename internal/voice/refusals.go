package voice

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// The bounds of what people write, in characters.
const (
	maxComment = 2000
	maxText    = 4000
)

func errOneOf(names ...string) *town.Error {
	list := strings.Join(names, ", ")
	return town.Errorf(town.Invalid, "Give exactly one of "+list+".", "Indicare uno solo tra "+list+".").At("input")
}

func errTooLong(field string, limit int) *town.Error {
	return town.Errorf(town.Invalid, fmt.Sprintf("At most %d characters.", limit), fmt.Sprintf("Al massimo %d caratteri.", limit)).At("input", field)
}

func errRequired(field, en, it string) *town.Error {
	return town.Errorf(town.Required, en, it).At("input", field)
}

func errScale(field string) *town.Error {
	return town.Errorf(town.Invalid, "From 1 to 5.", "Da 1 a 5.").At("input", field)
}

func errNoSuch(field string) *town.Error {
	return town.Errorf(town.Invalid, "There is no such value.", "Il valore non esiste.").At("input", field)
}

func errRated() *town.Error {
	return town.Errorf(town.PreconditionFailed, "This contact was rated already.", "Questo contatto è già stato valutato.")
}

func errNotOver() *town.Error {
	return town.Errorf(town.PreconditionFailed, "This can be rated once it has ended.", "La valutazione è possibile a contatto concluso.")
}

func errNotOwn() *town.Error {
	return town.Errorf(town.NotAllowed, "Only the person concerned can rate a contact.", "Può valutare solo la persona interessata.")
}

func errAlreadyOpen() *town.Error {
	return town.Errorf(town.PreconditionFailed,
		"A step of this kind is open already: follow that one.",
		"C'è già una segnalazione aperta di questo tipo: seguire quella.")
}

func errStale() *town.Error {
	return town.Errorf(town.Conflict, "Somebody else changed this step in between. Read it again and repeat.",
		"Nel frattempo qualcun altro ha modificato la segnalazione. Rileggere e ripetere.").At("input", "expectedVersion")
}

func errRatedStep() *town.Error {
	return town.Errorf(town.PreconditionFailed, "This step was rated already.", "Questo gradino è già stato valutato.")
}

func errNoAct() *town.Error {
	return town.Errorf(town.PreconditionFailed,
		"Nothing was decided on the case since this step was opened: decide it first, with the acts of the case.",
		"Dall'apertura della segnalazione nulla è stato deciso sulla pratica: prima va decisa, con gli atti della pratica.").At("input", "outcome")
}

func errReported() *town.Error {
	return town.Errorf(town.PreconditionFailed, "The office has reported already.", "L'ufficio ha già risposto alla richiesta di relazione.")
}

func errOutcome() *town.Error {
	return town.Errorf(town.Invalid, "A step at this level cannot be answered with this outcome.",
		"A questo livello non si può rispondere con questo esito.").At("input", "outcome")
}

// checkText refuses words that are missing or too long.
func checkText(field, text string, limit int) error {
	if strings.TrimSpace(text) == "" {
		return errRequired(field, "Please say it in a few words.", "Spiegare in poche parole.")
	}
	return checkLength(field, text, limit)
}

func checkLength(field, text string, limit int) error {
	if utf8.RuneCountInString(text) > limit {
		return errTooLong(field, limit)
	}
	return nil
}

// given is what an optional field holds; the zero value if nothing.
func given[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}

// count is how many of the optional ids are given.
func count(ids ...*string) int {
	n := 0
	for _, id := range ids {
		if id != nil {
			n++
		}
	}
	return n
}
