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
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// entrust writes mandates into the database, and takes the new snapshot.
func (h house) entrust(t testing.TB, mandates ...access.Mandate) {
	t.Helper()
	write(t, h.store, func(ctx context.Context, tx *store.Tx) error {
		for _, m := range mandates {
			create := tx.Mandate.Create().SetID(m.ID).SetPrincipalID(m.PrincipalID).SetDelegateID(m.DelegateID).
				SetClass(town.MandateDelegation).SetServices(m.Services).SetFrom(m.From).SetCreatedAt(opening)
			if !m.To.IsZero() {
				create.SetTo(m.To)
			}
			if err := create.Exec(ctx); err != nil {
				return err
			}
		}
		return access.RolesChanged(ctx, tx)
	})
	if err := h.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// delegate is a citizen signed in at the highest level.
func (h house) delegate(t testing.TB, id string) *access.Viewer {
	t.Helper()
	v, err := h.Enter(access.Viewer{ID: id, Assurance: town.AssuranceHigh, Expires: time.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (h house) revoke(t testing.TB, id string) {
	t.Helper()
	write(t, h.store, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.Mandate.UpdateOneID(id).SetRevokedAt(tx.Now).Exec(ctx); err != nil {
			return err
		}
		return access.RolesChanged(ctx, tx)
	})
	if err := h.Reload(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// TestWhoMayAct: only the citizen whom a mandate names, while it is in force and both may
// come in; everybody else hears the same words, whether there is such a mandate or not.
func TestWhoMayAct(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHouse(t, db)
		m := access.Mandate{ID: "m", PrincipalID: "rossi", DelegateID: "verdi", From: opening, To: opening.Add(24 * time.Hour)}
		later := access.Mandate{ID: "later", PrincipalID: "rossi", DelegateID: "verdi", From: opening.Add(time.Hour)}
		onward := access.Mandate{ID: "onward", PrincipalID: "verdi", DelegateID: "bianchi", From: opening}
		staff := access.Mandate{ID: "staff", PrincipalID: "rossi", DelegateID: "officer.births", From: opening}
		ended := access.Mandate{ID: "ended", PrincipalID: "rossi", DelegateID: "verdi", From: opening.Add(-time.Hour), To: opening}
		h.entrust(t, m, later, onward, staff, ended)
		verdi := h.delegate(t, "verdi")
		acting, err := h.Act(verdi, "m")
		if err != nil {
			t.Fatal(err)
		}
		if acting.ID != "verdi" || acting.OnBehalfOf() != "rossi" || acting.Account() != "rossi" || acting.Assurance != town.AssuranceHigh {
			t.Errorf("acts as %+v", acting)
		}
		if acting.Expires != verdi.Expires {
			t.Errorf("ends %v, want with the sign-in %v", acting.Expires, verdi.Expires)
		}
		asBianchi, err := h.Act(h.delegate(t, "bianchi"), "onward")
		if err != nil {
			t.Fatal(err)
		}
		device, err := h.Enter(access.Viewer{ID: "kiosk"})
		if err != nil {
			t.Fatal(err)
		}
		var words string
		for name, refused := range map[string]struct {
			who     *access.Viewer
			mandate string
		}{
			"no such mandate":        {verdi, "none"},
			"no mandate named":       {verdi, ""},
			"somebody else's":        {h.delegate(t, "bianchi"), "m"},
			"the principal":          {h.delegate(t, "rossi"), "m"},
			"not yet":                {verdi, "later"},
			"ended":                  {verdi, "ended"},
			"staff":                  {h.delegate(t, "officer.births"), "staff"},
			"a chain of mandates":    {asBianchi, "m"},
			"acting already":         {acting, "m"},
			"a device":               {device, "m"},
			"the public":             {access.Public(), "m"},
			"the holder of a ticket": {h.Ticket("v1"), "m"},
		} {
			_, err := h.Act(refused.who, refused.mandate)
			if town.CodeOf(err) != town.Forbidden {
				t.Errorf("%s: %v, want FORBIDDEN", name, err)
				continue
			}
			if words == "" {
				words = err.Error()
			}
			if err.Error() != words {
				t.Errorf("%s: other words: %v", name, err)
			}
		}
		h.clock.Advance(time.Hour)
		if _, err := h.Act(verdi, "later"); err != nil {
			t.Errorf("once it has begun: %v", err)
		}
	})
}

// TestActingEnds: whatever ends a mandate ends what is under way under it, and nothing
// else of the delegate.
func TestActingEnds(t *testing.T) {
	admin := func(t *testing.T, h house, person string) {
		if err := h.SetDisabled(h.as(t, "admin"), person, true); err != nil {
			t.Fatal(err)
		}
	}
	for name, end := range map[string]func(t *testing.T, h house){
		"revoked":                func(t *testing.T, h house) { h.revoke(t, "m") },
		"its last day passes":    func(_ *testing.T, h house) { h.clock.Advance(24 * time.Hour) },
		"the principal disabled": func(t *testing.T, h house) { admin(t, h, "rossi") },
		"the delegate disabled":  func(t *testing.T, h house) { admin(t, h, "verdi") },
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
				h := newHouse(t, db)
				h.watching(t)
				h.entrust(t, access.Mandate{ID: "m", PrincipalID: "rossi", DelegateID: "verdi", From: opening, To: opening.Add(24 * time.Hour)})
				own := h.delegate(t, "verdi")
				acting, err := h.Act(own, "m")
				if err != nil {
					t.Fatal(err)
				}
				over := make(chan error, 2)
				ctx, release := h.Hold(access.With(context.Background(), acting), func(err error) { over <- err })
				defer release()
				if err := h.Renew(ctx); err != nil {
					t.Fatalf("before: %v", err)
				}
				end(t, h)
				select {
				case err := <-over:
					if town.CodeOf(err) != town.Unauthenticated {
						t.Errorf("over: %v, want UNAUTHENTICATED", err)
					}
				case <-time.After(10 * time.Second):
					t.Error("not over")
				}
				if _, err := h.Act(h.mayBe(own), "m"); err == nil {
					t.Error("one may act again")
				}
				_, err = h.Refresh(own)
				if gone := name == "the delegate disabled"; (err != nil) != gone {
					t.Errorf("the delegate's own session: %v", err)
				}
			})
		})
	}
}

