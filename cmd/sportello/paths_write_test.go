package main

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent/casedocument"
	"github.com/spazio-in-comune/sportello/ent/caseentry"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/ent/feedback"
	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/ent/stepnote"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/demo"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// mark is a text that occurs nowhere else: what it is, and of what. Wherever it comes
// out, it says whose words came out.
func mark(what, of string) string { return "«" + what + ":" + of + "»" }

var marks = regexp.MustCompile(`«([A-Z]+):([^»]+)»`)

// scribe writes a generated town into the store of an app.
type scribe struct {
	t     *gtown
	tx    *store.Tx
	ctx   context.Context
	vault *vault.Vault
	// service and practice are what all cases are about; hash is the definition.
	service, practice, hash string
	counters                map[string]string // one counter by its office
}

// furnishTown writes everything in one unit of the house.
func furnishTown(t testing.TB, a *app, g *gtown, practice, hash string) {
	t.Helper()
	house := access.System(t.Context(), "test.town")
	counters := map[string]string{}
	for _, c := range a.store.Reader().Counter.Query().AllX(house) {
		counters[c.OfficeID] = c.ID
		g.counters = append(g.counters, gcounter{c.ID, c.OfficeID})
	}
	err := a.store.InTx(house, "write a generated town", func(ctx context.Context, tx *store.Tx) error {
		s := scribe{t: g, tx: tx, ctx: ctx, vault: a.vault, service: g.service, practice: practice, hash: hash, counters: counters}
		for _, write := range []func() error{s.people, s.hall, s.sessions, s.cases, s.intakes, s.words, s.steps, s.notes, s.alerts, s.trust, s.plugins} {
			if err := write(); err != nil {
				return err
			}
		}
		return access.RolesChanged(ctx, tx)
	})
	if err == nil {
		err = a.authority.Reload(house)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// seal seals a text, or a value as JSON, as the rooms do.
func (s scribe) seal(subject, table, column, row string, value any) ([]byte, error) {
	plain, isText := value.(string)
	if !isText {
		raw, err := json.Marshal(value)
		if err != nil {
			return nil, err
		}
		plain = string(raw)
	}
	return s.vault.Seal(s.ctx, s.tx, subject, vault.Place{Table: table, Column: column, Row: row}, []byte(plain))
}

func (s scribe) people() error {
	for _, p := range s.t.people {
		create := s.tx.Person.Create().SetID(p.id).SetLogin(p.login).SetKind(p.kind).SetLabel(p.label).
			SetDisabled(p.disabled).SetCreatedAt(s.t.now.AddDate(-1, 0, 0))
		if p.kind == town.PersonCitizen {
			sealed, err := s.seal(p.id, person.Table, person.FieldSealed, p.id, identity.Personal{
				GivenName: mark("PER", p.id), FamilyName: mark("PER", p.id), TaxCode: mark("PER", p.id),
				Email: mark("PER", p.id), Phone: mark("PER", p.id),
			})
			if err != nil {
				return err
			}
			create.SetSealed(sealed).SetTaxCodeKey(s.vault.Key("tax_code", p.taxCode)).
				SetFamilyNameKey(s.vault.Key("family_name", strings.ToUpper(p.family)))
		}
		if err := create.Exec(s.ctx); err != nil {
			return err
		}
		for _, r := range p.roles {
			role := s.tx.RoleAssignment.Create().SetID(r.id).SetPersonID(p.id).SetRole(r.role).SetOfficeID(r.office).SetFrom(r.from).
				SetServices(r.services).SetGrantedBy(r.grantedBy).SetEndedBy(r.endedBy)
			if !r.to.IsZero() {
				role.SetTo(r.to)
			}
			if err := role.Exec(s.ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s scribe) hall() error {
	for n, v := range s.t.visits {
		err := s.tx.Visit.Create().SetID(v.id).SetSiteID(demo.SiteID).SetDay(town.Today(v.at)).SetLetter("A").SetNumber(n + 1).
			SetPersonID(v.person).SetIssuedBy(v.issuer).SetCodeHash(town.HashTicketCode(v.code)).
			SetChannel(town.ChannelKiosk).SetPriority(town.P1).SetArrivedAt(v.at).Exec(s.ctx)
		if err != nil {
			return err
		}
		for i, l := range v.legs {
			if err := s.leg(v, l, n+1, i+1); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s scribe) leg(v *gvisit, l *gleg, number, ordinal int) error {
	busy := l.id
	if l.session != "" {
		busy = l.session
	}
	note, err := s.seal(v.person, leg.Table, leg.FieldNote, l.id, mark("LEG", l.id))
	if err != nil {
		return err
	}
	err = s.tx.Leg.Create().SetID(l.id).SetVisitID(v.id).SetOrdinal(ordinal).SetSiteID(demo.SiteID).SetOfficeID(l.office).SetServiceID(l.service).
		SetLevel(town.LevelCounter).SetState(l.state).SetPriority(town.P1).SetLabel(fmt.Sprintf("A%03d", number)).
		SetSeniorAt(v.at).SetQueuedAt(v.at).SetNote(note).SetBusyKey(busy).SetSessionID(l.session).Exec(s.ctx)
	if err != nil {
		return err
	}
	for i, m := range l.intervals {
		create := s.tx.Interval.Create().SetID(m.id).SetLegID(l.id).SetOrdinal(i + 1).SetState(town.LegWaiting).SetFrom(m.at)
		if err := create.Exec(s.ctx); err != nil {
			return err
		}
	}
	for _, m := range l.calls {
		err := s.tx.Call.Create().SetID(m.id).SetLegID(l.id).SetAt(m.at).SetRule("seniority").SetCounterID(s.counters[l.office]).
			SetCandidates([]town.Candidate{{Label: mark("CND", m.id), Priority: town.P1, SeniorAt: v.at, Rank: 1}}).SetWaiting(1).Exec(s.ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

func (s scribe) sessions() error {
	for _, x := range s.t.sessions {
		x.counter = s.counters[x.office]
		// Several shifts stand at one counter here, which the key would not allow.
		create := s.tx.CounterSession.Create().SetID(x.id).SetCounterID(x.counter).SetSiteID(demo.SiteID).SetOfficeID(x.office).
			SetOperatorID(x.operator).SetState(x.state).SetOpenedAt(s.t.now).SetOpenKey(x.id)
		if err := create.Exec(s.ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s scribe) cases() error {
	for _, c := range s.t.cases {
		kept := map[string]any{
			casefile.FieldAnswers: map[string]string{"nome": mark("ANS", c.id)},
			casefile.FieldDecision: casework.Decided{Decision: sdk.Decision{
				To: c.office, Priority: "P3", Silence: "none",
				Computed: []sdk.Computed{{Name: "esempio", Kind: "text", Value: mark("DEC", c.id)}},
			}},
			casefile.FieldReasons: mark("REA", c.id), casefile.FieldOverrideNote: mark("OVR", c.id),
		}
		sealed := map[string][]byte{}
		for _, column := range sortedKeys(kept) {
			var err error
			if sealed[column], err = s.seal(c.applicant, casefile.Table, column, c.id, kept[column]); err != nil {
				return err
			}
		}
		err := s.tx.CaseFile.Create().SetID(c.id).SetProtocol(c.protocol).SetServiceID(s.service).SetPracticeID(s.practice).
			SetDefinitionHash(s.hash).SetPluginVersion("1").SetOfficeID(c.office).SetPhase(c.phase).SetFlags([]string{}).
			SetPriority(town.P3).SetChannel(town.ChannelDesk).SetConfidential(c.confidential).SetApplicantID(c.applicant).
			SetSubmittedBy(c.filer).SetResponsibleID(c.responsible).SetAnswers(sealed[casefile.FieldAnswers]).SetDecision(sealed[casefile.FieldDecision]).
			SetVisitID(c.visit).SetLegID(c.leg).SetLinkedCaseID(c.linked).SetSilence("none").
			SetReasons(sealed[casefile.FieldReasons]).SetOverrideNote(sealed[casefile.FieldOverrideNote]).
			SetFiledAt(s.t.now).SetRegisteredAt(s.t.now).SetDueOn(town.Today(s.t.now)).SetUpdatedAt(s.t.now).Exec(s.ctx)
		if err != nil {
			return err
		}
		if err := s.inside(c); err != nil {
			return err
		}
	}
	return nil
}

// inside writes what hangs on a case.
func (s scribe) inside(c *gcase) error {
	for _, office := range c.former {
		if err := s.tx.FormerOffice.Create().SetID(s.t.id("form")).SetCaseID(c.id).SetOfficeID(office).SetConfidential(c.confidential).SetSince(s.t.now).Exec(s.ctx); err != nil {
			return err
		}
	}
	for i, e := range c.entries {
		note, err := s.seal(c.applicant, caseentry.Table, caseentry.FieldNote, e.id, mark("ENT", e.id))
		if err != nil {
			return err
		}
		err = s.tx.CaseEntry.Create().SetID(e.id).SetCaseID(c.id).SetOrdinal(i + 1).SetAt(s.t.now).SetKind("noted").
			SetActorID(e.actor).SetInternal(e.internal).SetNote(note).Exec(s.ctx)
		if err != nil {
			return err
		}
	}
	for i, d := range c.documents {
		ground, err := s.seal(c.applicant, casedocument.Table, casedocument.FieldGround, d, mark("DOC", d))
		if err != nil {
			return err
		}
		err = s.tx.CaseDocument.Create().SetID(d).SetCaseID(c.id).SetOrdinal(i + 1).SetDocumentID(fmt.Sprint("d", i)).SetLabelIt("d").
			SetLabelEn("d").SetState(town.DocumentRequested).SetGround(ground).Exec(s.ctx)
		if err != nil {
			return err
		}
	}
	for i, k := range c.clocks {
		kind := "conclusion"
		if i > 0 {
			kind = fmt.Sprint("milestone", i)
		}
		err := s.tx.CaseClock.Create().SetID(k.id).SetCaseID(c.id).SetKind(kind).SetLabelIt("c").SetLabelEn("c").SetAmount(30).
			SetUnit("calendar_days").SetStartsFrom("request").SetOnExpiry("none").SetState(town.ClockRunning).
			SetStartedOn(town.Today(s.t.now)).SetDueOn(town.Today(s.t.now.AddDate(0, 0, 30))).Exec(s.ctx)
		if err != nil {
			return err
		}
		for n, ground := range k.ledger {
			err := s.tx.ClockEntry.Create().SetID(s.t.id(town.PrefixClockEntry)).SetClockID(k.id).SetOrdinal(n + 1).
				SetEffect(town.ClockStart).SetOnDay(town.Today(s.t.now)).SetGround(ground).SetRecordedAt(s.t.now).Exec(s.ctx)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

func (s scribe) intakes() error {
	for _, i := range s.t.intakes {
		err := s.tx.Intake.Create().SetID(i.id).SetServiceID(s.service).SetPracticeID(s.practice).SetDefinitionHash(s.hash).
			SetPluginVersion("1").SetStatus(i.status).SetChannel(town.ChannelDesk).SetActorID(i.actor).SetApplicantID(i.applicant).
			SetCaseID(i.file).SetOfficeID(i.office).SetAt(s.t.now).Exec(s.ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

func (s scribe) words() error {
	for _, w := range s.t.words {
		comment, err := s.seal(w.author, feedback.Table, feedback.FieldComment, w.id, mark("FDB", w.id))
		if err != nil {
			return err
		}
		err = s.tx.Feedback.Create().SetID(w.id).SetContactKey(w.id).SetVisitID(w.visit).SetCaseID(w.file).SetServiceID(w.service).SetLevel(w.level).
			SetOfficeID(w.office).SetChannel(town.ChannelDesk).SetScore(2).SetCause(town.CauseClarity).
			SetComment(comment).SetAuthorID(w.author).SetAt(s.t.now).Exec(s.ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

func (s scribe) steps() error {
	for _, e := range s.t.steps {
		text, err := s.seal(e.behalf, escalation.Table, escalation.FieldText, e.id, mark("TXT", e.id))
		if err != nil {
			return err
		}
		answer, err := s.seal(e.behalf, escalation.Table, escalation.FieldAnswer, e.id, mark("ANW", e.id))
		if err != nil {
			return err
		}
		create := s.tx.Escalation.Create().SetID(e.id).SetLadderID(e.ladder).SetPreviousID(e.previous).SetStep(e.step).
			SetLevel(e.step.Level()).SetKind(town.KindMerits).SetState(e.state).SetOpenKey(e.id).SetVisitID(e.visit).
			SetCaseID(e.file).SetServiceID(e.service).SetOfficeID(e.origin).SetOwnerOffice(e.owner).SetOwnerID(e.holder).SetOpenedBy(e.opener).
			SetOnBehalfOf(e.behalf).SetConfidential(e.confidential).SetReason(town.CauseOutcome).SetText(text).
			SetAnswer(answer).SetOpenedAt(s.t.now).SetAcknowledgeBy(town.Today(s.t.now)).SetDueOn(town.Today(s.t.now))
		if e.ended() {
			create.SetClosedAt(s.t.now)
		}
		if err := create.Exec(s.ctx); err != nil {
			return err
		}
	}
	return nil
}

func (s scribe) notes() error {
	steps := map[string]*gstep{}
	for _, e := range s.t.steps {
		steps[e.id] = e
	}
	for _, n := range s.t.notes {
		e := steps[n.step]
		text, err := s.seal(e.behalf, stepnote.Table, stepnote.FieldText, n.id, mark("QST", n.id))
		if err != nil {
			return err
		}
		kind, due := town.NoteReport, town.Today(s.t.now)
		if n.guidance {
			kind, due = town.NoteGuidance, calc.Date{}
		}
		create := s.tx.StepNote.Create().SetID(n.id).SetKind(kind).SetEscalationID(n.step).SetOfficeID(n.office).SetText(text).
			SetCaseID(e.file).SetServiceID(e.service).SetConfidential(e.confidential).SetAuthorID(n.asker).SetAt(s.t.now).SetDueOn(due)
		if n.reporter != "" {
			answer, err := s.seal(e.behalf, stepnote.Table, stepnote.FieldAnswer, n.id, mark("RPT", n.id))
			if err != nil {
				return err
			}
			create.SetAnswer(answer).SetAnsweredBy(n.reporter).SetAnsweredAt(s.t.now)
		}
		if err := create.Exec(s.ctx); err != nil {
			return err
		}
	}
	return nil
}

// alerts writes them as terms that were broken: those end by no look at the clock.
func (s scribe) alerts() error {
	for _, a := range s.t.alerts {
		create := s.tx.Alert.Create().SetID(a.id).SetCauseKey(a.id).SetKind(town.AlertTermBroken).SetLevel(a.level).SetOfficeID(a.office).
			SetHolderOffice(a.holder).SetServiceID(a.service).SetEscalationID(a.step).SetConfidential(a.confidential).
			SetDueOn(town.Today(s.t.now)).SetState(town.AlertOpen).SetRaisedAt(s.t.now).SetAcknowledgedBy(a.taken).SetHandedTo(a.given).
			SetActs([]town.AlertAct{{At: s.t.now, Action: town.AlertRaise, By: "system:alerts"}})
		if a.resolved {
			create.SetState(town.AlertResolved).SetResolvedAt(s.t.now)
		}
		if err := create.Exec(s.ctx); err != nil {
			return err
		}
	}
	return nil
}

// trust writes who may act for whom, and what level 5 has open.
func (s scribe) trust() error {
	for _, m := range s.t.mandates {
		err := s.tx.Mandate.Create().SetID(m.id).SetPrincipalID(m.principal).SetDelegateID(m.delegate).SetClass(town.MandateDelegation).
			SetServices(m.services).SetFrom(s.t.now.AddDate(0, -1, 0)).SetCreatedAt(s.t.now).Exec(s.ctx)
		if err != nil {
			return err
		}
	}
	for _, id := range s.t.tokens {
		err := s.tx.Credential.Create().SetID(id).SetSecretHash(id).SetPersonID(s.t.named("gkiosk").id).SetSiteID(demo.SiteID).
			SetCreatedAt(s.t.now).Exec(s.ctx)
		if err != nil {
			return err
		}
	}
	for _, x := range s.t.signIns {
		err := s.tx.Session.Create().SetID(x.id).SetSecretHash(x.id).SetPersonID(x.person).SetAssurance("L3").SetIssuer("test").
			SetCreatedAt(s.t.now).SetExpiresAt(time.Now().Add(time.Hour)).Exec(s.ctx)
		if err != nil {
			return err
		}
	}
	for _, o := range s.t.openings {
		err := s.tx.Opening.Create().SetID(o.id).SetPersonID(o.person).SetEscalationID(o.step).SetReason([]byte("sealed")).
			SetAt(s.t.now.Add(-time.Hour)).SetUntil(o.until).Exec(s.ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// plugins writes versions that were retired: no process is needed to see
// who is told of them.
func (s scribe) plugins() error {
	for _, version := range []string{"1", "2"} {
		id := s.t.id(town.PrefixPlugin)
		s.t.plugins = append(s.t.plugins, id)
		err := s.tx.PluginRegistration.Create().SetID(id).SetName(s.service).SetVersion(version).
			SetStanding("retired").SetDisabled("not needed").SetState("disabled").SetSha256("00").SetDefinitionHash(s.hash).
			SetRegisteredAt(s.t.now).SetUpdatedAt(s.t.now).Exec(s.ctx)
		if err != nil {
			return err
		}
	}
	return nil
}
