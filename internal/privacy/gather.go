package privacy

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casedocument"
	"github.com/spazio-in-comune/sportello/ent/caseentry"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/ent/feedback"
	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/ent/mandate"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/ent/session"
	"github.com/spazio-in-comune/sportello/ent/visit"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// gathering fills a dossier, part by part.
type gathering struct {
	p *Privacy
	// ask carries whoever asked, under whom sealed data are opened; house sees all rows.
	ask, house context.Context
	person     *ent.Person
	into       *Dossier
}

// opening collects sealed values with where each goes once it is open.
type opening struct {
	values []vault.Sealed
	put    []func(plain []byte) error
}

func (o *opening) add(table, column, row string, sealed []byte, put func([]byte) error) {
	o.values = append(o.values, vault.Sealed{At: vault.Place{Table: table, Column: column, Row: row}, Data: sealed})
	o.put = append(o.put, put)
}

// into puts a text where it belongs.
func into(text *string) func([]byte) error {
	return func(plain []byte) error {
		*text = string(plain)
		return nil
	}
}

// open opens all with one query for the keys at most.
func (g gathering) open(o *opening) error {
	plain, err := g.p.vault.OpenAll(g.ask, o.values)
	if err != nil {
		return err
	}
	for i, text := range plain {
		if text == nil {
			continue
		}
		if err := o.put[i](text); err != nil {
			return fmt.Errorf("read %s of %s: %w", o.values[i].At.Column, o.values[i].At.Row, err)
		}
	}
	return nil
}

func (g gathering) details() error {
	var o opening
	o.add(person.Table, person.FieldSealed, g.person.ID, g.person.Sealed, func(plain []byte) error {
		return json.Unmarshal(plain, &g.into.Person.Details)
	})
	return g.open(&o)
}

func (g gathering) cases() error {
	rows, err := g.p.store.Reader().CaseFile.Query().Where(casefile.ApplicantID(g.person.ID)).
		WithDocuments(func(q *ent.CaseDocumentQuery) { q.Order(ent.Asc(casedocument.FieldOrdinal)) }).
		WithEntries(func(q *ent.CaseEntryQuery) {
			q.Where(caseentry.Internal(false)).Order(ent.Asc(caseentry.FieldOrdinal))
		}).
		Order(ent.Asc(casefile.FieldID)).All(g.house)
	if err != nil {
		return fmt.Errorf("read the cases of the person: %w", err)
	}
	var o opening
	g.into.Cases = make([]CaseData, len(rows))
	for i, row := range rows {
		g.into.Cases[i] = g.p.caseOf(row)
		g.words(&o, row, &g.into.Cases[i])
	}
	if err := g.versions(&o, rows); err != nil {
		return err
	}
	if err := g.open(&o); err != nil {
		return err
	}
	for i, row := range rows {
		c := &g.into.Cases[i]
		c.Named = g.p.named(g.house, row.DefinitionHash, row.ServiceID, row.PracticeID, c.Answers)
	}
	return nil
}

func (p *Privacy) caseOf(row *ent.CaseFile) CaseData {
	c := CaseData{
		Protocol: row.Protocol, Service: row.ServiceID, Practice: row.PracticeID, Office: row.OfficeID, Phase: row.Phase,
		FiledAt: row.FiledAt, DecidedAt: row.DecidedAt, ClosedAt: row.ClosedAt, LegalHold: row.LegalHold,
		FiledForMe: row.SubmittedBy != row.ApplicantID,
		Documents:  make([]DocumentData, len(row.Edges.Documents)), Timeline: make([]TimelineData, len(row.Edges.Entries)),
	}
	if until := p.KeptUntil(row); until != nil {
		c.KeptUntil = until.String()
	}
	for i, d := range row.Edges.Documents {
		c.Documents[i] = DocumentData{Label: Words{d.LabelIt, d.LabelEn}, State: string(d.State), ReceivedAt: d.ReceivedAt}
	}
	for i, e := range row.Edges.Entries {
		c.Timeline[i] = TimelineData{At: e.At, Kind: e.Kind}
	}
	return c
}

