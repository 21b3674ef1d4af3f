package voice_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice"
)

// One story from a low score to the Mayor, with everyone who takes part in it.
func TestFromALowScoreToTheMayor(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		stepped := must[voice.Stepped](t)
		citizen, helpPoint, head, mayor := h.as("rossi"), h.as("helppoint"), h.as("head"), h.as("mayor")
		file := h.file(false)

		word, err := h.GiveFeedback(citizen, voice.GiveFeedbackInput{
			IdempotencyKey: "word", CaseID: &file, Score: 1, Cause: ptr(town.CauseOutcome), Comment: ptr("Respinta senza ragione"),
		})
		if err != nil {
			t.Fatal(err)
		}
		offer := word.Offer
		if offer == nil || offer.State != town.EscalationOffered || offer.Step != town.StepHelpPoint || offer.OwnerOffice != town.OfficeHelpPoint {
			t.Fatalf("offer: %+v", offer)
		}

		e1 := stepped(h.RaiseEscalation(citizen, voice.RaiseEscalationInput{IdempotencyKey: "up", EscalationID: &offer.ID, Text: "Chiedo un riesame"})).Escalation
		e1 = stepped(h.AcknowledgeEscalation(helpPoint, voice.EscalationInput{EscalationID: e1.ID, ExpectedVersion: e1.Version})).Escalation
		e1 = stepped(h.AnswerEscalation(helpPoint, voice.AnswerEscalationInput{
			IdempotencyKey: "a1", EscalationID: e1.ID, ExpectedVersion: e1.Version, Outcome: town.OutcomeExplained, Answer: "Manca un requisito",
		})).Escalation

		up := voice.PassUpEscalationInput{IdempotencyKey: "p1", EscalationID: e1.ID, ExpectedVersion: e1.Version, Text: "Non mi basta"}
		first := stepped(h.PassUpEscalation(citizen, up))
		if first.Escalation.State != town.EscalationPassedUp || first.Escalation.Outcome != town.OutcomeExplained || first.Escalation.ClosedAt == nil {
			t.Errorf("the Help Point's step: %+v", first.Escalation)
		}
		e2 := first.Next
		if e2 == nil || e2.Step != town.StepSectorHead || e2.OwnerOffice != "taxes" || e2.LadderID != e1.ID || e2.Level != town.LevelHelpPoint {
			t.Fatalf("the sector head's step: %+v", e2)
		}
		if again := stepped(h.PassUpEscalation(citizen, up)); again.Next == nil || again.Next.ID != e2.ID {
			t.Errorf("a repeat opened %+v", again.Next)
		}

		e2 = stepped(h.AcknowledgeEscalation(head, voice.EscalationInput{EscalationID: e2.ID, ExpectedVersion: e2.Version})).Escalation
		if e2.State != town.EscalationInReview || e2.OwnerID != "head" {
			t.Errorf("the head reviews: %s by %s", e2.State, e2.OwnerID)
		}
		e3 := stepped(h.PassUpEscalation(head, voice.PassUpEscalationInput{
			IdempotencyKey: "p2", EscalationID: e2.ID, ExpectedVersion: e2.Version, Text: "Serve un indirizzo",
		})).Next
		if e3 == nil || e3.Step != town.StepMayor || e3.Level != town.LevelMayor || e3.OwnerOffice != town.OfficeMayor {
			t.Fatalf("the Mayor's step: %+v", e3)
		}
		got := h.step(e2.ID)
		if answer, said := h.answer(got), h.words(e3); got.Outcome != town.OutcomePassedUp || answer != "Serve un indirizzo" || said != "Non mi basta" {
			t.Errorf("the head's outcome: %s, %q; the Mayor reads %q", got.Outcome, answer, said)
		}

		open := must[[]*ent.Escalation](t)(h.OpenAtLevel(mayor, town.LevelMayor, 10))
		if len(open) != 1 || open[0].ID != e3.ID {
			t.Errorf("the Mayor's alert shows %d steps", len(open))
		}
		answer := voice.AnswerEscalationInput{IdempotencyKey: "a3", EscalationID: e3.ID, ExpectedVersion: e3.Version, Outcome: town.OutcomeDecisionChanged, Answer: "Provvederemo"}
		if _, err := h.AnswerEscalation(mayor, answer); town.CodeOf(err) != town.Invalid {
			t.Errorf("the Mayor changed a decision: %v", err)
		}
		answer.IdempotencyKey, answer.Outcome = "a3b", town.OutcomeRemedied
		e3 = stepped(h.AnswerEscalation(mayor, answer)).Escalation
		if e3.State != town.EscalationAnswered || e3.ClosedAt == nil || e3.OpenKey != e3.ID || e3.OwnerID != "mayor" {
			t.Errorf("answered by the Mayor: %+v", e3)
		}
		e3 = stepped(h.AcceptEscalation(citizen, voice.AcceptEscalationInput{EscalationID: e3.ID, ExpectedVersion: e3.Version, Rating: ptr(4)})).Escalation
		if e3.State != town.EscalationAccepted || e3.Rating != 4 || e3.Outcome != town.OutcomeRemedied {
			t.Errorf("accepted: %+v", e3)
		}

		history := must[[]*ent.Escalation](t)(h.History(mayor, e3))
		if len(history) != 2 || history[0].ID != e1.ID || history[1].ID != e2.ID || len(history[0].Answer) == 0 {
			t.Errorf("the Mayor's history has %d steps", len(history))
		}
		refs := must[map[string]voice.CaseRef](t)(h.CaseRefsOfEscalations(mayor, []string{e3.ID}))
		if refs[e3.ID].Protocol == "" || refs[e3.ID].Phase != town.PhaseInProgress {
			t.Errorf("reference of the case: %+v", refs)
		}
		if _, err := h.store.Reader().CaseFile.Get(mayor, file); !ent.IsNotFound(err) {
			t.Errorf("the Mayor reads the case: %v", err)
		}
		h.checkStory(e1.ID, e2.ID, e3.ID)
	})
}

