package access_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

var opening = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// openStore opens an empty database with the rule of visibility attached.
func openStore(t testing.TB, db dbtest.DB) (*store.Store, *town.ManualClock) {
	t.Helper()
	clock := town.NewManualClock(opening)
	cfg := store.Config{DSN: db.DSN, Clock: clock, Attach: access.Attach, Sign: access.Sign}
	if db.Name == dbtest.SQLite {
		cfg.DSN, cfg.Dir = "", filepath.Dir(db.DSN)
	}
	s, err := store.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, clock
}

// write runs a unit as the house.
func write(t rapid.TB, s *store.Store, unit store.Unit) {
	t.Helper()
	if err := s.InTx(access.System(context.Background(), "test"), "furnish a test", unit); err != nil {
		t.Fatal(err)
	}
}

// person of the small town: id, kind, and roles as role@office.
type person struct {
	id, kind string
	roles    []access.HeldRole
}

func at(role town.Role, office string) access.HeldRole {
	return access.HeldRole{Role: role, Office: office}
}

// delegated is an Assessore with those subjects.
func delegated(services ...string) access.HeldRole {
	return access.HeldRole{Role: town.RoleAssessore, Office: town.OfficeMayor, Services: services}
}

// people: two offices, "births" and "taxes", the counter "desk", Help Point and Mayor.
func people() []person {
	staff := func(id string, roles ...access.HeldRole) person { return person{id, town.PersonStaff, roles} }
	return []person{
		{"rossi", town.PersonCitizen, nil},
		{"bianchi", town.PersonCitizen, nil},
		{"verdi", town.PersonCitizen, nil}, // has nothing here
		{"kiosk", town.PersonDevice, []access.HeldRole{at(town.RoleKiosk, "*")}},
		{"display", town.PersonDevice, []access.HeldRole{at(town.RoleDisplay, "*")}},
		staff("info", at(town.RoleInfoPoint, "info-point")),
		staff("operator", at(town.RoleOperator, "desk")),
		staff("officer.births", at(town.RoleOfficer, "births")),
		staff("cleared.births", at(town.RoleOfficer, "births"), at(town.RoleConfidential, "births")),
		staff("head.births", at(town.RoleHead, "births")),
		staff("officer.taxes", at(town.RoleOfficer, "taxes")),
		staff("head.taxes", at(town.RoleHead, "taxes")),
		staff("helppoint", at(town.RoleHelpPoint, town.OfficeHelpPoint)),
		staff("assessore", delegated("*")),
		staff("assessore2", delegated("anagrafe")),
		staff("mayor", at(town.RoleMayor, town.OfficeMayor)),
		staff("admin", at(town.RoleAdmin, "*")),
		staff("auditor", at(town.RoleAuditor, "*")),
		staff("idle"), // staff without a role
	}
}

// smallTown fills the store with a few things of every kind.
func smallTown(t testing.TB, s *store.Store) {
	t.Helper()
	write(t, s, func(ctx context.Context, tx *store.Tx) error {
		for _, fill := range []func(context.Context, *store.Tx) error{fillPeople, fillHall, fillCases, fillVoice, fillAlerts, fillTrust, fillHouse} {
			if err := fill(ctx, tx); err != nil {
				return err
			}
		}
		return access.RolesChanged(ctx, tx)
	})
}

