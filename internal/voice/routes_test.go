package voice_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/event"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// late is a case of Rossi's with a term of 30 days that passed yesterday.
func (h *house) late() string {
	h.t.Helper()
	file := h.file(false)
	due := town.Today(h.clock.Now()).AddDays(-1)
	h.write(func(ctx context.Context, tx *store.Tx) error {
		return tx.CaseClock.Create().SetID("clk_" + file).SetCaseID(file).SetKind(town.ClockConclusion).SetLabelIt("Termine").SetLabelEn("Term").
			SetAmount(30).SetUnit("calendar_days").SetStartsFrom("filing").SetOnExpiry("none").SetState(town.ClockExpired).
			SetStartedOn(due.AddDays(-30)).SetDueOn(due).SetDueAt(clocks.Passed(due)).Exec(ctx)
	})
	return file
}

// decided writes on a case that it was decided.
func (h *house) decided(file string) {
	h.t.Helper()
	h.write(func(ctx context.Context, tx *store.Tx) error {
		return tx.CaseEntry.Create().SetID("entr_" + file).SetCaseID(file).SetOrdinal(1).SetAt(tx.Now).SetKind("decided").Exec(ctx)
	})
}

func (h *house) raise(who, file string, kind town.EscalationKind) (*ent.Escalation, error) {
	s, err := h.RaiseEscalation(h.as(who), voice.RaiseEscalationInput{IdempotencyKey: h.key(), CaseID: &file, Kind: &kind, Text: "Non va"})
	return s.Escalation, err
}

func answering(h *house, e *ent.Escalation, o town.EscalationOutcome) voice.AnswerEscalationInput {
	return voice.AnswerEscalationInput{IdempotencyKey: h.key(), EscalationID: e.ID, ExpectedVersion: e.Version, Outcome: o, Answer: "Ecco la risposta"}
}

// A delay is remedied by the holder of the substitute power, in half of the term, and the
// case must be concluded before they can say so.
func TestADelayGoesToTheSubstitute(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		onTime := h.file(false)
		if _, err := h.raise("rossi", onTime, town.KindDelay); town.CodeOf(err) != town.PreconditionFailed {
			t.Errorf("a case whose term has not passed: %v", err)
		}
		leg, _ := h.leg("rossi")
		kind := town.KindDelay
		_, err := h.RaiseEscalation(h.as("rossi"), voice.RaiseEscalationInput{IdempotencyKey: h.key(), LegID: &leg, Kind: &kind, Text: "Tardi"})
		if town.CodeOf(err) != town.Invalid {
			t.Errorf("a long wait at a counter: %v", err)
		}
		file := h.late()
		e := must[*ent.Escalation](t)(h.raise("rossi", file, town.KindDelay))
		today := town.Today(h.clock.Now())
		if e.Step != town.StepSubstitute || e.OwnerOffice != town.OfficeSecretary || e.DueOn != today.AddDays(16) { // the fifteenth is a holiday
			t.Fatalf("the step: %s at %s until %s", e.Step, e.OwnerOffice, e.DueOn)
		}
		clock := must[map[string][]*voice.StepClock](t)(h.ClocksOfEscalations(h.as("rossi"), []string{e.ID}))[e.ID]
		if len(clock) != 2 || clock[1].Amount != 15 || clock[1].DueOn != e.DueOn || !strings.Contains(clock[1].Explained.IT, "15 giorni") {
			t.Errorf("its clocks: %+v", clock)
		}
		if _, err := h.AcknowledgeEscalation(h.as("head"), voice.EscalationInput{EscalationID: e.ID, ExpectedVersion: e.Version}); err == nil {
			t.Error("the head takes what is the substitute's")
		}
		e = must[voice.Stepped](t)(h.AcknowledgeEscalation(h.as("segretario"), voice.EscalationInput{EscalationID: e.ID, ExpectedVersion: e.Version})).Escalation
		if len(h.substituted) != 1 || h.substituted[0] != (voice.Substitution{CaseID: file, HolderID: "segretario", AskedOn: today}) {
			t.Errorf("the power over the case: %+v", h.substituted)
		}
		if _, err := h.store.Reader().CaseFile.Get(h.as("segretario"), file); err != nil {
			t.Errorf("the substitute reads the case: %v", err)
		}
		if _, err := h.AnswerEscalation(h.as("segretario"), answering(h, e, town.OutcomeConcluded)); town.CodeOf(err) != town.PreconditionFailed {
			t.Errorf("concluded without an act: %v", err)
		}
		if _, err := h.AnswerEscalation(h.as("segretario"), answering(h, e, town.OutcomeExplained)); town.CodeOf(err) != town.Invalid {
			t.Errorf("explained: %v", err)
		}
		h.decided(file)
		e = must[voice.Stepped](t)(h.AnswerEscalation(h.as("segretario"), answering(h, e, town.OutcomeConcluded))).Escalation
		if e.State != town.EscalationAnswered || e.ClosedAt == nil || e.ActID != "entr_"+file {
			t.Errorf("concluded: %+v", e)
		}
		if out := h.Outside(e); len(out) != 2 || !strings.Contains(out[1].Term.IT, "un anno") {
			t.Errorf("beyond it: %+v", out)
		}
		e = must[voice.Stepped](t)(h.RateEscalation(h.as("rossi"), voice.RateEscalationInput{EscalationID: e.ID, ExpectedVersion: e.Version, Rating: 5})).Escalation
		if _, err := h.RateEscalation(h.as("rossi"), voice.RateEscalationInput{EscalationID: e.ID, ExpectedVersion: e.Version, Rating: 1}); e.Rating != 5 || town.CodeOf(err) != town.PreconditionFailed {
			t.Errorf("rated %d, then %v", e.Rating, err)
		}
	})
}

