package alerts_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/alert"
	"github.com/spazio-in-comune/sportello/ent/event"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/alerts"
	"github.com/spazio-in-comune/sportello/internal/alerts/post"
	"github.com/spazio-in-comune/sportello/internal/alerts/rule"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/stream"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/internal/vault/vaulttest"
	"github.com/spazio-in-comune/sportello/policies"
)

// A Monday without a holiday near.
var opening = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// house is a small town hall with people of every role that alerts know, and the causes
// that a test makes.
type house struct {
	*alerts.Alerts
	t         testing.TB
	store     *store.Store
	clock     *town.ManualClock
	authority *access.Authority
	vault     *vault.Vault
	hall      *hall
	n         int
}

// hall is what is measured: waits and departments as a test sets them.
type hall struct {
	mu          sync.Mutex
	waits       []alerts.Wait
	departments []alerts.Department
}

func (h *hall) Waits(context.Context) ([]alerts.Wait, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.waits, nil
}

func (h *hall) Departments(context.Context) ([]alerts.Department, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.departments, nil
}

func eachHouse(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) { fn(t, newHouse(t, db)) })
}

func newHouse(t *testing.T, db dbtest.DB) *house {
	t.Helper()
	h := &house{t: t, clock: town.NewManualClock(opening), hall: &hall{}}
	h.store = h.open(db)
	h.write(furnish)
	var err error
	if h.authority, err = access.NewAuthority(t.Context(), h.store); err != nil {
		t.Fatal(err)
	}
	h.vault = vaulttest.New(t, h.store)
	h.Alerts = h.replica(h.store, post.NewWebhooks(false), nil)
	return h
}

func (h *house) open(db dbtest.DB) *store.Store {
	h.t.Helper()
	cfg := store.Config{DSN: db.DSN, Clock: h.clock, Attach: access.Attach, Sign: access.Sign}
	if db.Name == dbtest.SQLite {
		cfg.DSN, cfg.Dir = "", filepath.Dir(db.DSN)
	}
	s, err := store.Open(h.t.Context(), cfg)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			h.t.Error(err)
		}
	})
	return s
}

// replica is the room once more, as another process has it.
func (h *house) replica(s *store.Store, webhooks alerts.Webhooks, mail alerts.Mailer) *alerts.Alerts {
	h.t.Helper()
	rules, err := rule.Read(policies.Alerts)
	if err != nil {
		h.t.Fatal(err)
	}
	return alerts.New(alerts.Config{
		Store: s, Vault: h.vault, Rules: rules, Rights: h.authority, Hall: h.hall, Departments: h.hall, Webhooks: webhooks, Mail: mail,
		Logger: slog.New(slog.DiscardHandler),
	})
}

