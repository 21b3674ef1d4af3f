package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/simulate/fill"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// tries bounds how often a form is filled in until the rules say what the scene
// needs.
const tries = 60

// verdict is what the rules must say of a request.
type verdict func(sdk.Decision) bool

// welcome is a request that becomes a case of an office that has people.
func welcome(d sdk.Decision) bool {
	return len(d.Blocks) == 0 && d.Set["practice"] == "" && slices.Contains(identity.DemoOffices(), d.To)
}

// goesTo is a request that one of the offices welcomes.
func goesTo(offices ...string) verdict {
	return func(d sdk.Decision) bool { return welcome(d) && slices.Contains(offices, d.To) }
}

// secret is one that only the person's own and the cleared may read.
func secret(d sdk.Decision) bool { return welcome(d) && d.Set["confidential"] == "true" }

// blocked is one that a rule refuses.
func blocked(d sdk.Decision) bool { return len(d.Blocks) > 0 }

// fillForm answers a form for a person, the same way on the same day, until the
// rules of the form say what is wanted. The last word is the department's, when it
// is filed.
func (s *stage) fillForm(practice string, who fill.Person, wanted verdict) (json.RawMessage, error) {
	compiled, known := s.Practice(practice)
	if !known {
		return nil, errLeftOut
	}
	form, now := fill.Of(compiled), s.Clock.Now()
	facts := sdk.Facts{Now: now, Calendar: s.Town.Calendar, Ambient: sdk.ClockAmbient(now)}
	for try := range uint64(tries) {
		answers := form.Valid(rand.New(rand.NewPCG(uint64(s.keys), try)), now, who)
		in := compiled.Bind(answers, facts)
		if !wanted(sdk.Merge(in, compiled.Fire(in), s.global.Fire(in), nil)) {
			continue
		}
		raw, err := json.Marshal(answers)
		if err != nil {
			return nil, fmt.Errorf("write the form of %s: %w", practice, err)
		}
		return raw, nil
	}
	return nil, errLeftOut
}

// resident is a demo citizen as their own record has them. ctx is theirs.
func (s *stage) resident(ctx context.Context, login string) (fill.Person, error) {
	id, err := s.id(ctx, login)
	if err != nil {
		return fill.Person{}, err
	}
	row, err := s.People.Person(ctx, id)
	if err != nil {
		return fill.Person{}, err
	}
	own, err := s.People.Personal(ctx, row)
	if err != nil {
		return fill.Person{}, err
	}
	return fill.PersonOf(own.GivenName, own.FamilyName, own.TaxCode, s.today)
}

// paperwork files for the person at the counter, an invented one, and ends at once
// what can be.
func (p *played) paperwork(ctx context.Context) error {
	if p.leg == nil {
		return errLeftOut
	}
	practice, wanted := spotPractices()[p.leg.ServiceID], goesTo(p.leg.OfficeID)
	if p.file == refusedCard {
		practice, wanted = "carta-identita-elettronica", verdict(blocked)
	}
	who := fill.NewPerson(rand.New(rand.NewPCG(uint64(p.keys), 1)), p.today)
	answers, err := p.fillForm(practice, who, wanted)
	if err != nil {
		return err
	}
	filed, err := p.Cases.SubmitIntake(ctx, casework.SubmitIntakeInput{
		IdempotencyKey: p.key(), Practice: practice, Answers: answers, LegID: &p.leg.ID,
	})
	if err != nil || filed.Case == nil {
		return err
	}
	file, err := p.receiveAll(ctx, filed.Case)
	if err != nil {
		return err
	}
	_, err = p.Cases.FulfilCase(ctx, casework.CaseNoteInput{IdempotencyKey: p.key(), CaseID: file.ID, ExpectedVersion: file.Version})
	return err
}

// receiveAll takes in every paper that a case still waits for.
func (s *stage) receiveAll(ctx context.Context, file *ent.CaseFile) (*ent.CaseFile, error) {
	papers, err := s.Cases.DocumentsOfCases(ctx, []string{file.ID})
	if err != nil {
		return nil, err
	}
	received := map[string]bool{}
	for _, paper := range papers[file.ID] {
		if paper.State != town.DocumentRequired && paper.State != town.DocumentRequested || received[paper.DocumentID] {
			continue
		}
		file, err = s.Cases.ReceiveDocument(ctx, casework.ReceiveDocumentInput{
			IdempotencyKey: s.key(), CaseID: file.ID, ExpectedVersion: file.Version, Document: paper.DocumentID,
		})
		if err != nil {
			return nil, err
		}
		received[paper.DocumentID] = true
	}
	return file, nil
}
