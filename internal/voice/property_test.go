package voice_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice"
)

// Whatever people do in whatever order, and however long nobody does anything: no
// step ends without an outcome and a date, the ladder leaves no rung out, and a
// subject has one open step of a kind at most. One person acts at a time here, so
// one database will do; races are below.
func TestLadderProperty(t *testing.T) {
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	who := rapid.SampledFrom([]string{"rossi", "helppoint", "head", "mayor", "officer", "bianchi"})
	act := rapid.SampledFrom([]string{"raise", "rate", "acknowledge", "answer", "pass up", "accept", "decline", "wait"})
	rapid.Check(t, func(rt *rapid.T) {
		leg, _ := h.leg("rossi")
		for range rapid.IntRange(1, 15).Draw(rt, "actions") {
			step := h.newest(leg)
			if err := h.play(h.as(who.Draw(rt, "who")), act.Draw(rt, "act"), leg, step); err != nil && !expected(err) {
				rt.Fatal(err)
			}
		}
		h.checkLadder(rt, leg)
	})
}

// expected are refusals; everything else is a fault.
func expected(err error) bool {
	return town.IsUserError(err) || town.CodeOf(err) == town.NotFound || town.CodeOf(err) == town.Forbidden
}

func (h *house) ofLeg(leg string) []*ent.Escalation {
	h.t.Helper()
	rows, err := h.store.Reader().Escalation.Query().Where(escalation.LegID(leg)).Order(ent.Asc(escalation.FieldOpenedAt, escalation.FieldStep)).All(h.system())
	if err != nil {
		h.t.Fatal(err)
	}
	return rows
}

// newest is the step that is open, else the last one, else one that is not there.
func (h *house) newest(leg string) *ent.Escalation {
	rows := h.ofLeg(leg)
	for _, e := range rows {
		if e.ClosedAt == nil {
			return e
		}
	}
	if len(rows) == 0 {
		return &ent.Escalation{ID: "esc_none"}
	}
	return rows[len(rows)-1]
}

func (h *house) play(ctx context.Context, act string, leg string, e *ent.Escalation) error {
	h.clock.Advance(time.Minute)
	in := voice.EscalationInput{EscalationID: e.ID, ExpectedVersion: e.Version}
	var err error
	switch act {
	case "raise":
		_, err = h.RaiseEscalation(ctx, voice.RaiseEscalationInput{IdempotencyKey: h.key(), LegID: &leg, Text: "Non va"})
	case "rate":
		_, err = h.GiveFeedback(ctx, voice.GiveFeedbackInput{IdempotencyKey: h.key(), LegID: &leg, Score: 1, Cause: ptr(town.CauseCourtesy)})
	case "acknowledge":
		_, err = h.AcknowledgeEscalation(ctx, in)
	case "answer":
		_, err = h.AnswerEscalation(ctx, voice.AnswerEscalationInput{IdempotencyKey: h.key(), EscalationID: e.ID, ExpectedVersion: e.Version, Outcome: town.OutcomeExplained, Answer: "Ecco"})
	case "pass up":
		_, err = h.PassUpEscalation(ctx, voice.PassUpEscalationInput{IdempotencyKey: h.key(), EscalationID: e.ID, ExpectedVersion: e.Version, Text: "Oltre"})
	case "accept":
		_, err = h.AcceptEscalation(ctx, voice.AcceptEscalationInput{EscalationID: e.ID, ExpectedVersion: e.Version})
	case "decline":
		_, err = h.DeclineEscalation(ctx, in)
	case "wait":
		h.clock.Advance(12 * 24 * time.Hour)
		_, err = h.LapseDue(context.Background())
	}
	return err
}

