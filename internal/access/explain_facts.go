package access

import (
	"context"
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/ent/formeroffice"
	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Explain says why the person may do the act on the thing, or why not, and what would be
// needed. The thing is a case, visit, stop, step, word, person or site by its id, or an
// office by its code. It is for auditors and for whoever gives roles; it tells ids and
// codes only. Refusals: FORBIDDEN, INVALID for an unknown act, NOT_FOUND for an unknown
// person or thing.
func (a *Authority) Explain(ctx context.Context, personID string, act Act, objectID string) (*Explanation, error) {
	v, err := From(ctx)
	if err != nil {
		return nil, err
	}
	if !v.Can(AuditRead, "") {
		if err := v.Require(RoleGrant, ""); err != nil {
			return nil, err
		}
	}
	if !slices.Contains(Acts(), act) {
		return nil, town.Errorf(town.BadUserInput, "There is no such act: they are listed by `sportello policy matrix`.",
			"L'azione non esiste: l'elenco è dato da `sportello policy matrix`.")
	}
	house := System(ctx, "policy.explain")
	if _, err := a.store.Reader().Person.Get(house, personID); err != nil {
		return nil, notFound(err, "look for the person")
	}
	return a.explainThing(house, personID, act, town.PrefixOf(objectID), objectID)
}

// explainThing explains on the thing of that kind. The context is the house's own.
func (a *Authority) explainThing(ctx context.Context, personID string, act Act, kind town.Prefix, id string) (*Explanation, error) {
	t, err := factsOf(ctx, a.store.Reader(), kind, id)
	if err != nil {
		return nil, err
	}
	return explain(a.policy, a.current.Load().asker(personID), t, act, a.store.Clock().Now()), nil
}

// asker is the person as the snapshot knows them.
func (s *snapshot) asker(personID string) asker {
	who := asker{id: personID, kind: s.kindOf(personID), disabled: s.disabled[personID], opened: s.opened[personID]}
	if m, ok := s.members[personID]; ok {
		who.held = m.held
	} else {
		who.held = []assignment{{role: town.RoleCitizen, office: everywhere}}
	}
	if s.isCitizen(personID) {
		who.stands = s.delegates[personID]
	}
	return who
}

// notFound keeps hidden and missing alike, and wraps faults.
func notFound(err error, doing string) error {
	if ent.IsNotFound(err) {
		return town.ErrNotFound()
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// factsOf reads what the rules of visibility look at, of the thing of that kind with that
// id; an office has no prefix, but a code.
func factsOf(ctx context.Context, db *ent.Client, kind town.Prefix, id string) (thing, error) {
	read := map[town.Prefix]func(context.Context, *ent.Client, string) (thing, error){
		town.PrefixCase: caseFacts, town.PrefixVisit: visitFacts, town.PrefixLeg: legFacts, town.PrefixEscalation: stepFacts,
		town.PrefixFeedback: wordFacts, town.PrefixPerson: personFacts, town.PrefixSite: siteFacts,
	}[kind]
	if read == nil {
		read = officeFacts
	}
	t, err := read(ctx, db, id)
	if err != nil {
		return thing{}, notFound(err, "read the facts of "+id)
	}
	t.id = id
	return t, nil
}

func siteFacts(ctx context.Context, db *ent.Client, id string) (thing, error) {
	_, err := db.Site.Get(ctx, id)
	return thing{kind: town.PrefixSite}, err
}

func officeFacts(ctx context.Context, db *ent.Client, id string) (thing, error) {
	_, err := db.Office.Get(ctx, id)
	return thing{kind: town.PrefixOffice, office: id}, err
}

func caseFacts(ctx context.Context, db *ent.Client, id string) (thing, error) {
	file, err := db.CaseFile.Get(ctx, id)
	if err != nil {
		return thing{}, err
	}
	t := thing{
		kind: town.PrefixCase, office: file.OfficeID, service: file.ServiceID,
		parties: known(file.ApplicantID), doers: known(file.SubmittedBy),
	}
	if file.Confidential {
		t.secretIn = file.OfficeID
	}
	err = db.FormerOffice.Query().Where(formeroffice.CaseID(id)).Select(formeroffice.FieldOfficeID).Scan(ctx, &t.former)
	if err != nil {
		return thing{}, err
	}
	err = db.Escalation.Query().Where(escalation.CaseID(id)).Select(escalation.FieldOwnerOffice).Scan(ctx, &t.steps)
	return t, err
}

func visitFacts(ctx context.Context, db *ent.Client, id string) (thing, error) {
	row, err := db.Visit.Get(ctx, id)
	if err != nil {
		return thing{}, err
	}
	t := thing{kind: town.PrefixVisit, parties: known(row.PersonID), doers: known(row.IssuedBy)}
	if err := db.Leg.Query().Where(leg.VisitID(id)).Select(leg.FieldOfficeID).Scan(ctx, &t.stops); err != nil {
		return thing{}, err
	}
	err = db.Escalation.Query().Where(escalation.VisitID(id)).Select(escalation.FieldOwnerOffice).Scan(ctx, &t.steps)
	return t, err
}

func legFacts(ctx context.Context, db *ent.Client, id string) (thing, error) {
	row, err := db.Leg.Get(ctx, id)
	if err != nil {
		return thing{}, err
	}
	t, err := visitFacts(ctx, db, row.VisitID)
	t.kind, t.office, t.service = town.PrefixLeg, row.OfficeID, row.ServiceID
	return t, err
}

func stepFacts(ctx context.Context, db *ent.Client, id string) (thing, error) {
	e, err := db.Escalation.Get(ctx, id)
	if err != nil {
		return thing{}, err
	}
	t := thing{
		kind: town.PrefixEscalation, office: e.OwnerOffice, origin: e.OfficeID, service: e.ServiceID,
		parties: known(e.OnBehalfOf), doers: known(e.OpenedBy),
	}
	if e.Confidential {
		t.secretIn = e.OfficeID
	}
	return t, addParties(ctx, db, &t, e.VisitID, e.CaseID)
}

func wordFacts(ctx context.Context, db *ent.Client, id string) (thing, error) {
	f, err := db.Feedback.Get(ctx, id)
	if err != nil {
		return thing{}, err
	}
	t := thing{kind: town.PrefixFeedback, office: f.OfficeID, service: f.ServiceID, parties: known(f.AuthorID)}
	if f.CaseID != "" {
		file, err := db.CaseFile.Get(ctx, f.CaseID)
		if err != nil {
			return thing{}, err
		}
		if file.Confidential {
			t.secretIn = file.OfficeID
		}
	}
	return t, addParties(ctx, db, &t, f.VisitID, f.CaseID)
}

// addParties adds the citizen of the visit and the applicant of the case that a thing is
// about.
func addParties(ctx context.Context, db *ent.Client, t *thing, visitID, caseID string) error {
	if visitID != "" {
		row, err := db.Visit.Get(ctx, visitID)
		if err != nil {
			return err
		}
		t.parties = append(t.parties, known(row.PersonID)...)
	}
	if caseID != "" {
		file, err := db.CaseFile.Get(ctx, caseID)
		if err != nil {
			return err
		}
		t.parties = append(t.parties, known(file.ApplicantID)...)
	}
	return nil
}

func personFacts(ctx context.Context, db *ent.Client, id string) (thing, error) {
	row, err := db.Person.Get(ctx, id)
	if err != nil {
		return thing{}, err
	}
	t := thing{kind: town.PrefixPerson, citizen: row.Kind == town.PersonCitizen, staff: row.Kind != town.PersonCitizen}
	err = db.CaseFile.Query().Where(casefile.ResponsibleID(id), casefile.ApplicantIDNEQ("")).
		Unique(true).Select(casefile.FieldApplicantID).Scan(ctx, &t.responsibleFor)
	return t, err
}

// known is a list of the id, empty where nobody is known.
func known(id string) []string {
	if id == "" {
		return nil
	}
	return []string{id}
}