// mayBe is the viewer as they are now, or as they were where they may not come in.
func (h house) mayBe(v *access.Viewer) *access.Viewer {
	if fresh, err := h.Refresh(v); err == nil {
		return fresh
	}
	return v
}

// thing is something that a generated town keeps, as the oracle knows it.
type thing struct {
	kind, id string
	// own is whose it is, did who did it for them, visit and file what it is about.
	own, did, service string
	visit, file       *thing
}

// generated is a town of three citizens with things of all kinds among them.
type generated struct {
	t       *rapid.T
	prefix  string
	round   int
	things  []*thing
	serial  int
	persons []string
}

func (g *generated) pick(label string, from ...string) string {
	return rapid.SampledFrom(from).Draw(g.t, label)
}

func (g *generated) person(label string) string { return g.pick(label, g.persons...) }

func (g *generated) service() string { return g.pick("service", "births", "taxes", "waste", "") }

func (g *generated) add(kind string, th thing) *thing {
	g.serial++
	th.kind, th.id = kind, fmt.Sprintf("%s%d", g.prefix, g.serial)
	g.things = append(g.things, &th)
	return &th
}

func (g *generated) some(label string, add func()) {
	for range rapid.IntRange(1, 4).Draw(g.t, label) {
		add()
	}
}

func (g *generated) fill() {
	var visits, files []*thing
	g.some("visits", func() {
		v := g.add(ent.TypeVisit, thing{own: g.pick("visitor", append(g.persons, "")...), did: g.person("issuer")})
		visits = append(visits, v)
		g.some("legs", func() { g.add(ent.TypeLeg, thing{visit: v, service: g.service()}) })
	})
	g.some("cases", func() {
		files = append(files, g.add(ent.TypeCaseFile, thing{own: g.person("applicant"), did: g.person("filer"), service: g.service()}))
	})
	g.some("intakes", func() {
		g.add(ent.TypeIntake, thing{own: g.pick("for", append(g.persons, "")...), did: g.person("filer"), service: g.service()})
	})
	g.some("words", func() {
		th := thing{own: g.pick("author", append(g.persons, "")...), service: g.service()}
		if rapid.Bool().Draw(g.t, "of a case") {
			th.file = rapid.SampledFrom(files).Draw(g.t, "file")
		} else {
			th.visit = rapid.SampledFrom(visits).Draw(g.t, "visit")
		}
		g.add(ent.TypeFeedback, th)
	})
	g.some("steps", func() {
		g.add(ent.TypeEscalation, thing{
			own: g.pick("citizen", append(g.persons, "")...), did: g.person("opener"), service: g.service(),
			file: rapid.SampledFrom(files).Draw(g.t, "file"),
		})
	})
}

