package access_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// verdiForBianchi is Verdi who acts for Bianchi in everything.
const verdiForBianchi = "verdi for bianchi"

// viewers of the small town, by name.
func viewers(t testing.TB, a *access.Authority) map[string]*access.Viewer {
	t.Helper()
	all := map[string]*access.Viewer{"ticket v1": a.Ticket("v1")}
	for _, p := range people() {
		v, err := a.Viewer(p.id, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		all[p.id] = v
	}
	acting, err := a.Act(all["verdi"], "mandate")
	if err != nil {
		t.Fatal(err)
	}
	all[verdiForBianchi] = acting
	return all
}

// visible says, type by type, who sees which rows of the small town; whoever is not
// named sees none. It is written by hand from what the town hall wants, not from the
// rules.
func visible() map[string]map[string]string {
	const (
		allLegs  = "v1.births v1.desk v2.taxes"
		everyone = "admin assessore assessore2 auditor bianchi cleared.births display head.births head.taxes helppoint idle info kiosk mayor officer.births officer.taxes operator rossi verdi"
		workers  = "admin assessore assessore2 auditor cleared.births display head.births head.taxes helppoint idle info kiosk mayor officer.births officer.taxes operator"
		// births reads its open case and the one it handed over; the grant adds the
		// confidential one.
		ofBirths  = "births taxes.former"
		ofCleared = "births births.secret taxes.former"
		ofTaxes   = "taxes.former taxes.helped"
	)
	cases := map[string]string{
		"rossi": "births taxes.former", "bianchi": "births.secret taxes.helped",
		"operator":       "births.secret taxes.former", // what it filed
		"officer.births": ofBirths, "cleared.births": ofCleared, "head.births": ofCleared,
		"officer.taxes": ofTaxes, "head.taxes": ofTaxes,
		"helppoint": "taxes.helped",
		"auditor":   "births taxes.former taxes.helped",
	}
	visits := map[string]string{
		"rossi": "v1", "ticket v1": "v1", "kiosk": "v1", "operator": "v1",
		"officer.births": "v1", "cleared.births": "v1", "head.births": "v1",
		"officer.taxes": "v2", "head.taxes": "v2", "helppoint": "v2", "info": "v1 v2", "auditor": "v1 v2",
	}
	legsOf := map[string]string{"v1": "v1.births v1.desk", "v2": "v2.taxes", "v1 v2": allLegs}
	legs := translate(visits, legsOf)
	rows := map[string]map[string]string{
		ent.TypeVisit:    visits,
		ent.TypeLeg:      legs,
		ent.TypeInterval: prefixed("i:", legs),
		ent.TypeCall: {
			"operator": "c:v1.desk", "officer.births": "c:v1.births", "cleared.births": "c:v1.births", "head.births": "c:v1.births",
			"officer.taxes": "c:v2.taxes", "head.taxes": "c:v2.taxes", "info": "c:v1.births c:v1.desk c:v2.taxes",
			"auditor": "c:v1.births c:v1.desk c:v2.taxes",
		},
		ent.TypeCounterSession: {
			"operator": "s:desk", "officer.births": "s:births", "cleared.births": "s:births", "head.births": "s:births",
			"info": "s:births s:desk", "auditor": "s:births s:desk",
		},
		ent.TypeNumberSeries: {},

		ent.TypeCaseFile:        cases,
		ent.TypeCaseDocument:    prefixed("doc:", cases),
		ent.TypeCaseAct:         prefixed("act:", cases),
		ent.TypeDocumentVersion: prefixed("docv:", cases),
		ent.TypeDocumentUpload:  {"bianchi": "upl:bianchi", "rossi": "upl:rossi"},
		ent.TypeIntakeDraft: { // the person's own, and what was begun for them
			"rossi": "drf:rossi", "bianchi": "drf:bianchi drf:desk", "operator": "drf:desk", verdiForBianchi: "drf:bianchi drf:desk",
		},
		ent.TypeCaseClock:  prefixed("clk:", cases),
		ent.TypeClockEntry: prefixed("cle:", cases),
		ent.TypeCaseEntry: { // internal lines are for the house
			"rossi": "open:births open:taxes.former", "bianchi": "open:births.secret open:taxes.helped",
			"operator":       "open:births.secret open:taxes.former",
			"officer.births": "internal:births internal:taxes.former open:births open:taxes.former",
			"cleared.births": "internal:births internal:births.secret internal:taxes.former open:births open:births.secret open:taxes.former",
			"head.births":    "internal:births internal:births.secret internal:taxes.former open:births open:births.secret open:taxes.former",
			"officer.taxes":  "internal:taxes.former internal:taxes.helped open:taxes.former open:taxes.helped",
			"head.taxes":     "internal:taxes.former internal:taxes.helped open:taxes.former open:taxes.helped",
			"helppoint":      "internal:taxes.helped open:taxes.helped",
			"auditor":        "internal:births internal:taxes.former internal:taxes.helped open:births open:taxes.former open:taxes.helped",
		},
		ent.TypeFormerOffice: {
			"rossi": "former", "operator": "former", "officer.births": "former", "cleared.births": "former", "head.births": "former",
			"officer.taxes": "former", "head.taxes": "former", "auditor": "former",
		},
		ent.TypeIntake: {
			"rossi": "in:births in:taxes.former", "bianchi": "in:births.secret in:taxes.helped", "operator": "in:births.secret in:taxes.former",
			"officer.births": "in:births", "cleared.births": "in:births in:births.secret", "head.births": "in:births in:births.secret",
			"officer.taxes": "in:taxes.former in:taxes.helped", "head.taxes": "in:taxes.former in:taxes.helped",
			"auditor": "in:births in:taxes.former in:taxes.helped",
		},

		ent.TypeFeedback: {
			"rossi": "on.desk", "ticket v1": "on.desk", "bianchi": "on.births",
			"head.births": "on.births", "head.taxes": "on.taxes",
			// on.births is about a confidential case
			"helppoint": "on.desk on.taxes", "mayor": "on.desk on.taxes",
			"assessore": "on.desk on.taxes", "assessore2": "on.desk on.taxes", "auditor": "on.desk on.taxes",
		},
		ent.TypeEscalation: {
			"rossi": "head.births", "bianchi": "help.case help.secret mayor mayor.secret",
			"operator": "help.secret", // raised for Bianchi
			// Whoever answers sees what is confidential; others need the grant.
			"helppoint": "head.births help.case help.secret help.visit mayor", "mayor": "mayor mayor.secret", "assessore": "mayor mayor.secret", "assessore2": "mayor.secret",
			"officer.births": "head.births", "cleared.births": "head.births help.secret mayor.secret", "head.births": "head.births help.secret mayor.secret",
			"officer.taxes": "help.case help.visit mayor", "head.taxes": "help.case help.visit mayor",
			"auditor": "head.births help.case help.visit mayor",
		},

		ent.TypeAlert: {
			"helppoint": "alert.help alert.help.secret", "mayor": "alert.down alert.help alert.mayor alert.mayor.secret alert.wait",
			"assessore": "alert.down alert.help alert.mayor alert.mayor.secret alert.wait", "assessore2": "alert.mayor.secret",
			"head.births": "alert.help.secret alert.mayor.secret alert.term.secret alert.wait",
			"head.taxes":  "alert.down alert.help alert.mayor", "auditor": "alert.down alert.help alert.mayor alert.wait",
		},
		ent.TypeAlertWatch:    {},
		ent.TypeAlertEndpoint: {"admin": "hook mail", "mayor": "mail"},
		ent.TypeAlertDelivery: {"admin": "message"},

		ent.TypePerson: {
			"rossi":   "officer.births officer.taxes rossi", // the officers responsible for his cases
			"bianchi": "bianchi", "verdi": "verdi", "kiosk": "kiosk", "display": "display", "idle": "idle",
			"operator": everyone, "officer.births": everyone, "cleared.births": everyone, "head.births": everyone,
			"officer.taxes": everyone, "head.taxes": everyone, "helppoint": everyone,
			"info": workers, "assessore": workers, "assessore2": workers, "mayor": workers, "admin": workers, "auditor": workers,
		},
		ent.TypeRoleAssignment: {},
		ent.TypeIdempotency:    {"rossi": "request"},
		ent.TypeMandate: {
			"bianchi": "mandate", "verdi": "mandate", "operator": "mandate", "officer.births": "mandate", "cleared.births": "mandate",
			"head.births": "mandate", "officer.taxes": "mandate", "head.taxes": "mandate", "helppoint": "mandate", verdiForBianchi: "mandate",
		},
		ent.TypeSession:            {"rossi": "session"},
		ent.TypeCredential:         {"admin": "token"},
		ent.TypePluginRegistration: {"admin": "plg_1", "auditor": "plg_1"},
		ent.TypeSetting:            {}, ent.TypeSequencer: {}, ent.TypeConsumerOffset: {},

		ent.TypeOffice: {}, ent.TypeSite: {}, ent.TypeCounter: {}, ent.TypeDefinition: {},
	}
	// Who acts for somebody in everything sees what that person does, and themselves.
	for _, kind := range []string{
		ent.TypeCaseFile, ent.TypeCaseEntry, ent.TypeCaseDocument, ent.TypeDocumentVersion, ent.TypeCaseAct, ent.TypeCaseClock, ent.TypeClockEntry, ent.TypeIntake, ent.TypeFeedback, ent.TypeEscalation,
	} {
		rows[kind][verdiForBianchi] = rows[kind]["bianchi"]
	}
	rows[ent.TypePerson][verdiForBianchi] = "bianchi verdi"
	ownRoles(rows[ent.TypeRoleAssignment])
	for _, p := range append(people(), person{id: "ticket v1"}, person{id: verdiForBianchi}) { // public things
		rows[ent.TypeOffice][p.id] = "births desk help-point info-point sindaco-assessori taxes"
		rows[ent.TypeSite][p.id], rows[ent.TypeCounter][p.id], rows[ent.TypeDefinition][p.id] = "site", "counter", "hash"
	}
	return rows
}

// ownRoles: everyone sees the roles they hold; the administrator and the auditor see all.
func ownRoles(rows map[string]string) {
	var all []string
	for _, p := range people() {
		var own []string
		for _, held := range p.roles {
			own = append(own, "role:"+p.id+string(held.Role))
		}
		slices.Sort(own)
		rows[p.id] = strings.Join(own, " ")
		all = append(all, own...)
	}
	slices.Sort(all)
	rows["admin"] = strings.Join(all, " ")
	rows["auditor"] = rows["admin"]
}

func translate(rows, words map[string]string) map[string]string {
	out := map[string]string{}
	for who, ids := range rows {
		out[who] = words[ids]
	}
	return out
}

func prefixed(prefix string, rows map[string]string) map[string]string {
	out := map[string]string{}
	for who, ids := range rows {
		out[who] = prefix + strings.Join(strings.Fields(ids), " "+prefix)
	}
	return out
}

// TestEveryPathShowsTheSameRows: for everyone, for every type, every way to its rows
// shows exactly those that this person may see.
func TestEveryPathShowsTheSameRows(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s, _ := openStore(t, db)
		smallTown(t, s)
		a, err := access.NewAuthority(context.Background(), s)
		if err != nil {
			t.Fatal(err)
		}
		want := visible()
		all := map[string][]string{}
		house := access.System(context.Background(), "test")
		for kind, ways := range paths(s.Reader(), nil) {
			ids, err := ways[0].ids(house)
			if err != nil || len(ids) == 0 {
				t.Fatalf("the house sees no %s: %v", kind, err)
			}
			all[kind] = ids
		}
		for kind, ways := range paths(s.Reader(), all) {
			rows, known := want[kind]
			if !known {
				t.Fatalf("nothing is said of who sees %s", kind)
			}
			for name, v := range viewers(t, a) {
				expected := strings.Fields(rows[name])
				slices.Sort(expected)
				for _, way := range ways {
					ids, err := way.ids(access.With(context.Background(), v))
					if err != nil {
						t.Errorf("%s, %s: %s fails: %v", name, kind, way.name, err)
						continue
					}
					slices.Sort(ids)
					ids = slices.Compact(ids)
					if diff := cmp.Diff(expected, append([]string{}, ids...)); diff != "" {
						t.Errorf("%s, %s, %s: (-may see +sees)\n%s", name, kind, way.name, diff)
					}
				}
			}
		}
	})
}

