package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/simulate/fill"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// tries bounds how often a form is filled in until the rules say what the scene
// needs.
const tries = 60

// verdict is what the rules say of a request.
type verdict func(*casework.Preview) bool

// goesTo is a request that becomes a case of one of the offices.
func goesTo(offices ...string) verdict {
	return func(p *casework.Preview) bool {
		return p.Decision != nil && len(p.Decision.Blocks) == 0 && slices.Contains(offices, p.Decision.To)
	}
}

// blocked is one that a rule refuses.
func blocked(p *casework.Preview) bool { return p.Decision != nil && len(p.Decision.Blocks) > 0 }

// fillForm answers a form for a person, the same way on the same day, until the
// rules say what is wanted. ctx is who will file it.
func (s *stage) fillForm(ctx context.Context, practice string, who fill.Person, wanted verdict) (json.RawMessage, error) {
	compiled, known := s.Practice(practice)
	if !known {
		return nil, errLeftOut
	}
	form := fill.Of(compiled)
	for try := range uint64(tries) {
		answers, err := json.Marshal(form.Valid(rand.New(rand.NewPCG(uint64(s.keys), try)), s.Clock.Now(), who))
		if err != nil {
			return nil, fmt.Errorf("write the form of %s: %w", practice, err)
		}
		preview, err := s.Cases.PreviewIntake(ctx, casework.PreviewIntakeInput{Practice: practice, Answers: answers})
		if err != nil {
			return nil, err
		}
		if wanted(preview) {
			return answers, nil
		}
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

// spotPractices are done at once, one for each service.
func spotPractices() map[string]string {
	return map[string]string{
		"anagrafe": "certificato-anagrafico", "isee": "bonus-sociali-verifica", "tributi-patrimonio": "imu-calcolo",
	}
}

// paperwork files for the person at the counter, an invented one, and ends at once
// what can be.
func (p *played) paperwork(ctx context.Context) error {
	if p.leg == nil {
		return errLeftOut
	}
	practice, wanted := spotPractices()[p.leg.ServiceID], goesTo(counterOffice)
	if p.file == refusedCard {
		practice, wanted = "carta-identita-elettronica", blocked
	}
	who := fill.NewPerson(rand.New(rand.NewPCG(uint64(p.keys), 1)), p.today)
	answers, err := p.fillForm(ctx, practice, who, wanted)
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