// wants is the oracle: the things that are the principal's own, in the services of the
// mandate; never what anybody did for somebody else.
func (g *generated) wants(principal string, services []string) map[string][]string {
	covered := func(service string) bool { return len(services) == 0 || slices.Contains(services, service) }
	found := map[string][]string{}
	for _, th := range g.things {
		mine := th.own == principal
		switch th.kind {
		case ent.TypeVisit:
			mine = mine && (len(services) == 0 || slices.ContainsFunc(g.things, func(leg *thing) bool {
				return leg.kind == ent.TypeLeg && leg.visit == th && covered(leg.service)
			}))
		case ent.TypeLeg:
			mine = th.visit.own == principal && covered(th.service)
		case ent.TypeIntake: // what came to nothing names nobody but who tried
			mine = (mine || th.own == "" && th.did == principal) && covered(th.service)
		default:
			about := th.visit != nil && th.visit.own == principal || th.file != nil && th.file.own == principal
			mine = (mine || about) && covered(th.service)
		}
		if mine {
			found[th.kind] = append(found[th.kind], th.id)
		}
	}
	return found
}

func idOf(th *thing) string {
	if th == nil {
		return ""
	}
	return th.id
}

func (g *generated) store(ctx context.Context, tx *store.Tx) error {
	for i, th := range g.things {
		var err error
		switch th.kind {
		case ent.TypeVisit:
			err = tx.Visit.Create().SetID(th.id).SetSiteID("site").SetDay(town.Today(opening)).SetLetter("A").SetNumber(g.round*1000 + i).
				SetPersonID(th.own).SetIssuedBy(th.did).SetCodeHash(town.HashTicketCode(th.id)).
				SetChannel(town.ChannelOnline).SetPriority(town.P3).SetArrivedAt(opening).Exec(ctx)
		case ent.TypeLeg:
			err = tx.Leg.Create().SetID(th.id).SetVisitID(th.visit.id).SetOrdinal(i).SetSiteID("site").SetOfficeID("x").SetServiceID(th.service).
				SetLevel(2).SetState(town.LegWaiting).SetPriority(town.P3).SetLabel("A").SetSeniorAt(opening).SetQueuedAt(opening).SetBusyKey(th.id).Exec(ctx)
		case ent.TypeCaseFile:
			err = tx.CaseFile.Create().SetID(th.id).SetProtocol(th.id).SetOfficeID("x").SetServiceID(th.service).SetApplicantID(th.own).
				SetSubmittedBy(th.did).SetPluginVersion("1").SetPhase(town.PhaseInProgress).SetPriority(town.P3).SetChannel(town.ChannelOnline).
				SetAnswers([]byte("x")).SetDecision([]byte("x")).SetSilence("none").SetFiledAt(opening).SetRegisteredAt(opening).
				SetDueOn(town.Today(opening)).SetUpdatedAt(opening).Exec(ctx)
		case ent.TypeIntake:
			err = tx.Intake.Create().SetID(th.id).SetPluginVersion("1").SetStatus(town.IntakeProblems).SetChannel(town.ChannelOnline).
				SetServiceID(th.service).SetActorID(th.did).SetApplicantID(th.own).SetOfficeID("x").SetAt(opening).Exec(ctx)
		case ent.TypeFeedback:
			err = tx.Feedback.Create().SetID(th.id).SetContactKey(th.id).SetOfficeID("x").SetServiceID(th.service).SetVisitID(idOf(th.visit)).
				SetCaseID(idOf(th.file)).SetAuthorID(th.own).SetLevel(2).SetChannel(town.ChannelOnline).SetScore(2).SetAt(opening).Exec(ctx)
		case ent.TypeEscalation:
			err = tx.Escalation.Create().SetID(th.id).SetOwnerOffice("x").SetOfficeID("x").SetServiceID(th.service).SetCaseID(idOf(th.file)).
				SetOpenedBy(th.did).SetOnBehalfOf(th.own).SetLevel(4).SetStep(town.StepHelpPoint).SetKind(town.KindMerits).
				SetState(town.EscalationOpen).SetOpenKey(th.id).SetAcknowledgeBy(town.Today(opening)).SetDueOn(town.Today(opening)).
				SetOpenedAt(opening).Exec(ctx)
		}
		if err != nil {
			return fmt.Errorf("store %s: %w", th.kind, err)
		}
	}
	return nil
}

