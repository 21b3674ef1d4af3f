package desk_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/audit"
	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault/vaulttest"
)

// The town of the tests: one site, the counter with its desks, an office with one.
const (
	siteID      = "site_1"
	counterArea = "sportello"
	civilStatus = "stato-civile"
	infoPoint   = "info-point"
)

// catalogue is what the desk knows of the services.
type catalogue map[string]desk.Service

func (c catalogue) Service(code string) (desk.Service, bool) {
	s, found := c[code]
	return s, found
}

var services = catalogue{
	"anagrafe": {
		Letter: "A", Office: counterArea, TypicalMinutes: 8,
		Minutes: map[string]float64{"carta-identita-elettronica": 12, "certificati": 5},
	},
	"isee":         {Letter: "I", Office: counterArea, TypicalMinutes: 10},
	"stato-civile": {Letter: "V", Office: civilStatus, TypicalMinutes: 20},
}

// hall is a desk on a database of its own, with people, at a time of its own.
type hall struct {
	tb        testing.TB
	desk      *desk.Desk
	store     *store.Store
	clock     *town.ManualClock
	authority *access.Authority
	keys      int
}

// monday is a working morning, 09:00 in Rome.
var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

func newHall(tb testing.TB, db dbtest.DB, desks int) *hall {
	tb.Helper()
	return openHall(tb, db, desks, store.Config{})
}

// newHeardHall is a hall with the audit of the house, whose statements are told.
func newHeardHall(tb testing.TB, db dbtest.DB, desks int, hear func(context.Context, string, []any)) *hall {
	tb.Helper()
	scribe, err := audit.NewScribe()
	if err != nil {
		tb.Fatal(err)
	}
	h := openHall(tb, db, desks, store.Config{Audit: scribe.Unit, Statements: hear})
	h.store.GuardWith(h.authority.Guard())
	return h
}

