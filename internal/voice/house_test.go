package voice_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/ent/event"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/internal/vault/vaulttest"
	"github.com/spazio-in-comune/sportello/internal/voice"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// A Monday without a holiday near.
var opening = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// house is a small town hall: people of every role that the voice knows, an office
// "taxes", and as many legs and cases as a test wants.
type house struct {
	*voice.Voice
	t         testing.TB
	store     *store.Store
	clock     *town.ManualClock
	authority *access.Authority
	vault     *vault.Vault
	n         atomic.Int64
	// substituted are the cases over which somebody was given the substitute power.
	substituted []voice.Substitution
	post        *postbox
}

// Substitute implements voice.Cases.
func (h *house) Substitute(_ context.Context, _ *store.Tx, s voice.Substitution) error {
	h.substituted = append(h.substituted, s)
	return nil
}

// postbox keeps letters, or loses them while it is closed.
type postbox struct {
	mu     sync.Mutex
	closed bool
	got    []voice.Letter
}

// Send implements voice.Mailer.
func (p *postbox) Send(_ context.Context, l voice.Letter) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return errors.New("the mail server is away")
	}
	p.got = append(p.got, l)
	return nil
}

// Pause implements voice.Mailer: three tries, a minute apart.
func (p *postbox) Pause(tries int, _ float64) (time.Duration, bool) {
	return 2 * time.Minute, tries < 3
}

func eachHouse(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) { fn(t, newHouse(t, db)) })
}

func newHouse(t *testing.T, db dbtest.DB) *house {
	t.Helper()
	h := &house{t: t, clock: town.NewManualClock(opening), post: &postbox{}}
	cfg := store.Config{DSN: db.DSN, Clock: h.clock, Attach: access.Attach, Sign: access.Sign}
	if db.Name == dbtest.SQLite {
		cfg.DSN, cfg.Dir = "", filepath.Dir(db.DSN)
	}
	var err error
	if h.store, err = store.Open(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.store.Close(); err != nil {
			t.Error(err)
		}
	})
	h.write(furnish)
	if h.authority, err = access.NewAuthority(t.Context(), h.store); err != nil {
		t.Fatal(err)
	}
	h.vault = vaulttest.New(t, h.store)
	h.Voice = voice.New(voice.Config{
		Store: h.store, Calendar: calc.Calendar{SaturdayOff: true, Fixed: []calc.MonthDay{"12-08", "12-25", "12-26"}},
		Vault: h.vault, Rights: h.authority, Cases: h, Mail: h.post,
	})
	return h
}

