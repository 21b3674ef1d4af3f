package privacy_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent/caseentry"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/ent/contactchoice"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/ent/feedback"
	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/privacy"
	"github.com/spazio-in-comune/sportello/internal/privacy/retention"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/internal/vault/vaulttest"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/policies"
)

var founded = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// house is a town hall with Rossi, who has something of everything, and Bianchi.
type house struct {
	*privacy.Privacy
	t         *testing.T
	store     *store.Store
	clock     *town.ManualClock
	authority *access.Authority
	vault     *vault.Vault
}

func eachHouse(t *testing.T, fn func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) { fn(t, newHouse(t, db)) })
}

func newHouse(t *testing.T, db dbtest.DB) *house {
	t.Helper()
	h := &house{t: t, clock: town.NewManualClock(founded)}
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
	h.vault = vaulttest.New(t, h.store)
	h.write(h.people)
	if h.authority, err = access.NewAuthority(t.Context(), h.store); err != nil {
		t.Fatal(err)
	}
	plan, err := retention.Read(policies.Retention)
	if err != nil {
		t.Fatal(err)
	}
	h.Privacy = privacy.New(privacy.Config{
		Store: h.store, Authority: h.authority, Vault: h.vault, Plan: plan,
		Definitions: func(context.Context, string) (*sdk.Service, error) { return nil, errors.New("none kept") },
		Accesses: func(context.Context, string, int) ([]privacy.AccessData, error) {
			return []privacy.AccessData{{At: founded, Who: "Laura Conti, sportello", Action: "case"}}, nil
		},
	})
	return h
}

func (h *house) write(unit store.Unit) {
	h.t.Helper()
	if err := h.store.InTx(access.System(h.t.Context(), "test"), "furnish a test", unit); err != nil {
		h.t.Fatal(err)
	}
}

// as is a context in which the person asks, with the highest assurance.
func (h *house) as(id string) context.Context {
	h.t.Helper()
	v, err := h.authority.Viewer(id, time.Time{})
	if err != nil {
		h.t.Fatal(err)
	}
	v.Assurance = town.AssuranceHigh
	return access.With(h.t.Context(), v)
}