// Of own motion the substitute finds a late case by its number, and no other.
func TestADelayOfOwnMotion(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		file := h.late()
		protocol := h.store.Reader().CaseFile.GetX(h.system(), file).Protocol
		kind := town.KindDelay
		in := voice.RaiseEscalationInput{IdempotencyKey: h.key(), CaseProtocol: &protocol, Kind: &kind, Text: "D'ufficio"}
		if _, err := h.RaiseEscalation(h.as("bianchi"), in); town.CodeOf(err) != town.NotFound {
			t.Errorf("somebody else's case: %v", err)
		}
		in.IdempotencyKey = h.key()
		e := must[voice.Stepped](t)(h.RaiseEscalation(h.as("segretario"), in)).Escalation
		if e.OnBehalfOf != "rossi" || e.OpenedBy != "segretario" {
			t.Errorf("for %s by %s", e.OnBehalfOf, e.OpenedBy)
		}
		merits := town.KindMerits
		other := h.file(false)
		_, err := h.RaiseEscalation(h.as("segretario"), voice.RaiseEscalationInput{IdempotencyKey: h.key(), CaseID: &other, Kind: &merits, Text: "No"})
		if town.CodeOf(err) != town.NotFound {
			t.Errorf("of another kind: %v", err)
		}
	})
}

// What nobody answers goes before the Mayor, once, and is counted, though nobody looked
// for weeks.
func TestARouteThatNobodyAnswersGoesToTheMayor(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		e := must[*ent.Escalation](t)(h.raise("rossi", h.late(), town.KindDelay))
		h.clock.Advance(17 * 24 * time.Hour)
		var wait sync.WaitGroup
		for range 2 {
			wait.Go(func() {
				if _, err := h.LapseDue(context.Background()); err != nil {
					t.Errorf("lapse: %v", err)
				}
			})
		}
		wait.Wait()
		up := h.above(e.ID)
		if up.Step != town.StepMayor || up.Lapses != 1 || up.PreviousOffice != town.OfficeSecretary || up.OwnerID != "assessore" {
			t.Errorf("above: %s after %d lapses of %s, to %s", up.Step, up.Lapses, up.PreviousOffice, up.OwnerID)
		}
		if got := h.Breaches(up); !slices.Equal(got, []voice.Breach{voice.TermPassed}) {
			t.Errorf("breaches: %v", got)
		}
		yes := true
		page := must[town.Page[*ent.Escalation]](t)(h.Escalations(h.as("helppoint"), town.PageArgs{}, voice.EscalationFilter{Open: &yes, Breached: &yes}))
		if len(page.Items) != 1 || page.Items[0].ID != up.ID {
			t.Errorf("the Help Point's worklist has %d", len(page.Items))
		}
		text := must[map[*ent.Escalation]*sdk.Text](t)(h.ExplanationsOf(h.as("rossi"), []*ent.Escalation{up}))[up]
		if !strings.Contains(text.IT, "art. 107") || !strings.Contains(text.EN, "do not decide") {
			t.Errorf("explained: %+v", text)
		}
	})
}

