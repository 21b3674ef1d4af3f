package voice

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice/ladder"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Contact is what was rated or complained of, as the rooms that own it know it.
type Contact struct {
	// Key is the id of the leg, case or step; one word per key.
	Key          string
	SiteID       string
	VisitID      string
	LegID        string
	CaseID       string
	EscalationID string
	OfficeID     string
	ServiceID    string
	Level        town.Level
	Channel      town.Channel
	WaitSeconds  int
	// Phase is that of the case, or the rung of the step; empty for a leg.
	Phase string
	// Outcome is how the contact ended; empty if it has none yet.
	Outcome      string
	Confidential bool
	// Parties are the citizens whom it concerns, by id; the first is the one to
	// answer to.
	Parties []string
	// Over reports that the contact has taken place, and can be rated.
	Over bool
	// About is what the remedies of law ask about a case; nil for a leg.
	About *About
}

// About is what the remedies of law ask about a case.
type About struct {
	Practice string
	Phase    town.Phase
	// Open reports that nothing was decided yet.
	Open bool
	// Term is the term of conclusion that runs or has passed; nil where there is none.
	Term *CaseTerm
}

// CaseTerm is a term of a case.
type CaseTerm struct {
	Amount int
	Unit   calc.Unit
	// DueOn is its last useful day. PassedAt is when it has passed, nil while nobody can
	// tell, as during a suspension.
	DueOn    town.Date
	PassedAt *time.Time
}

// asOf is what the routes ask, at a moment; nil for a leg.
func (a *About) asOf(now time.Time) *ladder.Case {
	if a == nil {
		return nil
	}
	c := &ladder.Case{Practice: a.Practice, Phase: a.Phase, Open: a.Open}
	if a.Term != nil {
		c.DueOn = a.Term.DueOn
		c.TermPassed = a.Term.PassedAt != nil && !a.Term.PassedAt.After(now)
	}
	return c
}

// Contacts tell what a leg or a case was. They read through the scope of the
// viewer in ctx, with the unit's client; what is hidden is NOT_FOUND.
type Contacts interface {
	Leg(ctx context.Context, db *ent.Client, id string) (Contact, error)
	Case(ctx context.Context, db *ent.Client, id string) (Contact, error)
}

// keptContacts reads legs and cases where they are kept.
type keptContacts struct{}

// Leg implements [Contacts].
func (keptContacts) Leg(ctx context.Context, db *ent.Client, id string) (Contact, error) {
	leg, err := db.Leg.Get(ctx, id)
	if err != nil {
		return Contact{}, missing(err, "read the leg")
	}
	// Whoever sees a leg may not see the whole visit; its citizen and channel are
	// needed all the same.
	visit, err := db.Visit.Get(access.System(ctx, "the visit of a leg"), leg.VisitID)
	if err != nil {
		return Contact{}, missing(err, "read the visit")
	}
	return Contact{
		Key: leg.ID, SiteID: leg.SiteID, VisitID: leg.VisitID, LegID: leg.ID, OfficeID: leg.OfficeID, ServiceID: leg.ServiceID,
		Level: leg.Level, Channel: visit.Channel, WaitSeconds: waited(leg), Parties: known(visit.PersonID), Over: leg.EndedAt != nil,
		Outcome: cmp.Or(string(leg.Outcome), string(leg.State)),
	}, nil
}

// Case implements [Contacts].
func (keptContacts) Case(ctx context.Context, db *ent.Client, id string) (Contact, error) {
	file, err := db.CaseFile.Get(ctx, id)
	if err != nil {
		return Contact{}, missing(err, "read the case")
	}
	c := Contact{
		Key: file.ID, VisitID: file.VisitID, LegID: file.LegID, CaseID: file.ID, OfficeID: file.OfficeID, ServiceID: file.ServiceID,
		Level: town.LevelOffice, Channel: file.Channel, Confidential: file.Confidential, Parties: known(file.ApplicantID), Over: true,
	}
	c.Phase = string(file.Phase)
	if file.DecidedAt != nil || file.ClosedAt != nil {
		c.Outcome = c.Phase
	}
	office, err := db.Office.Get(ctx, file.OfficeID)
	if err != nil && !ent.IsNotFound(err) {
		return Contact{}, fmt.Errorf("read the office: %w", err)
	}
	if office != nil {
		c.Level = office.Level
	}
	c.About = &About{Practice: file.PracticeID, Phase: file.Phase, Open: file.DecidedAt == nil && file.ClosedAt == nil}
	c.About.Term, err = termOf(ctx, db, file.ID)
	return c, err
}

// termOf is the latest term of conclusion of a case: the first, its second part if that has
// begun, or that of a review that opened it again.
func termOf(ctx context.Context, db *ent.Client, caseID string) (*CaseTerm, error) {
	row, err := db.CaseClock.Query().
		Where(caseclock.CaseID(caseID), caseclock.Or(caseclock.Kind(town.ClockConclusion), caseclock.KindHasPrefix(reviewTerms), caseclock.Follows(town.ClockConclusion)),
			caseclock.StartsFromNotIn(sdk.StartsOfOthers()...)).
		Order(ent.Desc(caseclock.FieldStartedOn, caseclock.FieldID)).First(access.System(ctx, "the term of a case"))
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the term of a case: %w", err)
	}
	term := &CaseTerm{Amount: row.Amount, Unit: calc.Unit(row.Unit), DueOn: row.DueOn}
	if row.State == town.ClockRunning || row.State == town.ClockExpired {
		term.PassedAt = row.DueAt
	}
	return term, nil
}

// reviewTerms begins the kinds of the terms of cases that were opened again.
const reviewTerms = "review"

// waited is how long a person waited for the call, or until they gave up.
func waited(leg *ent.Leg) int {
	until := leg.CalledAt
	if until == nil {
		until = leg.EndedAt
	}
	if until == nil {
		return 0
	}
	return max(0, int(until.Sub(leg.QueuedAt).Seconds()))
}

// contactOf is a step of the ladder as a contact to be rated.
func contactOf(e *ent.Escalation, channel town.Channel) Contact {
	return Contact{
		Key: e.ID, VisitID: e.VisitID, LegID: e.LegID, CaseID: e.CaseID, EscalationID: e.ID, OfficeID: e.OwnerOffice, ServiceID: e.ServiceID,
		Level: e.Level, Channel: channel, Confidential: e.Confidential, Parties: known(e.OnBehalfOf), Over: e.AnsweredAt != nil,
		Phase: string(e.Step), Outcome: string(e.Outcome),
	}
}

func known(id string) []string {
	if id == "" {
		return nil
	}
	return []string{id}
}

// missing keeps hidden and missing alike, and wraps faults.
func missing(err error, doing string) error {
	if ent.IsNotFound(err) {
		return town.ErrNotFound()
	}
	return fmt.Errorf("%s: %w", doing, err)
}
