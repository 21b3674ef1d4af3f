package access_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/roleassignment"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// object is a thing of the small town as the rooms judge acts on it.
type object struct {
	entity string
	prefix town.Prefix
	id     string
	// offices are where acts on it are judged: of a visit any of its stops; none for what
	// belongs to no office.
	offices []string
	service string
	parties []string
	// reading are the acts that to see it is.
	reading []access.Act
}

// objects are all cases, visits, stops, steps, words and people of the small town.
func objects(s *store.Store) []object {
	ctx, db := access.System(context.Background(), "test"), s.Reader()
	var list []object
	applicants, citizens := map[string]string{}, map[string]string{}
	visit, step := []access.Act{access.VisitRead}, []access.Act{access.EscalationRead, access.EscalationReadOrigin}
	for _, c := range db.CaseFile.Query().AllX(ctx) {
		applicants[c.ID] = c.ApplicantID
		list = append(list, object{ent.TypeCaseFile, town.PrefixCase, c.ID, []string{c.OfficeID}, c.ServiceID, []string{c.ApplicantID, c.SubmittedBy}, []access.Act{access.CaseRead}})
	}
	for _, v := range db.Visit.Query().WithLegs().AllX(ctx) {
		citizens[v.ID] = v.PersonID
		var stops []string
		for _, l := range v.Edges.Legs {
			stops = append(stops, l.OfficeID)
			list = append(list, object{ent.TypeLeg, town.PrefixLeg, l.ID, []string{l.OfficeID}, l.ServiceID, []string{v.PersonID, v.IssuedBy}, visit})
		}
		list = append(list, object{ent.TypeVisit, town.PrefixVisit, v.ID, stops, "", []string{v.PersonID, v.IssuedBy}, visit})
	}
	for _, e := range db.Escalation.Query().AllX(ctx) {
		parties := []string{e.OpenedBy, e.OnBehalfOf, applicants[e.CaseID], citizens[e.VisitID]}
		list = append(list, object{ent.TypeEscalation, town.PrefixEscalation, e.ID, []string{e.OwnerOffice}, e.ServiceID, parties, step})
	}
	for _, f := range db.Feedback.Query().AllX(ctx) {
		parties := []string{f.AuthorID, applicants[f.CaseID], citizens[f.VisitID]}
		list = append(list, object{ent.TypeFeedback, town.PrefixFeedback, f.ID, []string{f.OfficeID}, f.ServiceID, parties, []access.Act{access.FeedbackRead}})
	}
	for _, p := range db.Person.Query().AllX(ctx) {
		list = append(list, object{ent.TypePerson, town.PrefixPerson, p.ID, nil, "", nil, nil})
	}
	return list
}

// may is what the rooms would say of somebody who sees the thing or not.
func (o object) may(v *access.Viewer, act access.Act, seen bool) bool {
	if !seen || slices.Contains(o.reading, act) {
		return seen
	}
	if len(o.offices) == 0 && v.Can(act, "") {
		return true
	}
	for _, office := range o.offices {
		if v.CanFor(act, office, o.service) {
			return true
		}
	}
	return slices.Contains(o.parties, v.ID) && v.CanAsParty(act)
}

// judgedElsewhere are acts on a thing that another office than its own decides on, or
// another rule: they have tests of their own.
func (o object) judgedElsewhere(act access.Act) bool {
	switch o.prefix {
	case town.PrefixPerson:
		return act == access.PersonRead
	case town.PrefixEscalation:
		return slices.Contains([]access.Act{access.CaseRead, access.CaseReadPersonal, access.CaseConfidential}, act)
	default:
		return false
	}
}