// checkStory checks the events of the story above.
func (h *house) checkStory(e1, e2, e3 string) {
	h.t.Helper()
	type fact struct {
		Type          town.EventType
		Step, Owner   string
		Level         town.Level
		Holder, Actor string
	}
	var got []fact
	for _, e := range h.told() {
		got = append(got, fact{e.Type, e.EscalationID, e.Data[town.DataOwnerOffice], e.Level, e.HolderID, e.Actor})
		if e.Type != town.EventFeedbackGiven && (e.OfficeID != "taxes" || len(e.Parties) != 1 || e.Parties[0] != "rossi" || e.CaseID == "") {
			h.t.Errorf("event %s: office %s, parties %v, case %q", e.Type, e.OfficeID, e.Parties, e.CaseID)
		}
	}
	const desk, mayor = town.OfficeHelpPoint, town.OfficeMayor
	want := []fact{
		{town.EventFeedbackGiven, "", "", 3, "", "unnamed"},
		{town.EventEscalationOffer, e1, desk, 4, "", "rossi"},
		{town.EventEscalationRaised, e1, desk, 4, "", "rossi"},
		{town.EventEscalationTaken, e1, desk, 4, "helppoint", "helppoint"},
		{town.EventEscalationAnswer, e1, desk, 4, "helppoint", "helppoint"},
		{town.EventEscalationPassed, e1, desk, 4, "helppoint", "rossi"},
		{town.EventEscalationRaised, e2, "taxes", 4, "", "rossi"},
		{town.EventEscalationTaken, e2, "taxes", 4, "head", "head"},
		{town.EventEscalationPassed, e2, "taxes", 4, "head", "head"},
		{town.EventEscalationRaised, e3, mayor, 5, "assessore", "head"},
		{town.EventEscalationAnswer, e3, mayor, 5, "mayor", "mayor"},
		{town.EventEscalationClosed, e3, mayor, 5, "mayor", "rossi"},
		{town.EventFeedbackGiven, e3, "", 5, "", "unnamed"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		h.t.Errorf("events (-want +got):\n%s", diff)
	}
}

// raised opens a step at the Help Point about a new case of Rossi.
func (h *house) raised() *ent.Escalation {
	h.t.Helper()
	file := h.file(false)
	return must[voice.Stepped](h.t)(h.RaiseEscalation(h.as("rossi"), voice.RaiseEscalationInput{IdempotencyKey: h.key(), CaseID: &file, Text: "Non va"})).Escalation
}

func TestWhoMayNot(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		e := h.raised()
		in := voice.EscalationInput{EscalationID: e.ID, ExpectedVersion: e.Version}
		answer := voice.AnswerEscalationInput{EscalationID: e.ID, ExpectedVersion: e.Version, Outcome: town.OutcomeExplained, Answer: "Perché…"}
		for _, c := range []struct {
			name string
			who  context.Context
			do   func(ctx context.Context) error
			want town.Code
		}{
			{"another citizen sees nothing", h.as("bianchi"), func(ctx context.Context) error { _, err := h.AcknowledgeEscalation(ctx, in); return err }, town.NotFound},
			{"another office's head sees nothing", h.as("head.births"), func(ctx context.Context) error { _, err := h.AcknowledgeEscalation(ctx, in); return err }, town.NotFound},
			{"the Mayor sees nothing yet", h.as("mayor"), func(ctx context.Context) error { _, err := h.AcknowledgeEscalation(ctx, in); return err }, town.NotFound},
			{"the office that is complained of may look only", h.as("officer"), func(ctx context.Context) error { _, err := h.AcknowledgeEscalation(ctx, in); return err }, town.NotAllowed},
			{"the auditor may look only", h.as("auditor"), func(ctx context.Context) error { _, err := h.AcknowledgeEscalation(ctx, in); return err }, town.NotAllowed},
			{"the citizen does not answer", h.as("rossi"), func(ctx context.Context) error {
				answer.IdempotencyKey = h.key()
				_, err := h.AnswerEscalation(ctx, answer)
				return err
			}, town.NotAllowed},
			{"nobody without a token", context.Background(), func(ctx context.Context) error { _, err := h.AcknowledgeEscalation(ctx, in); return err }, town.Unauthenticated},
			{"a stale version", h.as("helppoint"), func(ctx context.Context) error {
				_, err := h.AcknowledgeEscalation(ctx, voice.EscalationInput{EscalationID: e.ID, ExpectedVersion: e.Version + 1})
				return err
			}, town.Conflict},
			{"accepting what was not answered", h.as("rossi"), func(ctx context.Context) error {
				_, err := h.AcceptEscalation(ctx, voice.AcceptEscalationInput{EscalationID: e.ID, ExpectedVersion: e.Version})
				return err
			}, town.PreconditionFailed},
			{"an answer without words", h.as("helppoint"), func(ctx context.Context) error {
				_, err := h.AnswerEscalation(ctx, voice.AnswerEscalationInput{IdempotencyKey: h.key(), EscalationID: e.ID, ExpectedVersion: e.Version, Outcome: town.OutcomeExplained, Answer: "  "})
				return err
			}, town.Required},
			{"an answer without a key", h.as("helppoint"), func(ctx context.Context) error {
				_, err := h.AnswerEscalation(ctx, voice.AnswerEscalationInput{EscalationID: e.ID, ExpectedVersion: e.Version, Outcome: town.OutcomeExplained, Answer: "Sì"})
				return err
			}, town.Invalid},
			{"the Help Point decides nothing", h.as("helppoint"), func(ctx context.Context) error {
				_, err := h.AnswerEscalation(ctx, voice.AnswerEscalationInput{IdempotencyKey: h.key(), EscalationID: e.ID, ExpectedVersion: e.Version, Outcome: town.OutcomeDecisionChanged, Answer: "Cambiata"})
				return err
			}, town.Invalid},
			{"a step that is not there", h.as("helppoint"), func(ctx context.Context) error {
				_, err := h.AcknowledgeEscalation(ctx, voice.EscalationInput{EscalationID: "esc_none", ExpectedVersion: 1})
				return err
			}, town.NotFound},
		} {
			t.Run(c.name, func(t *testing.T) {
				if err := c.do(c.who); err == nil || town.CodeOf(err) != c.want {
					t.Errorf("got %v, want %s", err, c.want)
				}
			})
		}
		if got := h.step(e.ID); got.Version != e.Version || got.State != town.EscalationOpen {
			t.Errorf("the step changed: %+v", got)
		}
	})
}