func openHall(tb testing.TB, db dbtest.DB, desks int, cfg store.Config) *hall {
	tb.Helper()
	clock := town.NewManualClock(monday)
	cfg.DSN, cfg.Clock, cfg.Attach, cfg.Sign = db.DSN, clock, access.Attach, access.Sign
	if db.Dialect == "sqlite" {
		cfg.DSN, cfg.Dir = "", filepath.Dir(db.DSN)
	}
	s, err := store.Open(tb.Context(), cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	h := &hall{tb: tb, store: s, clock: clock, desk: desk.New(s, vaulttest.New(tb, s), services)}
	h.seed(desks)
	if h.authority, err = access.NewAuthority(tb.Context(), s); err != nil {
		tb.Fatal(err)
	}
	return h
}

// system sees and does everything.
func (h *hall) system() context.Context { return access.System(h.tb.Context(), "test") }

func (h *hall) must(err error) {
	h.tb.Helper()
	if err != nil {
		h.tb.Fatal(err)
	}
}

func (h *hall) seed(desks int) {
	h.must(h.store.InTx(h.system(), "seed", func(ctx context.Context, tx *store.Tx) error {
		err := tx.Site.Create().SetID(siteID).SetName("Spazio In Comune").SetOpenHours(map[string][]string{}).
			SetSeries(map[string]string{"A": "anagrafe", "V": "stato-civile", "X": infoPoint, "H": town.OfficeHelpPoint}).Exec(ctx)
		if err != nil {
			return err
		}
		for office, level := range map[string]town.Level{
			infoPoint: 1, counterArea: 2, civilStatus: 3, town.OfficeHelpPoint: 4, town.OfficeMayor: 5, "caf": 3,
		} {
			if err := tx.Office.Create().SetID(office).SetLevel(level).SetTitleIt(office).SetTitleEn(office).SetExternal(office == "caf").Exec(ctx); err != nil {
				return err
			}
		}
		for i := 1; i <= desks; i++ {
			if err := addCounter(ctx, tx, fmt.Sprintf("ctr_%d", i), fmt.Sprint(i), counterArea); err != nil {
				return err
			}
			if err := addStaff(ctx, tx, operator(i), town.PersonStaff, town.RoleOperator, counterArea); err != nil {
				return err
			}
		}
		if err := addCounter(ctx, tx, "ctr_sc", "SC", civilStatus); err != nil {
			return err
		}
		for _, p := range []struct {
			id, kind string
			role     town.Role
			office   string
		}{
			{"per_info", town.PersonStaff, town.RoleInfoPoint, infoPoint},
			{"per_officer", town.PersonStaff, town.RoleOfficer, civilStatus},
			{"per_head", town.PersonStaff, town.RoleHead, counterArea},
			{"per_admin", town.PersonStaff, town.RoleAdmin, "*"},
			{"per_kiosk", town.PersonDevice, town.RoleKiosk, "*"},
		} {
			if err := addStaff(ctx, tx, p.id, p.kind, p.role, p.office); err != nil {
				return err
			}
		}
		for _, id := range []string{"per_c1", "per_c8", "per_c9"} {
			if err := tx.Person.Create().SetID(id).SetLogin(id).SetKind(town.PersonCitizen).SetCreatedAt(tx.Now).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	}))
}

func addCounter(ctx context.Context, tx *store.Tx, id, label, office string, skills ...string) error {
	return tx.Counter.Create().SetID(id).SetSiteID(siteID).SetOfficeID(office).SetLabel(label).SetSkills(skills).Exec(ctx)
}

func addStaff(ctx context.Context, tx *store.Tx, id, kind string, role town.Role, office string) error {
	if err := tx.Person.Create().SetID(id).SetLogin(id).SetKind(kind).SetLabel(id).SetCreatedAt(tx.Now).Exec(ctx); err != nil {
		return err
	}
	return tx.RoleAssignment.Create().SetID("role_" + id).SetPersonID(id).SetRole(role).SetOfficeID(office).SetFrom(tx.Now.AddDate(-1, 0, 0)).Exec(ctx)
}

func operator(i int) string { return fmt.Sprintf("per_op%d", i) }

// as is a context in which that person or device asks. An unknown one is a citizen.
func (h *hall) as(id string) context.Context {
	h.tb.Helper()
	return h.asIn(h.tb.Context(), id)
}

func (h *hall) asIn(ctx context.Context, id string) context.Context {
	h.tb.Helper()
	v, err := h.authority.Viewer(id, time.Time{})
	h.must(err)
	return access.With(ctx, v)
}

func (h *hall) key() string {
	h.keys++
	return fmt.Sprintf("key-%d", h.keys)
}

// issue takes a number at the kiosk.
func (h *hall) issue(service string, priority town.Priority) *ent.Visit {
	h.tb.Helper()
	issued, err := h.desk.IssueTicket(h.as("per_kiosk"), desk.IssueTicketInput{
		IdempotencyKey: h.key(), SiteID: siteID, ServiceCode: &service, Priority: &priority,
	})
	h.must(err)
	return issued.Visit
}

// open opens the i-th counter for its operator.
func (h *hall) open(i int) *ent.CounterSession {
	h.tb.Helper()
	s, err := h.desk.OpenCounter(h.as(operator(i)), desk.OpenCounterInput{IdempotencyKey: h.key(), CounterID: fmt.Sprintf("ctr_%d", i)})
	h.must(err)
	return s
}

// call calls the next person to a session, by its operator.
func (h *hall) call(s *ent.CounterSession) *ent.Leg {
	h.tb.Helper()
	l, err := h.desk.CallNext(h.as(s.OperatorID), desk.CallNextInput{IdempotencyKey: h.key(), SessionID: s.ID})
	h.must(err)
	return l
}

func label(l *ent.Leg) string {
	if l == nil {
		return ""
	}
	return l.Label
}

func in(l *ent.Leg) desk.LegInput {
	return desk.LegInput{LegID: l.ID, ExpectedVersion: l.Version}
}

func note(l *ent.Leg, why string) desk.LegNoteInput {
	return desk.LegNoteInput{LegID: l.ID, ExpectedVersion: l.Version, Note: why}
}

// wantCode fails unless err has the code.
func wantCode(t testing.TB, err error, code town.Code) {
	t.Helper()
	if err == nil || town.CodeOf(err) != code {
		t.Fatalf("got %v, want %s", err, code)
	}
}

func ptr[T any](v T) *T { return &v }