// saying is the fact about a thing, as the rooms tell it: first of all whose it is.
func saying(th *thing) town.Event {
	parties := func(ids ...string) []string { return slices.DeleteFunc(ids, func(id string) bool { return id == "" }) }
	e := town.Event{OfficeID: "x", ServiceID: th.service, Data: map[string]string{town.DataOwnerOffice: "x"}}
	switch th.kind {
	case ent.TypeLeg:
		e.Type, e.LegID, e.VisitID, e.Parties = town.EventLegCalled, th.id, th.visit.id, parties(th.visit.own)
	case ent.TypeCaseFile:
		e.Type, e.CaseID, e.Parties = town.EventCaseRegistered, th.id, parties(th.own, th.did)
	case ent.TypeIntake:
		e.Type, e.IntakeID, e.Parties = town.EventIntakeReviewed, th.id, parties(th.own, th.did)
	case ent.TypeFeedback:
		e.Type, e.FeedbackID, e.Parties = town.EventFeedbackGiven, th.id, parties(th.own)
	case ent.TypeEscalation:
		e.Type, e.EscalationID, e.Parties = town.EventEscalationRaised, th.id, parties(th.own)
	}
	return e
}

// TestActingIsThePrincipalInTheServices: in any town, who acts under a mandate reads
// exactly the principal's own things in its services, and is told of no others; without
// acting, exactly one's own and what one did for others.
func TestActingIsThePrincipalInTheServices(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHouse(t, db)
		ways := paths(h.store.Reader(), map[string][]string{})
		round := 0
		rapid.Check(t, func(rt *rapid.T) {
			round++
			g := &generated{t: rt, prefix: fmt.Sprintf("g%d.", round), round: round}
			for _, name := range []string{"principal", "delegate", "third"} {
				g.persons = append(g.persons, g.prefix+name)
			}
			g.fill()
			services := rapid.SliceOfDistinct(rapid.SampledFrom([]string{"births", "taxes", "waste"}), rapid.ID[string]).Draw(rt, "services")
			write(t, h.store, g.store)
			mandate := access.Mandate{ID: g.prefix, PrincipalID: g.persons[0], DelegateID: g.persons[1], Services: services, From: opening}
			h.entrust(t, mandate)
			acting, err := h.Act(h.delegate(t, g.persons[1]), g.prefix)
			if err != nil {
				rt.Fatal(err)
			}
			want := g.wants(g.persons[0], services)
			for _, kind := range []string{ent.TypeVisit, ent.TypeLeg, ent.TypeCaseFile, ent.TypeIntake, ent.TypeFeedback, ent.TypeEscalation} {
				got, err := ways[kind][0].ids(access.With(context.Background(), acting))
				if err != nil {
					rt.Fatal(err)
				}
				slices.Sort(got)
				slices.Sort(want[kind])
				if diff := cmp.Diff(append([]string{}, want[kind]...), append([]string{}, got...)); diff != "" {
					rt.Fatalf("%s under a mandate for %q (-want +sees)\n%s", kind, services, diff)
				}
			}
			for _, th := range g.things {
				if th.kind == ent.TypeVisit {
					continue
				}
				if reads := slices.Contains(want[th.kind], th.id); acting.MaySee(saying(th)) && !reads {
					rt.Fatalf("told of %s %s and may not read it", th.kind, th.id)
				} else if reads && th.own == g.persons[0] && !acting.MaySee(saying(th)) {
					rt.Fatalf("may read %s %s and is not told", th.kind, th.id)
				}
			}
		})
	})
}