// A refused access goes to the officer for transparency.
func TestARefusedAccessIsReviewed(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		file := h.file(false)
		if _, err := h.raise("rossi", file, town.KindAccess); town.CodeOf(err) != town.Invalid {
			t.Errorf("a case that is no access: %v", err)
		}
		set := func(phase town.Phase) {
			h.write(func(ctx context.Context, tx *store.Tx) error {
				return tx.CaseFile.UpdateOneID(file).SetPracticeID("accesso-civico").SetPhase(phase).SetDecidedAt(tx.Now).Exec(ctx)
			})
		}
		documentary := h.file(false)
		h.write(func(ctx context.Context, tx *store.Tx) error {
			return tx.CaseFile.UpdateOneID(documentary).SetPracticeID("accesso-documentale").SetPhase(town.PhaseDecidedRefused).SetDecidedAt(tx.Now).Exec(ctx)
		})
		if _, err := h.raise("rossi", documentary, town.KindAccess); town.CodeOf(err) != town.Invalid || !strings.Contains(err.Error(), "ombudsman") {
			t.Errorf("a refused access to documents: %v", err)
		}
		set(town.PhaseDecidedGranted)
		if _, err := h.raise("rossi", file, town.KindAccess); town.CodeOf(err) != town.PreconditionFailed {
			t.Errorf("an access that was given: %v", err)
		}
		set(town.PhaseDecidedRefused)
		e := must[*ent.Escalation](t)(h.raise("rossi", file, town.KindAccess))
		if e.Step != town.StepAccessReview || e.OwnerOffice != town.OfficeRPCT || e.DueOn != town.Today(h.clock.Now()).AddDays(21) { // the twentieth is a Sunday
			t.Fatalf("the step: %s at %s until %s", e.Step, e.OwnerOffice, e.DueOn)
		}
		if _, err := h.AnswerEscalation(h.as("segretario"), answering(h, e, town.OutcomeUpheld)); err == nil {
			t.Error("the secretary decides on an access")
		}
		e = must[voice.Stepped](t)(h.AnswerEscalation(h.as("rpct"), answering(h, e, town.OutcomeUpheld))).Escalation
		if e.ClosedAt == nil || e.Outcome != town.OutcomeUpheld || len(h.Outside(e)) != 2 {
			t.Errorf("reviewed: %+v", e)
		}
	})
}

// The Help Point asks, the office reports, and the citizen reads neither; the Assessore
// steers, and the office reads it.
func TestReportsAndGuidance(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		e := h.raised()
		e = must[voice.Stepped](t)(h.RequestReport(h.as("helppoint"), voice.RequestReportInput{
			IdempotencyKey: h.key(), EscalationID: e.ID, ExpectedVersion: e.Version, Question: "Perché?",
		})).Escalation
		open := true
		list := must[town.Page[*ent.StepNote]](t)(h.Reports(h.as("officer"), town.PageArgs{}, voice.ReportFilter{Open: &open})).Items
		if len(list) != 1 || list[0].OfficeID != "taxes" {
			t.Fatalf("the office's worklist: %+v", list)
		}
		n := list[0]
		in := voice.AnswerReportInput{IdempotencyKey: h.key(), ReportID: n.ID, ExpectedVersion: n.Version, Answer: "Mancava un documento"}
		if _, err := h.AnswerReport(h.as("helppoint"), in); town.CodeOf(err) != town.Forbidden {
			t.Errorf("the Help Point reports to itself: %v", err)
		}
		if _, err := h.AnswerReport(h.as("head.births"), in); town.CodeOf(err) != town.NotFound {
			t.Errorf("another office reports: %v", err)
		}
		n = must[*ent.StepNote](t)(h.AnswerReport(h.as("officer"), in))
		for who, reads := range map[string]bool{"helppoint": true, "head": true, "rossi": false, "auditor": false} {
			got := must[map[*ent.StepNote]*string](t)(h.ReportsOf(h.as(who), []*ent.StepNote{n}))[n]
			if (got != nil && *got == "Mancava un documento") != reads {
				t.Errorf("%s reads the report: %v", who, got != nil)
			}
		}
		guide := func(who string, e *ent.Escalation) (voice.Stepped, error) {
			return h.GiveGuidance(h.as(who), voice.GiveGuidanceInput{IdempotencyKey: h.key(), EscalationID: e.ID, ExpectedVersion: e.Version, Text: "Ascoltate di più"})
		}
		if _, err := guide("helppoint", e); town.CodeOf(err) != town.NotAllowed {
			t.Errorf("the Help Point steers: %v", err)
		}
		for range 2 {
			h.clock.Advance(40 * 24 * time.Hour)
			must[int](t)(h.LapseDue(context.Background()))
			e = h.above(e.ID)
		}
		e = must[voice.Stepped](t)(guide("assessore", e)).Escalation
		for who, reads := range map[string]int{"head": 1, "officer": 1, "assessore": 1, "rossi": 0, "auditor": 0} {
			got := must[map[string][]*ent.StepNote](t)(h.NotesOfEscalations(h.as(who), []string{e.ID}))[e.ID]
			if len(got) != reads {
				t.Errorf("%s sees %d notes of guidance", who, len(got))
			}
		}
	})
}