func TestTermsOfEachStep(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		date := func(d int, m time.Month) town.Date { return town.Date{Year: 2026, Month: m, Day: d} }
		e1 := h.raised()
		if e1.AcknowledgeBy != date(24, 11) || e1.DueOn != date(30, 11) {
			t.Errorf("Help Point: acknowledge by %s, due on %s", e1.AcknowledgeBy, e1.DueOn)
		}
		// Nobody answers: at each midnight in Rome after the last day it goes up.
		h.clock.Set(time.Date(2026, 11, 30, 22, 59, 59, 0, time.UTC))
		h.lapse(0)
		h.clock.Set(time.Date(2026, 11, 30, 23, 0, 0, 0, time.UTC))
		h.lapse(1)
		e2 := h.above(e1.ID)
		if got := h.step(e1.ID); got.State != town.EscalationLapsed || got.Outcome != town.OutcomeLapsed || got.ClosedAt == nil || got.DueAt != nil {
			t.Errorf("the Help Point's step lapsed as %+v", got)
		}
		if e2.Step != town.StepSectorHead || e2.DueOn != date(31, 12) || h.words(e2) != h.words(e1) {
			t.Errorf("sector head: %s due on %s", e2.Step, e2.DueOn)
		}
		h.clock.Set(time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC))
		h.lapse(1)
		e3 := h.above(e2.ID)
		if e3.Step != town.StepMayor || e3.AcknowledgeBy != (town.Date{Year: 2027, Month: 1, Day: 6}) || e3.DueOn != (town.Date{Year: 2027, Month: 2, Day: 1}) {
			t.Errorf("Mayor: %s, route by %s, due on %s", e3.Step, e3.AcknowledgeBy, e3.DueOn)
		}
		h.clock.Set(time.Date(2027, 6, 1, 0, 0, 0, 0, time.UTC))
		h.lapse(1)
		if got := h.step(e3.ID); got.State != town.EscalationLapsed || got.Outcome != town.OutcomeLapsed || got.ClosedAt == nil {
			t.Errorf("the Mayor's step lapsed as %+v", got)
		}
		h.lapse(0)
		last := h.told()[len(h.told())-1]
		if last.Level != town.LevelMayor || last.Data["outcome"] != string(town.OutcomeLapsed) {
			t.Errorf("the alert: %+v", last)
		}
	})
}