func (h *house) checkLadder(rt *rapid.T, leg string) {
	rungs := []town.EscalationStep{town.StepSignal, town.StepHelpPoint, town.StepSectorHead, town.StepMayor}
	rows := h.ofLeg(leg)
	byID := map[string]*ent.Escalation{}
	open := 0
	for _, e := range rows {
		byID[e.ID] = e
	}
	for _, e := range rows {
		if e.ClosedAt == nil {
			open++
			if e.DueAt == nil || e.OpenKey == e.ID {
				rt.Fatalf("an open step without a term or a hold on its subject: %+v", e)
			}
		} else if e.Outcome == "" || e.OpenKey != e.ID || e.DueAt != nil {
			rt.Fatalf("a step ended without an outcome, or holds its subject: %+v", e)
		}
		if (e.Outcome != "" && e.State != town.EscalationAnswered) != (e.ClosedAt != nil && e.State != town.EscalationAnswered) {
			rt.Fatalf("outcome %s at %v in %s", e.Outcome, e.ClosedAt, e.State)
		}
		if e.PreviousID == "" {
			if e.LadderID != e.ID {
				rt.Fatalf("a first step of ladder %s: %+v", e.LadderID, e)
			}
			continue
		}
		below := byID[e.PreviousID]
		if below == nil || below.LadderID != e.LadderID || slices.Index(rungs, e.Step) != slices.Index(rungs, below.Step)+1 {
			rt.Fatalf("%s comes after %+v", e.Step, below)
		}
		if below.State != town.EscalationPassedUp && below.State != town.EscalationLapsed {
			rt.Fatalf("%s opened while the step below is %s", e.Step, below.State)
		}
	}
	if open > 1 {
		rt.Fatalf("%d open steps about one leg", open)
	}
}

// Many ask at the same moment: one step opens, the others are told so.
func TestOneOpenStepPerSubjectAndKind(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		file := h.file(false)
		var mu sync.Mutex
		var wait sync.WaitGroup
		opened := map[town.EscalationKind]int{}
		for _, kind := range []town.EscalationKind{town.KindDissatisfaction, town.KindMerits} {
			for range 8 {
				wait.Go(func() {
					in := voice.RaiseEscalationInput{IdempotencyKey: h.key(), CaseID: &file, Kind: &kind, Text: "Non va"}
					_, err := h.RaiseEscalation(h.as("rossi"), in)
					mu.Lock()
					defer mu.Unlock()
					switch {
					case err == nil:
						opened[kind]++
					case town.CodeOf(err) != town.PreconditionFailed:
						t.Errorf("the others are told %v", err)
					}
				})
			}
		}
		wait.Wait()
		if opened[town.KindDissatisfaction] != 1 || opened[town.KindMerits] != 1 {
			t.Errorf("opened %v, want one of each kind", opened)
		}
	})
}

// Replicas look for passed terms at the same time, while holders still answer: each
// step is lapsed or answered, once.
func TestTermsPassOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		const steps = 12
		var all []*ent.Escalation
		for range steps {
			all = append(all, h.raised())
		}
		h.clock.Advance(9 * 24 * time.Hour)
		var wait sync.WaitGroup
		lapsed := make([]int, 2)
		for i := range lapsed {
			wait.Go(func() {
				n, err := h.LapseDue(context.Background())
				if err != nil {
					t.Errorf("lapse: %v", err)
				}
				lapsed[i] = n
			})
		}
		answered := 0
		wait.Go(func() {
			for _, e := range slices.Backward(all) {
				in := voice.AnswerEscalationInput{IdempotencyKey: h.key(), EscalationID: e.ID, ExpectedVersion: e.Version, Outcome: town.OutcomeExplained, Answer: "Ecco"}
				_, err := h.AnswerEscalation(h.as("helppoint"), in)
				if err == nil {
					answered++
				} else if !expected(err) {
					t.Errorf("answer: %v", err)
				}
			}
		})
		wait.Wait()
		if got := lapsed[0] + lapsed[1] + answered; got != steps {
			t.Errorf("%v lapsed and %d answered, of %d", lapsed, answered, steps)
		}
		above, err := h.store.Reader().Escalation.Query().Where(escalation.StepEQ(town.StepSectorHead)).Count(h.system())
		if err != nil || above != lapsed[0]+lapsed[1] {
			t.Errorf("%d steps went up, %v, want %v", above, err, lapsed)
		}
	})
}

func TestRunLapsesFollowsTheClock(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		e := h.raised()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- h.RunLapses(ctx, slog.New(slog.DiscardHandler)) }()
		h.clock.Advance(40 * 24 * time.Hour)
		deadline := time.Now().Add(10 * time.Second)
		for h.step(e.ID).State != town.EscalationLapsed {
			if time.Now().After(deadline) {
				t.Fatal("the step has not lapsed")
			}
			time.Sleep(5 * time.Millisecond)
		}
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	})
}