// words are the sealed parts of a case.
func (g gathering) words(o *opening, row *ent.CaseFile, c *CaseData) {
	o.add(casefile.Table, casefile.FieldReasons, row.ID, row.Reasons, into(&c.Reasons))
	o.add(casefile.Table, casefile.FieldAnswers, row.ID, row.Answers, func(plain []byte) error {
		c.Answers = plain
		return nil
	})
	for i, e := range row.Edges.Entries {
		o.add(caseentry.Table, caseentry.FieldNote, e.ID, e.Note, into(&c.Timeline[i].Note))
	}
}

func (g gathering) visits() error {
	rows, err := g.p.store.Reader().Visit.Query().Where(visit.PersonID(g.person.ID)).
		WithLegs(func(q *ent.LegQuery) { q.Order(ent.Asc(leg.FieldOrdinal)) }).
		Order(ent.Asc(visit.FieldID)).All(g.house)
	if err != nil {
		return fmt.Errorf("read the visits of the person: %w", err)
	}
	g.into.Visits = make([]VisitData, len(rows))
	for i, row := range rows {
		v := VisitData{Number: fmt.Sprintf("%s%03d", row.Letter, row.Number), ArrivedAt: row.ArrivedAt, ClosedAt: row.ClosedAt, Stops: make([]StopData, len(row.Edges.Legs))}
		for k, stop := range row.Edges.Legs {
			v.Stops[k] = StopData{Office: stop.OfficeID, State: stop.State}
		}
		g.into.Visits[i] = v
	}
	return nil
}

func (g gathering) feedback() error {
	rows, err := g.p.store.Reader().Feedback.Query().Where(feedback.AuthorID(g.person.ID)).Order(ent.Asc(feedback.FieldID)).All(g.house)
	if err != nil {
		return fmt.Errorf("read the words of the person: %w", err)
	}
	var o opening
	g.into.Feedback = make([]FeedbackData, len(rows))
	for i, row := range rows {
		g.into.Feedback[i] = FeedbackData{At: row.At, Office: row.OfficeID, Score: row.Score}
		o.add(feedback.Table, feedback.FieldComment, row.ID, row.Comment, into(&g.into.Feedback[i].Comment))
	}
	return g.open(&o)
}

func (g gathering) escalations() error {
	rows, err := g.p.store.Reader().Escalation.Query().Where(escalation.OnBehalfOf(g.person.ID)).Order(ent.Asc(escalation.FieldID)).All(g.house)
	if err != nil {
		return fmt.Errorf("read the steps of the ladder: %w", err)
	}
	var o opening
	g.into.Escalations = make([]EscalationData, len(rows))
	for i, row := range rows {
		e := &g.into.Escalations[i]
		*e = EscalationData{OpenedAt: row.OpenedAt, Step: row.Step, State: row.State, Outcome: row.Outcome, Rating: row.Rating}
		o.add(escalation.Table, escalation.FieldText, row.ID, row.Text, into(&e.Text))
		o.add(escalation.Table, escalation.FieldAnswer, row.ID, row.Answer, into(&e.Answer))
	}
	return g.open(&o)
}

func (g gathering) mandates() error {
	rows, err := g.p.store.Reader().Mandate.Query().
		Where(mandate.Or(mandate.PrincipalID(g.person.ID), mandate.DelegateID(g.person.ID))).Order(ent.Asc(mandate.FieldID)).All(g.house)
	if err != nil {
		return fmt.Errorf("read the mandates: %w", err)
	}
	g.into.Mandates = make([]MandateData, len(rows))
	for i, row := range rows {
		g.into.Mandates[i] = MandateData{
			Given: row.PrincipalID == g.person.ID, Class: row.Class, Services: row.Services, From: row.From, To: row.To, RevokedAt: row.RevokedAt,
		}
	}
	return nil
}

func (g gathering) signIns() error {
	rows, err := g.p.store.Reader().Session.Query().Where(session.PersonID(g.person.ID)).Order(ent.Asc(session.FieldID)).All(g.house)
	if err != nil {
		return fmt.Errorf("read the sign-ins: %w", err)
	}
	g.into.SignIns = make([]SignInData, len(rows))
	for i, row := range rows {
		g.into.SignIns[i] = SignInData{At: row.CreatedAt, Assurance: row.Assurance, EndedAt: row.EndedAt}
	}
	return nil
}

func (g gathering) accesses() (err error) {
	g.into.Accesses, err = g.p.accesses(g.ask, g.person.ID, maxAccesses)
	if err != nil {
		return fmt.Errorf("read who opened the file: %w", err)
	}
	return nil
}
