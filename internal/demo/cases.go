package demo

import (
	"context"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// dossier is a case of the demonstration: filed from home some working days ago,
// and what was done with it since.
type dossier struct {
	citizen, practice string
	filed             int // working days ago
	deeds             []deed
}

// deed is something done with a case some working days ago.
type deed struct {
	ago int
	do  act
}

// act is something that somebody does with a case.
type act func(ctx context.Context, c *kept) error

// dossiers are the cases of the last two weeks, over the three departments.
func dossiers() []dossier {
	return []dossier{
		{"citizen4", "cambio-residenza", 12, []deed{{12, take}, {11, propose(life.Granted)}, {11, decide(life.Granted)}, {10, fulfil}, {10, rateCase(5)}}},
		{"citizen5", "tari-riduzioni-rateizzazione", 10, []deed{
			{9, take},
			{8, propose(life.Refused)},
			{8, decide(life.Refused)},
			{6, complain(town.CauseOutcome)},
			{5, answer(helpPoint)},
			{4, goUp},
			{3, answer(sectorHead)},
			{1, goUp},
		}},
		{"citizen", "tari-dichiarazione", 9, []deed{{8, take}}},
		{"citizen2", "imu-rimborso", 8, []deed{{7, take}, {6, askPapers}}},
		{"citizen3", "presentazione-isee-agevolazioni", 7, []deed{{6, take}, {4, propose(life.Granted)}, {3, decide(life.Granted)}}},
		{"citizen6", "canone-unico-patrimonio", 6, []deed{{5, take}, {3, complain(town.CauseWaiting)}, {2, passUp}, {1, acknowledge(sectorHead)}}},
		{"citizen2", "assegno-maternita-comune", 5, []deed{{4, take}, {2, propose(life.Granted)}}},
		{"citizen3", "tari-dichiarazione", 3, []deed{{2, take}}},
		{"citizen6", "presentazione-isee-agevolazioni", 2, nil},
		{"citizen", "aire", 1, nil},
	}
}

// planCases plans the last two weeks.
func (s *stage) planCases() {
	const morning = 9
	for _, d := range dossiers() {
		c := &kept{stage: s, dossier: d}
		s.plan(s.workingDay(d.filed, morning), d.citizen+" files "+d.practice, c.submit)
		day, hour := d.filed, morning
		for _, next := range d.deeds {
			if hour++; next.ago != day {
				day, hour = next.ago, morning+1
			}
			s.plan(s.workingDay(day, hour), "work on "+d.practice, func(ctx context.Context) error {
				if c.id == "" {
					return errLeftOut
				}
				return next.do(ctx, c)
			})
		}
	}
}

// kept is a case as it goes on.
type kept struct {
	*stage
	dossier
	id, office string // of the case, once it is filed
	step       string // id of the step of the ladder that is open, if any
}

func (c *kept) submit(ctx context.Context) error {
	ctx, err := c.as(ctx, c.citizen)
	if err != nil {
		return err
	}
	who, err := c.resident(ctx, c.citizen)
	if err != nil {
		return err
	}
	answers, err := c.fillForm(ctx, c.practice, who, goesTo(identity.DemoOffices()...))
	if err != nil {
		return err
	}
	filed, err := c.Cases.SubmitIntake(ctx, casework.SubmitIntakeInput{IdempotencyKey: c.key(), Practice: c.practice, Answers: answers})
	if err != nil || filed.Case == nil {
		return err
	}
	c.id, c.office = filed.Case.ID, filed.Case.OfficeID
	return nil
}

// by is the case as a person of its office sees it now, with that person's context.
func (c *kept) by(ctx context.Context, login string) (context.Context, *ent.CaseFile, error) {
	ctx, err := c.as(ctx, login)
	if err != nil {
		return nil, nil, err
	}
	file, err := c.Cases.Case(ctx, c.id)
	return ctx, file, err
}

func (c *kept) officer() string { return "officer." + c.office }
func (c *kept) head() string    { return "head." + c.office }

func take(ctx context.Context, c *kept) error {
	ctx, file, err := c.by(ctx, c.officer())
	if err != nil {
		return err
	}
	_, err = c.Cases.TakeCaseInCharge(ctx, casework.CaseInput{CaseID: file.ID, ExpectedVersion: file.Version})
	return err
}

// askPapers asks for the first paper of the case.
func askPapers(ctx context.Context, c *kept) error {
	ctx, file, err := c.by(ctx, c.officer())
	if err != nil {
		return err
	}
	papers, err := c.Cases.DocumentsOfCases(ctx, []string{c.id})
	if err != nil {
		return err
	}
	if len(papers[c.id]) == 0 {
		return errLeftOut
	}
	_, err = c.Cases.RequestDocuments(ctx, casework.RequestDocumentsInput{
		IdempotencyKey: c.key(), CaseID: file.ID, ExpectedVersion: file.Version,
		Documents: []string{papers[c.id][0].DocumentID}, Ground: "Documento non allegato alla domanda (L. 241/1990 art. 2 c. 7).",
	})
	return err
}

// reasons of the demonstration's measures.
const reasons = "Verificati i requisiti e la documentazione agli atti."

func propose(outcome casework.DecisionOutcome) act {
	return func(ctx context.Context, c *kept) error {
		ctx, file, err := c.by(ctx, c.officer())
		if err != nil {
			return err
		}
		if file, err = c.receiveAll(ctx, file); err != nil {
			return err
		}
		_, err = c.Cases.ProposeDecision(ctx, casework.ProposeDecisionInput{
			IdempotencyKey: c.key(), CaseID: file.ID, ExpectedVersion: file.Version, Outcome: outcome, Reasons: reasons,
		})
		return err
	}
}

func decide(outcome casework.DecisionOutcome) act {
	return func(ctx context.Context, c *kept) error {
		ctx, file, err := c.by(ctx, c.head())
		if err != nil {
			return err
		}
		_, err = c.Cases.DecideCase(ctx, casework.DecideCaseInput{
			IdempotencyKey: c.key(), CaseID: file.ID, ExpectedVersion: file.Version, Outcome: outcome, Reasons: reasons,
		})
		return err
	}
}

func fulfil(ctx context.Context, c *kept) error {
	ctx, file, err := c.by(ctx, c.officer())
	if err != nil {
		return err
	}
	_, err = c.Cases.FulfilCase(ctx, casework.CaseNoteInput{IdempotencyKey: c.key(), CaseID: file.ID, ExpectedVersion: file.Version})
	return err
}
