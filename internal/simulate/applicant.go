package simulate

import (
	"math/rand/v2"

	"github.com/spazio-in-comune/sportello/internal/simulate/fill"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// suiting is the try at which the form of a stop is that of somebody who is
// entitled to what it asks for: the rules have nothing against it. It is 0, the
// form as it comes, for whoever does not ask before, and where nobody is entitled.
func (w *week) suiting(c clerk, s *stop) uint64 {
	if s.asItComes {
		return 0
	}
	try, known := w.tries[s]
	if !known {
		try = entitled(w.profile.Tries, func(try uint64) bool {
			person, rng := w.applicant(c, s, try)
			return w.suits(c, s, w.forms[s.practice.Code].Valid(rng, w.now, person))
		})
		w.tries[s] = try
	}
	return try
}

// entitled is the first try that suits, or 0.
func entitled(tries uint64, suits func(try uint64) bool) uint64 {
	for try := range tries {
		if suits(try) {
			return try
		}
	}
	return 0
}

// suits asks what would be decided, as a careful person does first.
func (w *week) suits(c clerk, s *stop, answers fill.Answers) bool {
	var seen struct {
		UserErrors refusals
		Decision   *struct {
			Blocks []struct{ RuleID string }
		}
	}
	input := variables{"practice": s.practice.Code, "answers": answers}
	if err := w.field(c.who, queryPreview, variables{"input": input}, &seen); err != nil {
		w.fault("preview of %s by %s: %v", s.practice.Code, c.who.name, err)
	}
	return seen.Decision != nil && len(seen.Decision.Blocks) == 0
}

// applicant is the person whom a form is about, and the chance with which it is
// filled in: the same for the same try. Who files for themselves stays who they are.
func (w *week) applicant(c clerk, s *stop, try uint64) (fill.Person, *rand.Rand) {
	rng := rand.New(rand.NewPCG(s.seed, try))
	if !c.citizen {
		return fill.NewPerson(rng, town.Today(w.now)), rng
	}
	me, err := w.citizen(c.who)
	if err != nil {
		w.fault("%s reads the own data: %v", c.who.name, err)
		return fill.NewPerson(rng, town.Today(w.now)), rng
	}
	return me, rng
}

// citizen is a signed-in person, from their own data.
func (w *week) citizen(who actor) (fill.Person, error) {
	if me, known := w.people[who.name]; known {
		return me, nil
	}
	var viewer struct{ ID string }
	if err := w.field(who, queryViewer, nil, &viewer); err != nil {
		return fill.Person{}, err
	}
	var own struct{ GivenName, FamilyName, TaxCode string }
	if err := w.field(who, queryPerson, variables{"id": viewer.ID}, &own); err != nil {
		return fill.Person{}, err
	}
	me, err := fill.PersonOf(own.GivenName, own.FamilyName, own.TaxCode, town.Today(w.now))
	if err == nil {
		w.people[who.name] = me
	}
	return me, err
}