// Whoever chose so is told by mail, without a word about them; a mail server that is away
// is tried again, and given up after the last try.
func TestCitizensAreToldByMail(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		address := "rossi@example.org"
		choice := voice.ChooseContactInput{IdempotencyKey: h.key(), Channel: town.ContactEmail, Address: ptr("no address")}
		if _, err := h.ChooseContact(h.as("rossi"), choice); town.CodeOf(err) != town.Invalid {
			t.Errorf("no address: %v", err)
		}
		choice = voice.ChooseContactInput{IdempotencyKey: h.key(), Channel: town.ContactEmail, Address: &address}
		if got := must[*voice.Contacted](t)(h.ChooseContact(h.as("rossi"), choice)); got.Address == nil || *got.Address != address {
			t.Errorf("chosen: %+v", got)
		}
		if got := must[*voice.Contacted](t)(h.ContactChoice(h.as("bianchi"))); got.Channel != town.ContactInApp || got.Address != nil {
			t.Errorf("who chose nothing: %+v", got)
		}
		h.clock.Advance(time.Second)
		e := h.raised()
		h.tell()
		h.post.closed = true
		must[int](t)(h.SendNotices(t.Context()))
		h.post.closed = false
		if n := must[int](t)(h.SendNotices(t.Context())); n != 0 {
			t.Errorf("%d tried at once again", n)
		}
		h.clock.Advance(3 * time.Minute)
		must[int](t)(h.SendNotices(t.Context()))
		if len(h.post.got) != 1 {
			t.Fatalf("%d letters", len(h.post.got))
		}
		protocol := h.store.Reader().CaseFile.GetX(h.system(), e.CaseID).Protocol
		l := h.post.got[0]
		if l.To != address || !strings.Contains(l.Text, protocol) || strings.Contains(l.Text, "rossi") || strings.Contains(l.Text, "taxes") {
			t.Errorf("the letter to %s: %s", l.To, l.Text)
		}
		h.post.closed = true
		h.clock.Advance(time.Second)
		must[voice.Stepped](t)(h.AcknowledgeEscalation(h.as("helppoint"), voice.EscalationInput{EscalationID: e.ID, ExpectedVersion: e.Version}))
		h.tell()
		for range 4 {
			h.clock.Advance(3 * time.Minute)
			must[int](t)(h.SendNotices(t.Context()))
		}
		rows := h.store.Reader().CitizenNotice.Query().AllX(h.system())
		states := map[town.DeliveryState]int{}
		for _, row := range rows {
			states[row.State]++
		}
		if states[town.DeliverySent] != 1 || states[town.DeliveryDead] != 1 {
			t.Errorf("messages: %v", states)
		}
	})
}

// tell hands the events that it has not had yet to the consumer.
func (h *house) tell() {
	h.t.Helper()
	rows := h.store.Reader().Event.Query().Where(event.EscalationIDNEQ("")).Order(event.ByID()).AllX(h.system())
	for _, row := range rows {
		e := town.Event{ID: row.UID, At: row.At, Type: row.Type, EscalationID: row.EscalationID, Parties: row.Parties, Data: row.Data}
		known := h.store.Reader().CitizenNotice.Query().AllX(h.system())
		if slices.ContainsFunc(known, func(n *ent.CitizenNotice) bool { return n.EventID == row.UID }) {
			continue
		}
		h.write(func(ctx context.Context, tx *store.Tx) error { return h.Notice(access.System(ctx, "test"), tx, e) })
	}
}
