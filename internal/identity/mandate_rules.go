package identity

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// The rules of mandates: pure, on what is asked and what there is.

// The bounds of a mandate.
const (
	// maxDelegates is how many persons may hold delegations of one principal at a time:
	// the national system of delegations (art. 64-ter CAD) allows two.
	maxDelegates = 2
	// maxMonths is how long a delegation may last at most.
	maxMonths    = 24
	maxDocuments = 20
	maxServices  = 100
	// maxReference bounds what is said of a document, in characters.
	maxReference = 200
)

// sha256Hex is the shape of a SHA-256 in hexadecimal digits.
var sha256Hex = regexp.MustCompile(`^[0-9a-f]{64}$`)

// mandateAsked is a mandate that somebody wants to enter.
type mandateAsked struct {
	class               town.MandateClass
	principal, delegate string
	// byStaff: it was shown at a desk; else the principal gives it.
	byStaff  bool
	services []string
	// from is the first day, to the last; a zero to is no end.
	from, to  town.Date
	documents []MandateDocument
}

// period is when a mandate is in force; a zero end is none.
type period struct{ from, to time.Time }

// standing is a delegation of the same principal that has not ended.
type standing struct {
	delegate string
	period
}

// begins is the first moment of the mandate: of today's, now.
func (m mandateAsked) period(now time.Time) period {
	p := period{from: m.from.At(0, 0, town.Rome()).UTC()}
	if m.from == town.Today(now) {
		p.from = now
	}
	if !m.to.IsZero() {
		p.to = clocks.Passed(m.to)
	}
	return p
}

// check refuses what the rules do not allow: who may be named by whom, for what, on
// which papers, from when until when, and beside how many others.
func (m mandateAsked) check(now time.Time, others []standing) error {
	for _, rule := range []func(time.Time) *town.Error{m.checkPeople, m.checkServices, m.checkDocuments, m.checkDates} {
		if err := rule(now); err != nil {
			return err
		}
	}
	if m.class == town.MandateDelegation && tooMany(m.delegate, m.period(now), others) {
		return town.Errorf(town.PreconditionFailed, "There are delegations to two persons already: end one first.",
			"Ci sono già deleghe a due persone: revocarne prima una.").At("input", "delegateId")
	}
	return nil
}

func (m mandateAsked) checkPeople(time.Time) *town.Error {
	switch {
	case !slices.Contains(town.MandateClasses(), m.class):
		return town.Errorf(town.Invalid, "There is no such class of mandates.", "Il tipo di delega non esiste.").At("input", "class")
	case !m.byStaff && m.class != town.MandateDelegation:
		return town.Errorf(town.NotAllowed, "Mandates of law are entered at a desk, on their documents.",
			"Gli incarichi di legge si registrano allo sportello, con i documenti.").At("input", "class")
	case m.principal == m.delegate:
		return town.Errorf(town.Invalid, "Nobody is their own delegate.", "Nessuno è delegato di sé stesso.").At("input", "delegateId")
	}
	return nil
}

func (m mandateAsked) checkServices(time.Time) *town.Error {
	switch {
	case m.class == town.MandateDelegation && len(m.services) == 0:
		return town.Errorf(town.Required, "A delegation names its services.", "La delega indica i servizi.").At("input", "services")
	case len(m.services) > maxServices:
		return town.Errorf(town.Invalid, "Too many services.", "Troppi servizi.").At("input", "services")
	}
	return nil
}

func (m mandateAsked) checkDocuments(time.Time) *town.Error {
	if m.byStaff && len(m.documents) == 0 {
		return town.Errorf(town.Required, "Name the document on which it rests.", "Indicare il documento su cui si fonda.").At("input", "documents")
	}
	if len(m.documents) > maxDocuments {
		return town.Errorf(town.Invalid, "At most 20 documents.", "Al massimo 20 documenti.").At("input", "documents")
	}
	for _, d := range m.documents {
		switch {
		case strings.TrimSpace(d.Label) == "":
			return town.Errorf(town.Required, "Say which document it is.", "Indicare quale documento è.").At("input", "documents")
		case utf8.RuneCountInString(d.Label) > maxReference, utf8.RuneCountInString(d.Reference) > maxReference:
			return town.Errorf(town.Invalid, "At most 200 characters.", "Al massimo 200 caratteri.").At("input", "documents")
		case d.SHA256 != "" && !sha256Hex.MatchString(d.SHA256):
			return town.Errorf(town.Invalid, "A SHA-256 has 64 hexadecimal digits.", "Uno SHA-256 ha 64 cifre esadecimali.").At("input", "documents")
		}
	}
	return nil
}

// checkDates: a mandate of law runs since its act, a delegation from today at the
// earliest and for two years at most; nothing is entered that has ended.
func (m mandateAsked) checkDates(now time.Time) *town.Error {
	today := town.Today(now)
	delegation := m.class == town.MandateDelegation
	switch {
	case delegation && m.from.Before(today):
		return town.Errorf(town.Invalid, "A delegation begins today or later.", "La delega decorre da oggi o da una data futura.").At("input", "from")
	case delegation && m.to.IsZero():
		return town.Errorf(town.Required, "Say until when it holds.", "Indicare fino a quando vale.").At("input", "to")
	case !m.to.IsZero() && (m.to.Before(today) || m.to.Before(m.from)):
		return town.Errorf(town.Invalid, "It ends today at the earliest, and not before it begins.",
			"La scadenza non può precedere oggi né la decorrenza.").At("input", "to")
	case delegation && m.to.After(today.AddMonths(maxMonths)):
		return town.Errorf(town.Invalid, "A delegation holds for two years at most.", "La delega vale al massimo due anni.").At("input", "to")
	}
	return nil
}

// tooMany reports whether at some moment of the period two others already hold
// delegations: the number only grows when one begins.
func tooMany(delegate string, p period, others []standing) bool {
	moments := []time.Time{p.from}
	for _, o := range others {
		if p.has(o.from) {
			moments = append(moments, o.from)
		}
	}
	return slices.ContainsFunc(moments, func(at time.Time) bool {
		holders := map[string]bool{}
		for _, o := range others {
			if o.delegate != delegate && o.has(at) {
				holders[o.delegate] = true
			}
		}
		return len(holders) >= maxDelegates
	})
}

// has reports whether the moment belongs to the period.
func (p period) has(at time.Time) bool {
	return !at.Before(p.from) && (p.to.IsZero() || at.Before(p.to))
}