// TestActingAndPersons: who acts in everything sees the principal; who acts in some
// services only does not.
func TestActingAndPersons(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHouse(t, db)
		h.entrust(t,
			access.Mandate{ID: "all", PrincipalID: "bianchi", DelegateID: "verdi", From: opening},
			access.Mandate{ID: "some", PrincipalID: "bianchi", DelegateID: "verdi", Services: []string{"waste"}, From: opening})
		for mandate, want := range map[string][]string{"all": {"bianchi", "verdi"}, "some": {"verdi"}} {
			acting, err := h.Act(h.delegate(t, "verdi"), mandate)
			if err != nil {
				t.Fatal(err)
			}
			got, err := h.store.Reader().Person.Query().IDs(access.With(context.Background(), acting))
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("under %q: (-want +sees)\n%s", mandate, diff)
			}
			if acting.ActsWhollyFor("bianchi") != (mandate == "all") || acting.ActsWhollyFor("verdi") {
				t.Errorf("%s: acts wholly for the wrong one", mandate)
			}
			known := *h.delegate(t, "verdi")
			known.Assurance = town.AssuranceLow
			barely, err := h.Act(&known, mandate)
			if err != nil {
				t.Fatal(err)
			}
			if seen, err := h.store.Reader().Person.Query().IDs(access.With(context.Background(), barely)); err != nil || !slices.Equal(seen, []string{"verdi"}) || barely.ActsWhollyFor("bianchi") {
				t.Errorf("under %q, known by a password only: sees %v, %v", mandate, seen, err)
			}
		}
	})
}

// TestBothAreNamed: whatever is written while acting names both, also where the house
// writes it for whoever asks; what others write does not.
func TestBothAreNamed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHouse(t, db)
		h.entrust(t, access.Mandate{ID: "m", PrincipalID: "rossi", DelegateID: "verdi", From: opening})
		acting, err := h.Act(h.delegate(t, "verdi"), "m")
		if err != nil {
			t.Fatal(err)
		}
		asking := access.With(context.Background(), acting)
		for name, test := range map[string]struct {
			ctx         context.Context
			actor, want string
		}{
			"the delegate":               {asking, "verdi", "rossi"},
			"the house for the delegate": {access.System(access.System(asking, "a"), "b"), "verdi", "rossi"},
			"another actor":              {asking, "unnamed", ""},
			"on one's own account":       {access.With(context.Background(), h.delegate(t, "verdi")), "verdi", ""},
			"the house by itself":        {access.System(context.Background(), "a"), "verdi", ""},
		} {
			kind := town.EventType("test." + name)
			err := h.store.InTx(test.ctx, "test", func(ctx context.Context, tx *store.Tx) error {
				tx.Emit(town.Event{Type: kind, Actor: test.actor})
				return tx.CaseEntry.Create().SetID(name).SetCaseID("births").SetOrdinal(len(name) + 100).SetAt(opening).SetKind("noted").
					SetActorID(test.actor).Exec(ctx)
			})
			if err != nil {
				t.Fatal(err)
			}
			house := access.System(context.Background(), "test")
			line, err := h.store.Reader().CaseEntry.Get(house, name)
			if err != nil {
				t.Fatal(err)
			}
			events, err := h.store.Reader().Event.Query().All(house)
			if err != nil {
				t.Fatal(err)
			}
			fact := events[slices.IndexFunc(events, func(e *ent.Event) bool { return e.Type == kind })]
			if diff := cmp.Diff([]string{test.want, test.want}, []string{line.OnBehalfOf, fact.OnBehalfOf}); diff != "" {
				t.Errorf("%s: line and fact (-want +got)\n%s", name, diff)
			}
		}
	})
}

// TestDevicesStayAtTheirSite: a device sees nothing of another site.
func TestDevicesStayAtTheirSite(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHouse(t, db)
		for site, want := range map[string]int{"site": 1, "elsewhere": 0, "": 1} {
			v, err := h.Enter(access.Viewer{ID: "kiosk", SiteID: site})
			if err != nil {
				t.Fatal(err)
			}
			ctx := access.With(context.Background(), v)
			visits, legs := h.store.Reader().Visit.Query().CountX(ctx), h.store.Reader().Leg.Query().CountX(ctx)
			if diff := cmp.Diff([]int{want, 2 * want}, []int{visits, legs}); diff != "" {
				t.Errorf("at %q: visits and legs (-want +sees)\n%s", site, diff)
			}
			if err := v.RequireSite("site"); (err == nil) != (want == 1) {
				t.Errorf("at %q: %v", site, err)
			}
		}
	})
}