func (h *house) people(ctx context.Context, tx *store.Tx) error {
	for _, p := range []struct{ id, kind, data string }{
		{"rossi", town.PersonCitizen, `{"givenName":"Mario","familyName":"Rossi","taxCode":"RSSMRA80A01F205X"}`},
		{"bianchi", town.PersonCitizen, `{"givenName":"Anna","familyName":"Bianchi"}`},
		{"auditor", town.PersonStaff, ""},
		{"officer", town.PersonStaff, ""},
	} {
		sealed, err := h.vault.Seal(ctx, tx, p.id, vault.Place{Table: person.Table, Column: person.FieldSealed, Row: p.id}, []byte(p.data))
		if err != nil {
			return err
		}
		err = tx.Person.Create().SetID(p.id).SetLogin(p.id).SetKind(p.kind).SetSealed(sealed).
			SetTaxCodeKey("key of " + p.id).SetFamilyNameKey("name of " + p.id).SetCreatedAt(tx.Now).Exec(ctx)
		if err != nil {
			return err
		}
	}
	if err := tx.Office.Create().SetID("isee").SetLevel(2).SetTitleIt("ISEE").SetTitleEn("ISEE").SetPosition(1).Exec(ctx); err != nil {
		return err
	}
	for id, role := range map[string]town.Role{"auditor": town.RoleAuditor, "officer": town.RoleOfficer} {
		err := tx.RoleAssignment.Create().SetID("role:" + id).SetPersonID(id).SetRole(role).SetOfficeID("*").SetFrom(tx.Now).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return access.RolesChanged(ctx, tx)
}

// stored is a case of a test.
type stored struct {
	id, applicant, service, practice string
	phase                            town.Phase
	closed                           time.Time // zero: open
	held                             bool
}

// secret is what stands in every sealed column that a test fills.
const secret = "diabete <b>mellito</b>"

func (h *house) sealed(ctx context.Context, tx *store.Tx, subject, table, column, row, text string) []byte {
	h.t.Helper()
	sealed, err := h.vault.Seal(ctx, tx, subject, vault.Place{Table: table, Column: column, Row: row}, []byte(text))
	if err != nil {
		h.t.Fatal(err)
	}
	return sealed
}

// file stores a case with a line of each kind that hangs on it.
func (h *house) file(c stored) {
	h.t.Helper()
	h.write(func(ctx context.Context, tx *store.Tx) error {
		seal := func(table, column, row, text string) []byte {
			return h.sealed(ctx, tx, c.applicant, table, column, row, text)
		}
		create := tx.CaseFile.Create().SetID(c.id).SetProtocol("2026/" + c.id).SetServiceID(c.service).SetPracticeID(c.practice).
			SetPluginVersion("1.0.0").SetOfficeID("isee").SetPhase(c.phase).SetPriority(town.P3).SetChannel(town.ChannelOnline).SetSilence("none").
			SetApplicantID(c.applicant).SetSubmittedBy(c.applicant).SetLegalHold(c.held).
			SetAnswers(seal(casefile.Table, casefile.FieldAnswers, c.id, `{"malattia":"`+secret+`"}`)).
			SetDecision(seal(casefile.Table, casefile.FieldDecision, c.id, `{}`)).
			SetReasons(seal(casefile.Table, casefile.FieldReasons, c.id, secret)).
			SetFiledAt(tx.Now).SetRegisteredAt(tx.Now).SetDueOn(town.Today(tx.Now)).SetUpdatedAt(tx.Now)
		if !c.closed.IsZero() {
			create.SetClosedAt(c.closed)
		}
		if err := create.Exec(ctx); err != nil {
			return err
		}
		for i, internal := range []bool{false, true} {
			id := c.id + map[bool]string{false: ".open", true: ".internal"}[internal]
			err := tx.CaseEntry.Create().SetID(id).SetCaseID(c.id).SetOrdinal(i).SetAt(tx.Now).SetKind("noted").SetInternal(internal).
				SetActorID(map[bool]string{false: c.applicant, true: "officer"}[internal]).
				SetNote(seal(caseentry.Table, caseentry.FieldNote, id, "note of "+id)).Exec(ctx)
			if err != nil {
				return err
			}
		}
		err := tx.Feedback.Create().SetID("fdb." + c.id).SetContactKey(c.id).SetCaseID(c.id).SetLevel(2).SetOfficeID("isee").SetScore(2).
			SetChannel(town.ChannelOnline).SetAuthorID(c.applicant).SetAt(tx.Now).
			SetComment(seal(feedback.Table, feedback.FieldComment, "fdb."+c.id, secret)).Exec(ctx)
		if err != nil {
			return err
		}
		return tx.Escalation.Create().SetID("esc." + c.id).SetLadderID("esc." + c.id).SetStep("E1_HELP_POINT").SetLevel(4).SetKind("MERITS").
			SetState("ACCEPTED").SetOpenKey("esc." + c.id).SetCaseID(c.id).SetOfficeID("isee").SetOwnerOffice(town.OfficeHelpPoint).
			SetOnBehalfOf(c.applicant).SetOpenedBy(c.applicant).SetOpenedAt(tx.Now).SetClosedAt(tx.Now).SetAcknowledgeBy(town.Today(tx.Now)).SetDueOn(town.Today(tx.Now)).
			SetText(seal(escalation.Table, escalation.FieldText, "esc."+c.id, secret)).Exec(ctx)
	})
}

// told stores that the person chose to be told by mail, and was told once.
func (h *house) told(who, address string) {
	h.t.Helper()
	h.write(func(ctx context.Context, tx *store.Tx) error {
		err := tx.ContactChoice.Create().SetID(who).SetChannel(town.ContactEmail).SetUpdatedAt(tx.Now).
			SetAddress(h.sealed(ctx, tx, who, contactchoice.Table, contactchoice.FieldAddress, who, address)).Exec(ctx)
		if err != nil {
			return err
		}
		return tx.CitizenNotice.Create().SetID("msg." + who).SetPersonID(who).SetEscalationID("esc.case_1").SetEventID("evt." + who).
			SetFact(town.EventEscalationTaken).SetState(town.DeliverySent).SetNextAt(tx.Now).SetCreatedAt(tx.Now).SetSentAt(tx.Now).Exec(ctx)
	})
}

// visit stores a visit with a note on its stop.
func (h *house) visit(id, who string, arrived time.Time) {
	h.t.Helper()
	h.write(func(ctx context.Context, tx *store.Tx) error {
		err := tx.Visit.Create().SetID(id).SetDay(town.Today(arrived)).SetLetter("I").SetNumber(int(arrived.Unix() % 1000)).SetPersonID(who).SetIssuedBy(who).
			SetChannel(town.ChannelDesk).SetPriority(town.P3).SetArrivedAt(arrived).SetClosedAt(arrived).Exec(ctx)
		if err != nil {
			return err
		}
		return tx.Leg.Create().SetID(id + ".leg").SetVisitID(id).SetOrdinal(1).SetOfficeID("isee").SetLevel(2).SetState(town.LegCompleted).
			SetPriority(town.P3).SetLabel("I001").SetBusyKey(id).SetSeniorAt(arrived).SetQueuedAt(arrived).
			SetNote(h.sealed(ctx, tx, who, leg.Table, leg.FieldNote, id+".leg", secret)).Exec(ctx)
	})
}