// TestEventsAreForTheHouse: nobody reads the log but through a stream.
func TestEventsAreForTheHouse(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s, _ := openStore(t, db)
		smallTown(t, s)
		a, err := access.NewAuthority(context.Background(), s)
		if err != nil {
			t.Fatal(err)
		}
		if n := s.Reader().Event.Query().CountX(access.System(context.Background(), "test")); n != 1 {
			t.Fatalf("the house sees %d events, want 1", n)
		}
		for name, v := range viewers(t, a) {
			if n, err := s.Reader().Event.Query().Count(access.With(context.Background(), v)); err != nil || n != 0 {
				t.Errorf("%s sees %d events (%v)", name, n, err)
			}
		}
	})
}

// TestWithoutViewer: a query or a change that nobody answers for fails, and so does one
// of the public, but for what is public.
func TestWithoutViewer(t *testing.T) {
	s, _ := openStore(t, dbtest.New(t, dbtest.SQLite))
	smallTown(t, s)
	public := map[string]bool{ent.TypeOffice: true, ent.TypeSite: true, ent.TypeCounter: true, ent.TypeDefinition: true}
	contexts := map[string]context.Context{
		"no viewer":  context.Background(),
		"nil viewer": access.With(context.Background(), nil),
		"the public": access.With(context.Background(), access.Public()),
	}
	for who, ctx := range contexts {
		for kind, ways := range paths(s.Reader(), map[string][]string{}) {
			ids, err := ways[0].ids(ctx)
			if public[kind] {
				if err != nil || len(ids) == 0 {
					t.Errorf("%s: %s is public, but: %v", who, kind, err)
				}
			} else if town.CodeOf(err) != town.Unauthenticated {
				t.Errorf("%s: a query on %s gave %v and error %v, want UNAUTHENTICATED", who, kind, ids, err)
			}
		}
		err := s.Reader().Feedback.Create().SetID("x").SetContactKey("x").SetLevel(2).SetChannel(town.ChannelDesk).SetScore(1).SetAt(opening).Exec(ctx)
		if town.CodeOf(err) != town.Unauthenticated {
			t.Errorf("%s: a change gave %v, want UNAUTHENTICATED", who, err)
		}
	}
}