func (h *house) lapse(want int) {
	h.t.Helper()
	if n, err := h.LapseDue(context.Background()); err != nil || n != want {
		h.t.Fatalf("at %s: %d terms passed, %v, want %d", h.clock.Now(), n, err, want)
	}
}

func TestSilenceAfterAnOfferAndAnAnswer(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		file := h.file(false)
		word := must[voice.Given](t)(h.GiveFeedback(h.as("rossi"), voice.GiveFeedbackInput{IdempotencyKey: "w", CaseID: &file, Score: 2, Cause: ptr(town.CauseClarity)}))
		e := h.raised()
		e = must[voice.Stepped](t)(h.AnswerEscalation(h.as("helppoint"), voice.AnswerEscalationInput{
			IdempotencyKey: "a", EscalationID: e.ID, ExpectedVersion: e.Version, Outcome: town.OutcomeNotUpheld, Answer: "La regola è questa",
		})).Escalation
		if e.AcknowledgedAt == nil || e.ClosedAt != nil {
			t.Errorf("answered at once: %+v", e)
		}
		h.clock.Advance(9 * 24 * time.Hour)
		h.lapse(0)
		h.clock.Advance(3 * 24 * time.Hour)
		h.lapse(2)
		if got := h.step(word.Offer.ID); got.State != town.EscalationDeclined || got.Outcome != town.OutcomeDeclined || got.ClosedAt == nil {
			t.Errorf("the offer that nobody took up: %+v", got)
		}
		if got := h.step(e.ID); got.State != town.EscalationAccepted || got.Outcome != town.OutcomeNotUpheld || got.ClosedAt == nil {
			t.Errorf("the answer that nobody objected to: %+v", got)
		}
		// The subject is free again.
		if _, err := h.RaiseEscalation(h.as("rossi"), voice.RaiseEscalationInput{IdempotencyKey: "again", CaseID: &e.CaseID, Text: "Di nuovo"}); err != nil {
			t.Errorf("a new step after the old one ended: %v", err)
		}
	})
}

func TestConfidentialStepsStayWithTheirHolders(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		file := h.file(true)
		e := must[voice.Stepped](t)(h.RaiseEscalation(h.as("rossi"), voice.RaiseEscalationInput{IdempotencyKey: "k", CaseID: &file, Text: "Non va"})).Escalation
		for who, sees := range map[string]bool{"rossi": true, "helppoint": true, "head": true, "officer": false, "auditor": false, "mayor": false} {
			if _, err := h.Escalation(h.as(who), e.ID); (err == nil) != sees {
				t.Errorf("%s sees it: %v, want %v", who, err, sees)
			}
		}
		for _, told := range h.told() {
			if !told.Confidential {
				t.Errorf("event %s is not confidential", told.Type)
			}
		}
	})
}

func TestAvailableActions(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		e := h.raised()
		for who, want := range map[string][]string{"rossi": nil, "helppoint": {"ACKNOWLEDGE", "ANSWER", "PASS_UP", "ASK_REPORT"}, "officer": nil} {
			var got []string
			all, err := h.AvailableActions(h.as(who), e)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range all {
				if a.Allowed {
					got = append(got, string(a.Action))
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", who, diff)
			}
		}
	})
}

func TestWordsAreForThoseWhoNeedThem(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		e := h.raised()
		for who, reads := range map[string]bool{"rossi": true, "helppoint": true, "officer": true, "auditor": false} {
			words, err := h.Words(h.as(who), e)
			if err != nil || (words != nil) != reads {
				t.Errorf("%s reads the words: %v, %v, want %v", who, words, err, reads)
			}
		}
		if _, err := h.Words(access.With(context.Background(), access.Public()), e); town.CodeOf(err) != town.Unauthenticated {
			t.Errorf("the public: %v", err)
		}
	})
}