func furnish(ctx context.Context, tx *store.Tx) error {
	people := []struct {
		id       string
		role     town.Role
		office   string
		services []string
	}{
		{"operator", town.RoleOperator, "taxes", nil},
		{"head", town.RoleHead, "taxes", nil},
		{"head.births", town.RoleHead, "births", nil},
		{"helppoint", town.RoleHelpPoint, town.OfficeHelpPoint, nil},
		{"mayor", town.RoleMayor, town.OfficeMayor, nil},
		{"assessore", town.RoleAssessore, town.OfficeMayor, []string{"tributi"}},
		{"assessore2", town.RoleAssessore, town.OfficeMayor, []string{"anagrafe"}},
		{"admin", town.RoleAdmin, "*", nil},
		{"auditor", town.RoleAuditor, "*", nil},
	}
	for _, p := range people {
		if err := tx.Person.Create().SetID(p.id).SetLogin(p.id).SetKind(town.PersonStaff).SetCreatedAt(opening).Exec(ctx); err != nil {
			return err
		}
		err := tx.RoleAssignment.Create().SetID("role:" + p.id).SetPersonID(p.id).SetRole(p.role).SetOfficeID(p.office).SetServices(p.services).SetFrom(opening).Exec(ctx)
		if err != nil {
			return err
		}
	}
	for office, level := range map[string]town.Level{"taxes": 3, "births": 3, "sportello": 2, town.OfficeHelpPoint: 4, town.OfficeMayor: 5} {
		if err := tx.Office.Create().SetID(office).SetLevel(level).SetTitleIt(office).SetTitleEn(office).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (h *house) system() context.Context { return access.System(context.Background(), "test") }

func (h *house) write(unit store.Unit) {
	h.t.Helper()
	if err := h.store.InTx(h.system(), "furnish a test", unit); err != nil {
		h.t.Fatal(err)
	}
}

// as is a context of the person.
func (h *house) as(person string) context.Context {
	h.t.Helper()
	v, err := h.authority.Viewer(person, time.Time{})
	if err != nil {
		h.t.Fatal(err)
	}
	return access.With(context.Background(), v)
}

func (h *house) next() int { h.n++; return h.n }

// key is a new idempotency key.
func (h *house) key() string { return fmt.Sprintf("key-%d", h.next()) }

// file is a case at an office, with a term that passes at the moment.
func (h *house) file(office, service string, confidential bool, passes time.Time) (clockID string) {
	h.t.Helper()
	n := h.next()
	caseID, clockID := fmt.Sprintf("case_%d", n), fmt.Sprintf("clk_%d", n)
	h.write(func(ctx context.Context, tx *store.Tx) error {
		err := tx.CaseFile.Create().SetID(caseID).SetProtocol(fmt.Sprintf("2026/%06d", n)).SetOfficeID(office).SetServiceID(service).
			SetConfidential(confidential).SetPluginVersion("1").SetPhase(town.PhaseInProgress).SetPriority(town.P3).SetChannel(town.ChannelOnline).
			SetAnswers([]byte("{}")).SetDecision([]byte("{}")).SetSilence("none").SetFiledAt(opening).SetRegisteredAt(opening).
			SetDueOn(town.Today(passes)).SetUpdatedAt(opening).Exec(ctx)
		if err != nil {
			return err
		}
		return tx.CaseClock.Create().SetID(clockID).SetCaseID(caseID).SetKind("conclusion").SetLabelIt("c").SetLabelEn("c").SetAmount(30).
			SetUnit("calendar_days").SetStartsFrom("request").SetOnExpiry("none").SetState(town.ClockRunning).
			SetStartedOn(town.Today(opening)).SetDueOn(town.Today(passes)).SetDueAt(passes).Exec(ctx)
	})
	return clockID
}

// step is a step of the ladder, first of its story, to be answered by the moment.
func (h *house) step(level town.Level, holder, origin, service string, confidential bool, passes time.Time) string {
	h.t.Helper()
	id := fmt.Sprintf("esc_%d", h.next())
	h.write(func(ctx context.Context, tx *store.Tx) error {
		return tx.Escalation.Create().SetID(id).SetLadderID(id).SetOwnerOffice(holder).SetOfficeID(origin).SetServiceID(service).
			SetLevel(level).SetConfidential(confidential).SetStep(town.StepMayor).SetKind(town.KindMerits).SetState(town.EscalationOpen).
			SetOpenKey(id).SetAcknowledgeBy(town.Today(passes)).SetDueOn(town.Today(passes)).SetDueAt(passes).SetOpenedAt(opening).Exec(ctx)
	})
	return id
}

// tell runs the consumer of causes on an event about the step.
func (h *house) tell(step string) {
	h.t.Helper()
	h.clock.Advance(time.Millisecond) // so that ids are in the order of the tellings
	h.write(func(ctx context.Context, tx *store.Tx) error {
		return h.Causes(ctx, tx, town.Event{Type: town.EventEscalationRaised, EscalationID: step})
	})
}

// look looks once, and says how many changes that made.
func (h *house) look() int {
	h.t.Helper()
	n, err := h.Look(context.Background())
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// all are the alerts of a kind, oldest first.
func (h *house) all(kind town.AlertKind) []*ent.Alert {
	h.t.Helper()
	return h.store.Reader().Alert.Query().Where(alert.KindEQ(kind)).Order(ent.Asc(alert.FieldID)).AllX(h.system())
}

// only is the one alert of a kind, in a state.
func (h *house) only(kind town.AlertKind, state town.AlertState) *ent.Alert {
	h.t.Helper()
	rows := h.all(kind)
	if len(rows) != 1 || rows[0].State != state {
		h.t.Fatalf("alerts of kind %s: %v, want one that is %s", kind, rows, state)
	}
	return rows[0]
}

// facts are the types of the events about an alert, in order.
func (h *house) facts(id string) []town.EventType {
	h.t.Helper()
	var types []town.EventType
	for _, e := range h.store.Reader().Event.Query().Where(event.TypeIn(alertFacts()...)).Order(event.ByID()).AllX(h.system()) {
		if e.Data[town.DataAlert] == id {
			types = append(types, e.Type)
		}
	}
	return types
}

func alertFacts() []town.EventType {
	return []town.EventType{
		town.EventAlertRaised, town.EventAlertTaken, town.EventAlertSnoozed, town.EventAlertWoken, town.EventAlertHandedOver, town.EventAlertResolved,
	}
}

// follow runs the stream of the store until the test ends.
func (h *house) follow(s *store.Store) *stream.Stream {
	h.t.Helper()
	live, err := stream.New(h.t.Context(), stream.Config{Store: s, Log: slog.New(slog.DiscardHandler), Replica: "one"})
	if err != nil {
		h.t.Fatal(err)
	}
	h.run(live.Run)
	return live
}

// run works in the background until the test ends.
func (h *house) run(work func(context.Context)) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); work(ctx) }()
	h.t.Cleanup(func() { stop(); <-done })
}

func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("not in time: %s", what)
}
