package demo

import (
	"context"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// dossier is a case of the demonstration: filed from home some working days ago,
// and what was done with it since.
type dossier struct {
	citizen, practice string
	filed             int // working days ago
	wanted            verdict
	deeds             []deed
}

// deed is something done with a case some working days ago.
type deed struct {
	ago int
	do  act
}

// act is something that somebody does with a case.
type act func(ctx context.Context, c *kept) error

// dossiers are the cases of the last weeks, over departments, offices and phases; the
// oldest is the first.
func dossiers() []dossier {
	return []dossier{
		// Nobody answers: refused by silence, and late without any meaning of silence.
		{"citizen5", "certificato-destinazione-urbanistica", 29, welcome, []deed{{28, take}, {1, askWhyLate}}},
		{"citizen3", "accesso-documentale", 27, welcome, []deed{{26, take}}},
		{"citizen", "accesso-atti-edilizi", 21, welcome, []deed{{20, take}}}, // near its term

		{"citizen2", "contrassegno-disabili-cude", 15, welcome, []deed{{14, take}, {12, propose(life.Granted)}, {11, decide(life.Granted)}, {10, fulfil}}},
		{"citizen6", "asilo-nido", 13, welcome, []deed{{12, take}}},
		{"citizen4", "cambio-residenza", 12, welcome, []deed{{12, take}, {11, propose(life.Granted)}, {11, decide(life.Granted)}, {10, fulfil}, {10, rateCase(5)}}},
		{"citizen4", "patrocinio-contributo", 11, welcome, []deed{{10, take}, {8, propose(life.Partial)}, {7, decide(life.Partial)}}},
		// Up to the Mayor.
		{"citizen5", "tari-riduzioni-rateizzazione", 10, welcome, []deed{
			{9, take},
			{8, propose(life.Refused)},
			{8, decide(life.Refused)},
			{6, complain(town.CauseOutcome)},
			{5, answer(helpPoint)},
			{4, goUp},
			{3, answer(sectorHead)},
			{1, goUp},
		}},
		{"citizen3", "contributo-economico", 9, welcome, []deed{{8, take}, {6, askPapers}}},
		{"citizen", "tari-dichiarazione", 9, welcome, []deed{{8, take}}},
		{"citizen2", "imu-rimborso", 8, welcome, []deed{{7, take}, {6, askPapers}}},
		{"citizen5", "deposito-cila-scia", 7, welcome, []deed{{6, take}}},
		{"citizen3", "presentazione-isee-agevolazioni", 7, welcome, []deed{{6, take}, {4, propose(life.Granted)}, {3, decide(life.Granted)}}},
		{"citizen4", "prenotazione-assistente-sociale", 6, secret, []deed{{6, take}}},
		{"citizen6", "canone-unico-patrimonio", 6, welcome, []deed{{5, take}, {3, complain(town.CauseWaiting)}, {2, passUp}, {1, acknowledge(sectorHead)}}},
		{"citizen2", "assegno-maternita-comune", 5, welcome, []deed{{4, take}, {2, propose(life.Granted)}}},
		{"citizen", "uso-sale-palestre", 5, welcome, []deed{{3, withdraw}}},
		{"citizen4", "richiesta-notifica", 4, welcome, []deed{{3, take}}},
		{"citizen6", "estratti-stato-civile", 4, welcome, []deed{{3, fulfil}, {3, rateCase(4)}}},
		{"citizen3", "tari-dichiarazione", 3, welcome, []deed{{2, take}}},
		{"citizen5", "sanzione-codice-strada", 3, goesTo("polizia-locale"), []deed{{2, take}}},
		{"citizen2", "compostaggio-albero", 2, welcome, nil},
		{"citizen6", "presentazione-isee-agevolazioni", 2, welcome, nil},
		{"citizen5", "istanza-protocollo", 1, welcome, nil},
		{"citizen", "aire", 1, welcome, nil},
	}
}

// planCases plans the last weeks, and for every night the terms that pass.
func (s *stage) planCases() {
	const morning = 9
	all := dossiers()
	for day := s.workingDay(all[0].filed, 0); day.Before(s.now); day = day.AddDate(0, 0, 1) {
		s.plan(day, "terms pass", s.termsPass)
	}
	for _, d := range all {
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

// termsPass does what the house does whenever a term passes.
func (s *stage) termsPass(ctx context.Context) error {
	_, err := s.Cases.ExpireDue(ctx)
	return err
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
	answers, err := c.fillForm(c.practice, who, c.wanted)
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

// withdraw is the citizen's own.
func withdraw(ctx context.Context, c *kept) error {
	ctx, file, err := c.by(ctx, c.citizen)
	if err != nil {
		return err
	}
	_, err = c.Cases.WithdrawCase(ctx, casework.CaseNoteInput{IdempotencyKey: c.key(), CaseID: file.ID, ExpectedVersion: file.Version})
	return err
}
