package access_test

import (
	"context"
	"slices"
	"testing"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// fact is an event about a row of the small town, made as the rooms make them.
type fact struct {
	kind, id string
	event    town.Event
}

// facts are one event about every leg, case, intake, word, step and alert.
func facts(t *testing.T, s *store.Store) []fact {
	t.Helper()
	house := access.System(context.Background(), "test")
	db := s.Reader()
	var all []fact
	named := func(ids ...string) []string {
		return slices.DeleteFunc(ids, func(id string) bool { return id == "" })
	}
	for _, l := range db.Leg.Query().WithVisit().AllX(house) {
		all = append(all, fact{ent.TypeLeg, l.ID, town.Event{
			Type: town.EventLegCalled, OfficeID: l.OfficeID, VisitID: l.VisitID, LegID: l.ID, Parties: named(l.Edges.Visit.PersonID),
		}})
	}
	for _, c := range db.CaseFile.Query().AllX(house) {
		all = append(all, fact{ent.TypeCaseFile, c.ID, town.Event{
			Type: town.EventCaseNoted, OfficeID: c.OfficeID, CaseID: c.ID, Confidential: c.Confidential,
			Parties: named(c.ApplicantID, c.SubmittedBy),
		}})
	}
	for _, i := range db.Intake.Query().AllX(house) {
		file := db.CaseFile.GetX(house, i.CaseID)
		all = append(all, fact{ent.TypeIntake, i.ID, town.Event{
			Type: town.EventIntakeReviewed, OfficeID: i.OfficeID, IntakeID: i.ID, Confidential: file.Confidential,
			Parties: named(i.ApplicantID, i.ActorID),
		}})
	}
	for _, f := range db.Feedback.Query().AllX(house) {
		about := f.CaseID != "" && db.CaseFile.GetX(house, f.CaseID).Confidential
		all = append(all, fact{ent.TypeFeedback, f.ID, town.Event{
			Type: town.EventFeedbackGiven, OfficeID: f.OfficeID, VisitID: f.VisitID, FeedbackID: f.ID, Confidential: about,
			Parties: named(f.AuthorID),
		}})
	}
	for _, e := range db.Escalation.Query().AllX(house) {
		all = append(all, fact{ent.TypeEscalation, e.ID, town.Event{
			Type: town.EventEscalationRaised, OfficeID: e.OfficeID, ServiceID: e.ServiceID, VisitID: e.VisitID, EscalationID: e.ID, Level: e.Level,
			Confidential: e.Confidential, Parties: named(e.OnBehalfOf, e.OpenedBy), Data: map[string]string{town.DataOwnerOffice: e.OwnerOffice},
		}})
	}
	for _, a := range db.Alert.Query().AllX(house) {
		all = append(all, fact{ent.TypeAlert, a.ID, town.Event{
			Type: town.EventAlertRaised, OfficeID: a.OfficeID, ServiceID: a.ServiceID, Level: a.Level, Confidential: a.Confidential,
			Data: map[string]string{town.DataOwnerOffice: a.HolderOffice, town.DataAlert: a.ID},
		}})
	}
	return all
}

// unsaid are the rows that may be read although their events are not delivered: an
// event does not carry what it takes to know (see [access.Viewer.MaySee]).
func unsaid() map[string][]string {
	return map[string][]string{
		// another office of the same visit, and its issuer
		"operator":       {"v1.births"},
		"officer.births": {"v1.desk", "taxes.former"},
		"cleared.births": {"v1.desk", "taxes.former"},
		"head.births":    {"v1.desk", "taxes.former"},
		"kiosk":          {"v1.desk", "v1.births"},
		// what the Help Point holds a step about
		"helppoint": {"v2.taxes", "taxes.helped"},
		// an unnamed word on one's own visit, a step about one's own case
		"rossi": {"on.desk"},
	}
}

// TestEventsFollowTheRows: what is delivered can be read, and what can be read is
// delivered, but for the relations that an event does not carry.
func TestEventsFollowTheRows(t *testing.T) {
	s, _ := openStore(t, dbtest.New(t, dbtest.SQLite))
	smallTown(t, s)
	a, err := access.NewAuthority(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	ways := paths(s.Reader(), map[string][]string{})
	happened := facts(t, s)
	for name, v := range viewers(t, a) {
		for _, f := range happened {
			seen, err := ways[f.kind][0].ids(access.With(context.Background(), v))
			if err != nil {
				t.Fatal(err)
			}
			reads, told := slices.Contains(seen, f.id), v.MaySee(f.event)
			if told && !reads {
				t.Errorf("%s is told of %s %s and may not read it", name, f.kind, f.id)
			}
			if reads && !told && !slices.Contains(unsaid()[name], f.id) {
				t.Errorf("%s may read %s %s and is not told", name, f.kind, f.id)
			}
		}
	}
}

// TestMovesConcernBothOffices: the event that moves something is for the office it
// leaves too.
func TestMovesConcernBothOffices(t *testing.T) {
	s, _ := openStore(t, dbtest.New(t, dbtest.SQLite))
	smallTown(t, s)
	a, err := access.NewAuthority(context.Background(), s)
	if err != nil {
		t.Fatal(err)
	}
	all := viewers(t, a)
	moved := town.Event{Type: town.EventCaseTransferred, OfficeID: "taxes", Data: map[string]string{town.DataFormerOffice: "births"}}
	for name, want := range map[string]bool{"officer.births": true, "officer.taxes": true, "operator": false, "mayor": false, "verdi": false} {
		if got := all[name].MaySee(moved); got != want {
			t.Errorf("%s is told: %v, want %v", name, got, want)
		}
	}
}

func TestNobodyIsToldOfUnknownFacts(t *testing.T) {
	v := &access.Viewer{ID: "x", Kind: access.KindPerson, Scope: access.NewScope(1, opening, nil, map[access.Act]access.OfficeSet{access.CaseRead: {All: true}})}
	for _, viewer := range []*access.Viewer{nil, access.Public(), v, {Kind: access.KindPerson}} {
		if viewer.MaySee(town.Event{Type: "treasure.found", OfficeID: "births", Parties: []string{"x"}}) {
			t.Errorf("%+v is told of a fact that no rule knows", viewer)
		}
	}
	if !access.MaySee(access.System(context.Background(), "test"), town.Event{Type: "treasure.found"}) {
		t.Error("the house is not told")
	}
}