// giveSomeRoles makes the person hold what is drawn, at any time, and nothing else; one
// of level 5 may have something open.
func (h house) giveSomeRoles(t *rapid.T, person string) {
	offices := []string{"desk", "births", "taxes", "info-point", town.OfficeHelpPoint, town.OfficeMayor, "*"}
	roles := slices.DeleteFunc(town.Roles(), func(r town.Role) bool { return r == town.RoleCitizen || r == town.RoleTicket })
	moment := func(name string) time.Time {
		return opening.Add(time.Duration(rapid.IntRange(-4, 14).Draw(t, name)) * time.Hour)
	}
	n := rapid.IntRange(0, 3).Draw(t, "roles")
	opens := rapid.SampledFrom([]string{"", "mayor", "mayor.secret"}).Draw(t, "opens")
	err := h.store.InTx(access.System(context.Background(), "test"), "give roles", func(ctx context.Context, tx *store.Tx) error {
		if _, err := tx.RoleAssignment.Delete().Where(roleassignment.PersonID(person)).Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.Opening.Delete().Exec(ctx); err != nil {
			return err
		}
		for i := range n {
			create := tx.RoleAssignment.Create().SetID(fmt.Sprintf("drawn:%s:%d", person, i)).SetPersonID(person).
				SetRole(rapid.SampledFrom(roles).Draw(t, "role")).SetOfficeID(rapid.SampledFrom(offices).Draw(t, "office")).
				SetServices(rapid.SampledFrom([][]string{nil, {"*"}, {"anagrafe"}, {"tributi"}}).Draw(t, "services")).SetFrom(moment("from"))
			if rapid.Bool().Draw(t, "ends") {
				create.SetTo(moment("to"))
			}
			if err := create.Exec(ctx); err != nil {
				return err
			}
		}
		if opens != "" {
			err := tx.Opening.Create().SetID("drawn").SetPersonID(person).SetEscalationID(opens).SetCaseID("any").
				SetReason([]byte("sealed")).SetAt(opening).SetUntil(moment("until")).Exec(ctx)
			if err != nil {
				return err
			}
		}
		return access.RolesChanged(ctx, tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// TestExplainAgreesWithTheRules: for people with any roles at any time, what is explained
// is what queries show and what the rooms ask.
func TestExplainAgreesWithTheRules(t *testing.T) {
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	all, ways := objects(h.store), paths(h.store.Reader(), map[string][]string{})
	rapid.Check(t, func(t *rapid.T) {
		person := rapid.SampledFrom([]string{"idle", "verdi", "rossi", "bianchi", "operator", "kiosk"}).Draw(t, "person")
		h.clock.Set(opening.Add(time.Duration(rapid.IntRange(0, 12).Draw(t, "now")) * time.Hour))
		h.giveSomeRoles(t, person)
		v, err := h.Viewer(person, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		for range 6 {
			o := rapid.SampledFrom(all).Draw(t, "object")
			ids, err := ways[o.entity][0].ids(access.With(context.Background(), v))
			if err != nil {
				t.Fatal(err)
			}
			seen := slices.Contains(ids, o.id)
			for _, act := range rapid.SliceOfN(rapid.SampledFrom(access.Acts()), 4, 4).Draw(t, "acts") {
				if o.judgedElsewhere(act) {
					continue
				}
				got, err := h.ExplainThing(context.Background(), person, act, o.prefix, o.id)
				if err != nil {
					t.Fatal(err)
				}
				if want := o.may(v, act, seen); got.Visible != seen || got.Allowed != want {
					t.Fatalf("%s, %s on %s %s: explained visible %v, allowed %v; in truth %v, %v\nheld: %v",
						person, act, o.entity, o.id, got.Visible, got.Allowed, seen, want, v.Scope.Roles)
				}
				h.checkExplained(t, person, act, o, got)
			}
		}
	})
}

// checkExplained: what carries an answer holds now, what is in the way is told, and the
// nearest grants do what they promise.
func (h house) checkExplained(t *rapid.T, person string, act access.Act, o object, e *access.Explanation) {
	now := h.clock.Now()
	for _, g := range e.Grounds {
		if now.Before(g.Held.From) || !g.Held.To.IsZero() && !now.Before(g.Held.To) || g.Rule == nil || g.Rule.Line == 0 {
			t.Fatalf("%s on %s is carried by %+v", act, o.id, g)
		}
	}
	if e.Allowed != (len(e.Obstacles) == 0) {
		t.Fatalf("%s on %s: allowed %v with obstacles %v", act, o.id, e.Allowed, e.Obstacles)
	}
	if len(e.Nearest) == 0 {
		return
	}
	n := 0
	err := h.store.InTx(access.System(context.Background(), "test"), "give the nearest", func(ctx context.Context, tx *store.Tx) error {
		for _, g := range e.Nearest[len(e.Nearest)-1].Grants {
			n++
			err := tx.RoleAssignment.Create().SetID(fmt.Sprintf("nearest:%d", n)).SetPersonID(person).SetRole(g.Role).
				SetOfficeID(g.Office).SetServices(g.Services).SetFrom(now).Exec(ctx)
			if err != nil {
				return err
			}
		}
		return access.RolesChanged(ctx, tx)
	})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		write(t, h.store, func(ctx context.Context, tx *store.Tx) error {
			if _, err := tx.RoleAssignment.Delete().Where(roleassignment.IDIn("nearest:1", "nearest:2")).Exec(ctx); err != nil {
				return err
			}
			return access.RolesChanged(ctx, tx)
		})
		if err := h.Reload(context.Background()); err != nil {
			t.Fatal(err)
		}
	}()
	if err := h.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
	after, err := h.ExplainThing(context.Background(), person, act, o.prefix, o.id)
	if err != nil || !after.Allowed {
		t.Fatalf("%s, %s on %s: with %v it is allowed: %v (%v)", person, act, o.id, e.Nearest[len(e.Nearest)-1], after.Allowed, err)
	}
}

// inShort is an explanation in short.
type inShort struct {
	Allowed, Visible bool
	Standing         access.Standing
	Rules            []string
	Obstacles        []access.ObstacleCode
	Nearest          []string
}

func short(e *access.Explanation) inShort {
	s := inShort{Allowed: e.Allowed, Visible: e.Visible, Standing: e.Standing}
	for _, g := range e.Grounds {
		s.Rules = append(s.Rules, g.Rule.Text)
	}
	for _, o := range e.Obstacles {
		s.Obstacles = append(s.Obstacles, o.Code)
	}
	for _, way := range e.Nearest {
		text := ""
		for _, g := range way.Grants {
			text += fmt.Sprintf("%s@%s ", g.Role, g.Office)
		}
		s.Nearest = append(s.Nearest, text)
	}
	return s
}

// TestExplain is what an auditor reads in the cases that come up.
func TestExplain(t *testing.T) {
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	tests := map[string]struct {
		person string
		act    access.Act
		kind   town.Prefix
		id     string
		want   inShort
	}{
		"a head decides": {"head.births", access.CaseDecide, town.PrefixCase, "births", inShort{
			true, true, access.StandsOwn, []string{"p, officer, own, case, read", "p, head, own, case, decide"}, nil, nil,
		}},
		"an officer does not": {"officer.births", access.CaseDecide, town.PrefixCase, "births", inShort{
			false, true, access.StandsOwn, []string{"p, officer, own, case, read"}, []access.ObstacleCode{access.ObstacleRole}, []string{"head@births "},
		}},
		"a head of another office": {"head.taxes", access.CaseDecide, town.PrefixCase, "births", inShort{
			false, false, access.StandsNone, nil, []access.ObstacleCode{access.ObstacleOffice}, []string{"head@births "},
		}},
		"confidential": {"officer.births", access.CaseRead, town.PrefixCase, "births.secret", inShort{
			false, false, access.StandsNone, nil, []access.ObstacleCode{access.ObstacleConfidential}, []string{"head@births ", "confidential@births "},
		}},
		"the office that handed it over": {"officer.births", access.CaseRead, town.PrefixCase, "taxes.former", inShort{
			true, true, access.StandsFormer, []string{"p, officer, own, case, read"}, nil, nil,
		}},
		"the step that is held": {"helppoint", access.CaseReadPersonal, town.PrefixCase, "taxes.helped", inShort{
			true, true, access.StandsOther, []string{"p, helppoint, own, escalation, help", "p, helppoint, any, case, read_personal"}, nil, nil,
		}},
		"one's own": {"rossi", access.CaseRead, town.PrefixCase, "births", inShort{
			true, true, access.StandsParty, []string{"p, citizen, party, case, read"}, nil, nil,
		}},
		"a subject of another": {"assessore2", access.EscalationPolitical, town.PrefixEscalation, "mayor", inShort{
			false, false, access.StandsNone, nil,
			[]access.ObstacleCode{access.ObstacleSubject},
			[]string{"assessore@sindaco-assessori ", "mayor@sindaco-assessori "},
		}},
		"an office": {"verdi", access.CaseFileOwn, town.PrefixOffice, "births", inShort{
			true, true, access.StandsOwn, []string{"p, citizen, any, case, file_own"}, nil, nil,
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			e, err := h.ExplainThing(t.Context(), test.person, test.act, test.kind, test.id)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, short(e)); diff != "" {
				t.Errorf("(-want +got)\n%s\n%+v", diff, e)
			}
		})
	}
}

func TestWhoMayAskForExplanations(t *testing.T) {
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	for who, want := range map[string]town.Code{"auditor": "", "admin": "", "mayor": town.Forbidden, "head.births": town.Forbidden, "rossi": town.Forbidden} {
		_, err := h.Explain(h.as(t, who), "rossi", access.CaseFileOwn, "births")
		if want == "" && err != nil || want != "" && town.CodeOf(err) != want {
			t.Errorf("%s: %v, want %q", who, err, want)
		}
	}
	auditor := h.as(t, "auditor")
	for name, ask := range map[string]struct {
		person, object string
		act            access.Act
		want           town.Code
	}{
		"unknown person": {"nobody", "births", access.CaseRead, town.NotFound},
		"unknown thing":  {"rossi", "case_none", access.CaseRead, town.NotFound},
		"unknown act":    {"rossi", "births", "case:burn", town.BadUserInput},
	} {
		if _, err := h.Explain(auditor, ask.person, ask.act, ask.object); town.CodeOf(err) != ask.want {
			t.Errorf("%s: %v, want %s", name, err, ask.want)
		}
	}
}