func fillPeople(ctx context.Context, tx *store.Tx) error {
	for _, p := range people() {
		if err := tx.Person.Create().SetID(p.id).SetLogin(p.id).SetKind(p.kind).SetCreatedAt(opening).Exec(ctx); err != nil {
			return err
		}
		for _, held := range p.roles {
			err := tx.RoleAssignment.Create().SetID("role:" + p.id + string(held.Role)).SetPersonID(p.id).
				SetRole(held.Role).SetOfficeID(held.Office).SetServices(held.Services).SetFrom(opening).Exec(ctx)
			if err != nil {
				return err
			}
		}
	}
	for i, office := range []string{"desk", "births", "taxes", "info-point", town.OfficeHelpPoint, town.OfficeMayor} {
		if err := tx.Office.Create().SetID(office).SetLevel(2).SetTitleIt(office).SetTitleEn(office).SetPosition(i).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// fillHall: v1 is Rossi's, from the kiosk, first at the desk and then at births; v2 is
// nobody's, from the information point, at taxes; the Help Point has a step about v2.
func fillHall(ctx context.Context, tx *store.Tx) error {
	if err := tx.Site.Create().SetID("site").SetName("hall").SetOpenHours(map[string][]string{}).SetSeries(map[string]string{}).Exec(ctx); err != nil {
		return err
	}
	if err := tx.Counter.Create().SetID("counter").SetLabel("1").SetOfficeID("desk").Exec(ctx); err != nil {
		return err
	}
	visits := []struct {
		id, person, issuer string
		number             int
	}{{"v1", "rossi", "kiosk", 1}, {"v2", "", "info", 2}}
	for _, v := range visits {
		err := tx.Visit.Create().SetID(v.id).SetSiteID("site").SetDay(town.Today(opening)).SetLetter("A").SetNumber(v.number).
			SetPersonID(v.person).SetIssuedBy(v.issuer).SetCodeHash(town.HashTicketCode(v.id)).
			SetChannel(town.ChannelKiosk).SetPriority(town.P3).SetArrivedAt(opening).Exec(ctx)
		if err != nil {
			return err
		}
	}
	legs := []struct {
		id, visit, office string
		ordinal           int
	}{{"v1.desk", "v1", "desk", 1}, {"v1.births", "v1", "births", 2}, {"v2.taxes", "v2", "taxes", 1}}
	for _, l := range legs {
		err := tx.Leg.Create().SetID(l.id).SetVisitID(l.visit).SetOrdinal(l.ordinal).SetSiteID("site").SetOfficeID(l.office).
			SetLevel(2).SetState(town.LegWaiting).SetPriority(town.P3).SetLabel("A001").SetSeniorAt(opening).SetQueuedAt(opening).
			SetBusyKey(l.id).Exec(ctx)
		if err != nil {
			return err
		}
		err = tx.Interval.Create().SetID("i:" + l.id).SetLegID(l.id).SetOrdinal(1).SetState(town.LegWaiting).SetFrom(opening).Exec(ctx)
		if err != nil {
			return err
		}
		err = tx.Call.Create().SetID("c:" + l.id).SetLegID(l.id).SetAt(opening).SetRule("seniority").SetCandidates([]town.Candidate{}).Exec(ctx)
		if err != nil {
			return err
		}
	}
	for office, operator := range map[string]string{"desk": "operator", "births": "officer.births"} {
		err := tx.CounterSession.Create().SetID("s:" + office).SetOfficeID(office).SetOperatorID(operator).
			SetState(town.SessionOpen).SetOpenedAt(opening).SetOpenKey(office).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return tx.NumberSeries.Create().SetID("series").SetLetter("A").SetDay(town.Today(opening)).Exec(ctx)
}

// fillCases: births has an open and a confidential case; taxes has one that births
// handed over, and one about which the Help Point holds a step.
func fillCases(ctx context.Context, tx *store.Tx) error {
	cases := []struct {
		id, office, applicant, filer, responsible string
		secret                                    bool
	}{
		{"births", "births", "rossi", "rossi", "officer.births", false},
		{"births.secret", "births", "bianchi", "operator", "", true},
		{"taxes.former", "taxes", "rossi", "operator", "officer.taxes", false},
		{"taxes.helped", "taxes", "bianchi", "bianchi", "", false},
	}
	for _, c := range cases {
		err := tx.CaseFile.Create().SetID(c.id).SetProtocol(c.id).SetOfficeID(c.office).SetApplicantID(c.applicant).
			SetSubmittedBy(c.filer).SetResponsibleID(c.responsible).SetConfidential(c.secret).
			SetPluginVersion("1").SetPhase(town.PhaseInProgress).SetPriority(town.P3).SetChannel(town.ChannelDesk).
			SetAnswers([]byte("{}")).SetDecision([]byte("{}")).SetSilence("none").SetFiledAt(opening).SetRegisteredAt(opening).
			SetDueOn(town.Today(opening)).SetUpdatedAt(opening).Exec(ctx)
		if err != nil {
			return err
		}
		if err := fillCase(ctx, tx, c.id); err != nil {
			return err
		}
		err = tx.Intake.Create().SetID("in:" + c.id).SetPluginVersion("1").SetStatus(town.IntakeAccepted).SetChannel(town.ChannelDesk).
			SetActorID(c.filer).SetApplicantID(c.applicant).SetCaseID(c.id).SetOfficeID(c.office).SetAt(opening).Exec(ctx)
		if err != nil {
			return err
		}
	}
	if err := begun(ctx, tx); err != nil {
		return err
	}
	return tx.FormerOffice.Create().SetID("former").SetCaseID("taxes.former").SetOfficeID("births").SetSince(opening).Exec(ctx)
}

// begun are a file on its way and a form begun of each citizen, and a form that the
// operator began for Bianchi.
func begun(ctx context.Context, tx *store.Tx) error {
	for _, id := range []string{"rossi", "bianchi"} {
		err := tx.DocumentUpload.Create().SetID("upl:" + id).SetCaseID("births").SetDocumentID("doc:births").SetPersonID(id).SetSize(1).
			SetCreatedAt(opening).SetExpiresAt(opening).Exec(ctx)
		if err != nil {
			return err
		}
	}
	for name, who := range map[string][2]string{"rossi": {"rossi", "rossi"}, "bianchi": {"bianchi", "bianchi"}, "desk": {"operator", "bianchi"}} {
		err := tx.IntakeDraft.Create().SetID("drf:" + name).SetPersonID(who[0]).SetAccountID(who[1]).SetCreatedAt(opening).SetUpdatedAt(opening).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// fillCase hangs an open and an internal line, a paper and a clock on a case.
func fillCase(ctx context.Context, tx *store.Tx, id string) error {
	for ordinal, internal := range []bool{false, true} {
		name := map[bool]string{false: "open:", true: "internal:"}[internal] + id
		err := tx.CaseEntry.Create().SetID(name).SetCaseID(id).SetOrdinal(ordinal + 1).SetAt(opening).SetKind("noted").SetInternal(internal).Exec(ctx)
		if err != nil {
			return err
		}
	}
	err := tx.CaseAct.Create().SetID("act:" + id).SetCaseID(id).SetOrdinal(1).SetKind(town.ActStartNotice).SetState(town.ActDone).
		SetOnDay(town.Date{}).SetDueOn(town.Date{}).SetAnsweredOn(town.Date{}).SetMadeAt(opening).Exec(ctx)
	if err != nil {
		return err
	}
	err = tx.CaseDocument.Create().SetID("doc:" + id).SetCaseID(id).SetOrdinal(1).SetDocumentID("id").SetLabelIt("d").SetLabelEn("d").
		SetState(town.DocumentRequired).Exec(ctx)
	if err != nil {
		return err
	}
	err = tx.DocumentVersion.Create().SetID("docv:" + id).SetCaseID(id).SetDocumentID("doc:" + id).SetNumber(1).SetState(town.ContentClean).
		SetMediaType("text/plain").SetSize(1).SetSha256("x").SetObject("x").SetUploadedAt(opening).Exec(ctx)
	if err != nil {
		return err
	}
	err = tx.CaseClock.Create().SetID("clk:" + id).SetCaseID(id).SetKind("conclusion").SetLabelIt("c").SetLabelEn("c").SetAmount(30).
		SetUnit("calendar_days").SetStartsFrom("request").SetOnExpiry("none").SetState(town.ClockRunning).
		SetStartedOn(town.Today(opening)).SetDueOn(town.Today(opening)).Exec(ctx)
	if err != nil {
		return err
	}
	return tx.ClockEntry.Create().SetID("cle:" + id).SetClockID("clk:" + id).SetOrdinal(1).SetEffect(town.ClockStart).
		SetOnDay(town.Today(opening)).SetRecordedAt(opening).Exec(ctx)
}

// serviceOf is what the office deals with.
func serviceOf(office string) string {
	return map[string]string{"births": "anagrafe", "taxes": "tributi"}[office]
}

// fillVoice: steps at the Help Point about v2 and two cases, at the head of births, and
// at level 5, one of each confidential; words on visits and cases.
func fillVoice(ctx context.Context, tx *store.Tx) error {
	steps := []struct {
		id, owner, origin, visit, file, opener, principal string
		level                                             town.Level
		secret                                            bool
	}{
		{"help.visit", town.OfficeHelpPoint, "taxes", "v2", "", "", "", 4, false},
		{"help.case", town.OfficeHelpPoint, "taxes", "", "taxes.helped", "bianchi", "", 4, false},
		{"help.secret", town.OfficeHelpPoint, "births", "", "births.secret", "operator", "bianchi", 4, true},
		{"head.births", "births", "births", "", "births", "rossi", "", 4, false},
		{"mayor", town.OfficeMayor, "taxes", "", "taxes.helped", "bianchi", "", 5, false},
		{"mayor.secret", town.OfficeMayor, "births", "", "births.secret", "bianchi", "", 5, true},
	}
	for _, e := range steps {
		err := tx.Escalation.Create().SetID(e.id).SetOwnerOffice(e.owner).SetOfficeID(e.origin).SetVisitID(e.visit).SetCaseID(e.file).
			SetOpenedBy(e.opener).SetOnBehalfOf(e.principal).SetLevel(e.level).SetConfidential(e.secret).SetServiceID(serviceOf(e.origin)).
			SetStep(town.StepHelpPoint).SetKind(town.KindMerits).SetState(town.EscalationOpen).SetOpenKey(e.id).
			SetAcknowledgeBy(town.Today(opening)).SetDueOn(town.Today(opening)).SetOpenedAt(opening).Exec(ctx)
		if err != nil {
			return err
		}
	}
	words := []struct{ id, office, visit, file, author string }{
		{"on.desk", "desk", "v1", "", ""}, // unnamed
		{"on.taxes", "taxes", "v2", "", ""},
		{"on.births", "births", "", "births.secret", "bianchi"},
	}
	for _, w := range words {
		err := tx.Feedback.Create().SetID(w.id).SetContactKey(w.id).SetOfficeID(w.office).SetVisitID(w.visit).SetCaseID(w.file).
			SetAuthorID(w.author).SetLevel(2).SetChannel(town.ChannelDesk).SetScore(2).SetAt(opening).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// fillAlerts: on steps at the Help Point and at level 5, on a term, a wait and a department;
// a webhook, the Mayor's mailbox, and a message to the former.
func fillAlerts(ctx context.Context, tx *store.Tx) error {
	alerts := []struct {
		id, office, holder, service string
		level                       town.Level
		secret                      bool
	}{
		{"alert.help", "taxes", town.OfficeHelpPoint, "tributi", 4, false},
		{"alert.help.secret", "births", town.OfficeHelpPoint, "anagrafe", 4, true},
		{"alert.mayor", "taxes", town.OfficeMayor, "tributi", 5, false},
		{"alert.mayor.secret", "births", town.OfficeMayor, "anagrafe", 5, true},
		{"alert.wait", "births", "", "", 3, false},
		{"alert.term.secret", "births", "", "anagrafe", 3, true},
		{"alert.down", "taxes", "", "tributi", 3, false},
	}
	for _, a := range alerts {
		err := tx.Alert.Create().SetID(a.id).SetCauseKey(a.id).SetKind(town.AlertEscalation).SetLevel(a.level).SetOfficeID(a.office).
			SetHolderOffice(a.holder).SetServiceID(a.service).SetConfidential(a.secret).SetDueOn(town.Today(opening)).
			SetState(town.AlertOpen).SetRaisedAt(opening).SetActs([]town.AlertAct{}).Exec(ctx)
		if err != nil {
			return err
		}
	}
	if err := tx.AlertWatch.Create().SetID("watch").Exec(ctx); err != nil {
		return err
	}
	for id, of := range map[string]string{"hook": "", "mail": "mayor"} {
		err := tx.AlertEndpoint.Create().SetID(id).SetChannel(town.AlertByWebhook).SetPersonID(of).SetCreatedAt(opening).Exec(ctx)
		if err != nil {
			return err
		}
	}
	return tx.AlertDelivery.Create().SetID("message").SetEndpointID("hook").SetAlertID("alert.wait").SetEventID("e").SetEventSeq(1).
		SetFact(town.EventAlertRaised).SetPayload("{}").SetState(town.DeliveryDead).SetNextAt(opening).SetCreatedAt(opening).Exec(ctx)
}

// fillTrust: Verdi may act for Bianchi in everything; Rossi is signed in, the kiosk has a
// token.
func fillTrust(ctx context.Context, tx *store.Tx) error {
	err := tx.Mandate.Create().SetID("mandate").SetPrincipalID("bianchi").SetDelegateID("verdi").SetClass(town.MandateParent).
		SetFrom(opening).SetCreatedAt(opening).Exec(ctx)
	if err != nil {
		return err
	}
	err = tx.Session.Create().SetID("session").SetSecretHash("s").SetPersonID("rossi").SetAssurance("L2").SetIssuer("issuer").
		SetCreatedAt(opening).SetExpiresAt(opening.AddDate(1, 0, 0)).Exec(ctx)
	if err != nil {
		return err
	}
	return tx.Credential.Create().SetID("token").SetSecretHash("s").SetPersonID("kiosk").SetSiteID("site").SetCreatedAt(opening).Exec(ctx)
}

// fillHouse: what only the house itself keeps.
func fillHouse(ctx context.Context, tx *store.Tx) error {
	tx.Emit(town.Event{Type: town.EventVisitOpened, VisitID: "v1", OfficeID: "desk", Actor: "kiosk"})
	if err := tx.Setting.Create().SetID("secret").SetValue([]byte("s")).SetUpdatedAt(opening).Exec(ctx); err != nil {
		return err
	}
	if err := tx.Sequencer.Create().SetID("sequencer").Exec(ctx); err != nil {
		return err
	}
	if err := tx.ConsumerOffset.Create().SetID("consumer").SetUpdatedAt(opening).Exec(ctx); err != nil {
		return err
	}
	if err := tx.PluginRegistration.Create().SetID("plg_1").SetName("anagrafe").SetVersion("1").SetStanding("current").
		SetState("ready").SetRegisteredAt(opening).SetUpdatedAt(opening).Exec(ctx); err != nil {
		return err
	}
	if err := tx.Definition.Create().SetID("hash").SetVersion("1").SetBody([]byte("{}")).SetCreatedAt(opening).Exec(ctx); err != nil {
		return err
	}
	return tx.Idempotency.Create().SetID("request").SetActorID("rossi").SetMutation("m").SetKey("k").SetInputHash("h").SetAt(opening).Exec(ctx)
}