func furnish(ctx context.Context, tx *store.Tx) error {
	people := []struct {
		id, kind string
		role     town.Role
		office   string
		services []string
	}{
		{"rossi", town.PersonCitizen, "", "", nil},
		{"bianchi", town.PersonCitizen, "", "", nil},
		{"kiosk", town.PersonDevice, town.RoleKiosk, "*", nil},
		{"operator", town.PersonStaff, town.RoleOperator, "taxes", nil},
		{"officer", town.PersonStaff, town.RoleOfficer, "taxes", nil},
		{"head", town.PersonStaff, town.RoleHead, "taxes", nil},
		{"head.births", town.PersonStaff, town.RoleHead, "births", nil},
		{"helppoint", town.PersonStaff, town.RoleHelpPoint, town.OfficeHelpPoint, nil},
		{"mayor", town.PersonStaff, town.RoleMayor, town.OfficeMayor, nil},
		{"assessore", town.PersonStaff, town.RoleAssessore, town.OfficeMayor, []string{"tributi"}},
		{"assessore2", town.PersonStaff, town.RoleAssessore, town.OfficeMayor, []string{"anagrafe"}},
		{"segretario", town.PersonStaff, town.RoleSubstitute, town.OfficeSecretary, nil},
		{"rpct", town.PersonStaff, town.RoleRPCT, town.OfficeRPCT, nil},
		{"auditor", town.PersonStaff, town.RoleAuditor, "*", nil},
	}
	for _, p := range people {
		if err := tx.Person.Create().SetID(p.id).SetLogin(p.id).SetKind(p.kind).SetCreatedAt(opening).Exec(ctx); err != nil {
			return err
		}
		if p.role == "" {
			continue
		}
		err := tx.RoleAssignment.Create().SetID("role:" + p.id).SetPersonID(p.id).SetRole(p.role).SetOfficeID(p.office).SetServices(p.services).SetFrom(opening).Exec(ctx)
		if err != nil {
			return err
		}
	}
	for office, level := range map[string]town.Level{"taxes": 3, "births": 3, town.OfficeHelpPoint: 4, town.OfficeMayor: 5, town.OfficeSecretary: 5, town.OfficeRPCT: 5} {
		if err := tx.Office.Create().SetID(office).SetLevel(level).SetTitleIt(office).SetTitleEn(office).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (h *house) write(unit store.Unit) {
	h.t.Helper()
	if err := h.store.InTx(access.System(context.Background(), "test"), "furnish a test", unit); err != nil {
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

// holding is a context of whoever holds the ticket of a visit.
func (h *house) holding(visit string) context.Context {
	return access.With(context.Background(), h.authority.Ticket(visit))
}

func (h *house) system() context.Context { return access.System(context.Background(), "test") }

func (h *house) next() int64 { return h.n.Add(1) }

// key is a new idempotency key.
func (h *house) key() string { return fmt.Sprintf("key-%d", h.next()) }

// leg is a stop at taxes that ended after a wait of 90 seconds, of a person or, with
// "", of somebody unknown.
func (h *house) leg(person string) (leg, visit string) {
	h.t.Helper()
	n := h.next()
	leg, visit = fmt.Sprintf("leg_%d", n), fmt.Sprintf("vis_%d", n)
	h.write(func(ctx context.Context, tx *store.Tx) error {
		err := tx.Visit.Create().SetID(visit).SetSiteID("site").SetDay(town.Today(opening)).SetLetter("A").SetNumber(int(n)).
			SetPersonID(person).SetChannel(town.ChannelKiosk).SetPriority(town.P3).SetArrivedAt(opening).Exec(ctx)
		if err != nil {
			return err
		}
		return tx.Leg.Create().SetID(leg).SetVisitID(visit).SetOrdinal(1).SetSiteID("site").SetOfficeID("taxes").SetServiceID("tributi").
			SetLevel(town.LevelOffice).SetState(town.LegCompleted).SetPriority(town.P3).SetLabel("A001").SetSeniorAt(opening).
			SetQueuedAt(opening).SetCalledAt(opening.Add(90 * time.Second)).SetEndedAt(opening.Add(time.Hour)).SetBusyKey(leg).Exec(ctx)
	})
	return leg, visit
}

// file is a case of Rossi's at taxes.
func (h *house) file(confidential bool) string {
	h.t.Helper()
	n := h.next()
	id := fmt.Sprintf("case_%d", n)
	h.write(func(ctx context.Context, tx *store.Tx) error {
		return tx.CaseFile.Create().SetID(id).SetProtocol(fmt.Sprintf("2026/%06d", n)).SetOfficeID("taxes").SetServiceID("tributi").
			SetApplicantID("rossi").SetSubmittedBy("rossi").SetConfidential(confidential).SetPluginVersion("1").
			SetPhase(town.PhaseInProgress).SetPriority(town.P3).SetChannel(town.ChannelOnline).SetAnswers([]byte("{}")).
			SetDecision([]byte("{}")).SetSilence("none").SetFiledAt(opening).SetRegisteredAt(opening).
			SetDueOn(town.Today(opening)).SetUpdatedAt(opening).Exec(ctx)
	})
	return id
}

// step reads a step as it is.
func (h *house) step(id string) *ent.Escalation {
	h.t.Helper()
	e, err := h.store.Reader().Escalation.Get(h.system(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return e
}

// above is the step that follows another.
func (h *house) above(id string) *ent.Escalation {
	h.t.Helper()
	e, err := h.store.Reader().Escalation.Query().Where(escalation.PreviousID(id)).Only(h.system())
	if err != nil {
		h.t.Fatal(err)
	}
	return e
}

// told are the events about the voice, in order.
func (h *house) told() []*ent.Event {
	h.t.Helper()
	rows, err := h.store.Reader().Event.Query().Where(event.Or(event.EscalationIDNEQ(""), event.FeedbackIDNEQ(""))).
		Order(event.ByID()).All(h.system())
	if err != nil {
		h.t.Fatal(err)
	}
	return rows
}

func ptr[T any](v T) *T { return &v }

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// words and answer are what a step says, opened by the house itself.
func (h *house) words(e *ent.Escalation) string {
	h.t.Helper()
	return h.opened(h.Words(access.System(h.t.Context(), "test"), e))
}

func (h *house) answer(e *ent.Escalation) string {
	h.t.Helper()
	return h.opened(h.Answer(access.System(h.t.Context(), "test"), e))
}

func (h *house) opened(text *string, err error) string {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
	if text == nil {
		return ""
	}
	return *text
}

// Words and Answer are what one step says to who asks.
func (h *house) Words(ctx context.Context, e *ent.Escalation) (*string, error) {
	texts, err := h.WordsOf(ctx, []*ent.Escalation{e})
	return texts[e], err
}

func (h *house) Answer(ctx context.Context, e *ent.Escalation) (*string, error) {
	texts, err := h.AnswersOf(ctx, []*ent.Escalation{e})
	return texts[e], err
}
