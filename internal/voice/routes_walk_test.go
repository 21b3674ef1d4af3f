package voice_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice"
	"github.com/spazio-in-comune/sportello/internal/voice/ladder"
)

// lateAccess is a request of access whose term has passed in silence: both remedies of law
// are open to it.
func (h *house) lateAccess() string {
	h.t.Helper()
	file := h.late()
	h.write(func(ctx context.Context, tx *store.Tx) error {
		return tx.CaseFile.UpdateOneID(file).SetPracticeID("accesso-civico").Exec(ctx)
	})
	return file
}

// The remedies of law keep the promises of the ladder, whatever people do in whatever
// order, and however long nobody does anything: one open step for each kind, none that ends
// without an outcome and a date, a term that passes goes up and is counted, nobody but who
// holds the power answers, and the case itself, with its office and its term, is as it was.
func TestRemediesProperty(t *testing.T) {
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	who := rapid.SampledFrom([]string{"rossi", "segretario", "rpct", "helppoint", "head", "officer", "mayor", "assessore", "bianchi"})
	act := rapid.SampledFrom([]string{"raise", "acknowledge", "answer", "pass up", "accept", "decline", "rate", "report", "guide", "wait", "decide"})
	kind := rapid.SampledFrom([]town.EscalationKind{town.KindDelay, town.KindAccess})
	outcome := rapid.SampledFrom([]town.EscalationOutcome{
		town.OutcomeNotUpheld, town.OutcomeConcluded, town.OutcomeUpheld, town.OutcomeExplained, town.OutcomeDecisionChanged,
	})
	reached := map[town.EscalationStep]map[town.EscalationState]int{town.StepSubstitute: {}, town.StepAccessReview: {}, town.StepMayor: {}}
	rapid.Check(t, func(rt *rapid.T) {
		walk := &remedies{house: h, rt: rt, file: h.lateAccess()}
		file, terms := walk.read()
		if rapid.Bool().Draw(rt, "asked at once") {
			if err := walk.play("raise", "rossi", kind.Draw(rt, "first"), ""); err != nil {
				rt.Fatal(err)
			}
		}
		for range rapid.IntRange(1, 20).Draw(rt, "actions") {
			a, w, k, o := act.Draw(rt, "act"), who.Draw(rt, "who"), kind.Draw(rt, "kind"), outcome.Draw(rt, "outcome")
			if rapid.Bool().Draw(rt, "as it should be") {
				w, o = walk.fitting(a, k, o)
			}
			err := walk.play(a, w, k, o)
			if err != nil && !expected(err) {
				rt.Fatal(err)
			}
			for _, e := range walk.check() {
				reached[e.Step][e.State]++
			}
		}
		after, termsAfter := walk.read()
		unexported := cmpopts.IgnoreUnexported(ent.CaseFile{}, ent.CaseClock{}, ent.CaseFileEdges{}, ent.CaseClockEdges{})
		if diff := cmp.Diff(file, after, unexported) + cmp.Diff(terms, termsAfter, unexported); diff != "" {
			rt.Fatalf("the case changed (-before +after):\n%s", diff)
		}
	})
	for _, step := range []town.EscalationStep{town.StepSubstitute, town.StepAccessReview} {
		if reached[step][town.EscalationAnswered] == 0 || reached[step][town.EscalationLapsed] == 0 {
			t.Errorf("%s was never answered, or never lapsed: %v", step, reached[step])
		}
	}
}

// remedies is one walk over one case.
type remedies struct {
	*house
	rt      *rapid.T
	file    string
	settled bool
}

func (w *remedies) read() (*ent.CaseFile, []*ent.CaseClock) {
	db := w.store.Reader()
	return db.CaseFile.GetX(w.system(), w.file), db.CaseClock.Query().Where(caseclock.CaseID(w.file)).AllX(w.system())
}

func (w *remedies) steps() []*ent.Escalation {
	return w.store.Reader().Escalation.Query().Where(escalation.CaseID(w.file)).Order(ent.Asc(escalation.FieldID)).AllX(w.system())
}

// of is the step of the kind that is open, else the last one, else one that is not there.
func (w *remedies) of(kind town.EscalationKind) *ent.Escalation {
	last := &ent.Escalation{ID: "esc_none"}
	for _, e := range w.steps() {
		if e.Kind == kind && (last.ClosedAt != nil || last.ID == "esc_none") {
			last = e
		}
	}
	return last
}

func (w *remedies) play(act, who string, kind town.EscalationKind, outcome town.EscalationOutcome) (err error) {
	w.clock.Advance(time.Minute)
	ctx, e := w.as(who), w.of(kind)
	seen := voice.EscalationInput{EscalationID: e.ID, ExpectedVersion: e.Version}
	switch act {
	case "raise":
		_, err = w.raise(who, w.file, kind)
	case "acknowledge":
		_, err = w.AcknowledgeEscalation(ctx, seen)
	case "answer":
		_, err = w.AnswerEscalation(ctx, answering(w.house, e, outcome))
	case "pass up":
		_, err = w.PassUpEscalation(ctx, voice.PassUpEscalationInput{IdempotencyKey: w.key(), EscalationID: e.ID, ExpectedVersion: e.Version, Text: "Oltre"})
	case "accept":
		_, err = w.AcceptEscalation(ctx, voice.AcceptEscalationInput{EscalationID: e.ID, ExpectedVersion: e.Version})
	case "decline":
		_, err = w.DeclineEscalation(ctx, seen)
	case "rate":
		_, err = w.RateEscalation(ctx, voice.RateEscalationInput{EscalationID: e.ID, ExpectedVersion: e.Version, Rating: 2})
	case "report":
		_, err = w.RequestReport(ctx, voice.RequestReportInput{IdempotencyKey: w.key(), EscalationID: e.ID, ExpectedVersion: e.Version, Question: "Perché?"})
	case "guide":
		_, err = w.GiveGuidance(ctx, voice.GiveGuidanceInput{IdempotencyKey: w.key(), EscalationID: e.ID, ExpectedVersion: e.Version, Text: "Presto"})
	case "wait":
		w.clock.Advance(17 * 24 * time.Hour)
		_, err = w.LapseDue(context.Background())
	case "decide":
		if !w.settled {
			w.decided(w.file)
		}
		w.settled = true
	}
	return err
}

// fitting is who does the act as a rule, and an outcome that the step can have, so that
// the walks come far.
func (w *remedies) fitting(act string, kind town.EscalationKind, outcome town.EscalationOutcome) (string, town.EscalationOutcome) {
	step := w.of(kind).Step
	if !ladder.MayAnswer(step, outcome) || ladder.NeedsAct(outcome) && !w.settled {
		outcome = town.OutcomeNotUpheld
	}
	switch act {
	case "raise", "accept", "decline", "rate", "wait":
		return "rossi", outcome
	}
	switch step {
	case town.StepSubstitute:
		return "segretario", outcome
	case town.StepAccessReview:
		return "rpct", outcome
	default:
		return "mayor", outcome
	}
}

// check holds every step of the case against the promises, and gives them.
func (w *remedies) check() []*ent.Escalation {
	rows := w.steps()
	ids, open := make([]string, len(rows)), map[town.EscalationKind]int{}
	for i, e := range rows {
		ids[i] = e.ID
		if e.ClosedAt == nil {
			open[e.Kind]++
		}
	}
	for kind, n := range open {
		if n > 1 {
			w.rt.Fatalf("%d open steps of %s", n, kind)
		}
	}
	terms, err := w.ClocksOfEscalations(w.system(), ids)
	if err != nil {
		w.rt.Fatal(err)
	}
	for _, e := range rows {
		w.checkStep(e, terms[e.ID])
		w.checkNext(e, rows)
	}
	return rows
}

// checkStep: it is open with a term that runs, or ended with an outcome and a date and no
// term at all; and only the holder of the power answered it.
func (w *remedies) checkStep(e *ent.Escalation, terms []*voice.StepClock) {
	running := slices.DeleteFunc(slices.Clone(terms), func(c *voice.StepClock) bool {
		return c.State == town.ClockStopped || e.ClosedAt == nil && c.Purpose == ladder.ToAcknowledge || e.ClosedAt != nil && c.State == town.ClockExpired
	})
	switch {
	case e.ClosedAt == nil && (e.DueAt == nil || e.OpenKey == e.ID || len(running) != 1):
		w.rt.Fatalf("an open step without a hold on its subject or one term: %+v, %d run", e, len(running))
	case e.ClosedAt == nil && !e.DueAt.Equal(clocks.Passed(running[0].DueOn)):
		w.rt.Fatalf("%s passes at %s, its ledger says %s", e.ID, e.DueAt, running[0].DueOn)
	case e.ClosedAt != nil && (e.Outcome == "" || e.OpenKey != e.ID || e.DueAt != nil || len(running) != 0):
		w.rt.Fatalf("a step ended without an outcome, or something of it runs on: %+v, %d run", e, len(running))
	case e.Outcome != "" && e.AnsweredAt != nil && !ladder.MayAnswer(e.Step, e.Outcome):
		w.rt.Fatalf("%s was answered with %s", e.Step, e.Outcome)
	}
	holders := map[town.EscalationStep][]string{
		town.StepSubstitute: {"", "segretario"}, town.StepAccessReview: {"", "rpct"}, town.StepMayor: {"", "mayor", "assessore"},
	}
	if !slices.Contains(holders[e.Step], e.OwnerID) {
		w.rt.Fatalf("%s is held by %q", e.Step, e.OwnerID)
	}
}

// checkNext: a remedy begins its story, and goes before the Mayor when its term passes,
// which is counted.
func (w *remedies) checkNext(e *ent.Escalation, rows []*ent.Escalation) {
	first := map[town.EscalationKind]town.EscalationStep{town.KindDelay: town.StepSubstitute, town.KindAccess: town.StepAccessReview}[e.Kind]
	if (e.PreviousID == "") != (e.Step == first) {
		w.rt.Fatalf("%s of %s comes after %q", e.Step, e.Kind, e.PreviousID)
	}
	at := slices.IndexFunc(rows, func(up *ent.Escalation) bool { return up.PreviousID == e.ID })
	if goesUp := ladder.IsRoute(e.Step) && (e.State == town.EscalationLapsed || e.State == town.EscalationPassedUp); goesUp != (at >= 0) {
		w.rt.Fatalf("%s is %s, and another comes after it: %v", e.Step, e.State, at >= 0)
	}
	if at < 0 {
		return
	}
	counted := e.Lapses
	if e.State == town.EscalationLapsed {
		counted++
	}
	if up := rows[at]; up.Step != town.StepMayor || up.Lapses != counted || up.LadderID != e.LadderID || up.Kind != e.Kind {
		w.rt.Fatalf("after %d terms that passed comes %+v", counted, up)
	}
}

// Many ask for both remedies of one case at the same moment, the citizen and the holder of
// the substitute power of own motion: one step of each kind opens, the others are told so.
func TestOneOpenRemedyPerCase(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		file := h.lateAccess()
		var mu sync.Mutex
		var wait sync.WaitGroup
		opened := map[town.EscalationKind]int{}
		for kind, people := range map[town.EscalationKind][]string{town.KindDelay: {"rossi", "segretario"}, town.KindAccess: {"rossi"}} {
			for i := range 8 {
				wait.Go(func() {
					_, err := h.raise(people[i%len(people)], file, kind)
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
		if opened[town.KindDelay] != 1 || opened[town.KindAccess] != 1 {
			t.Errorf("opened %v, want one of each kind", opened)
		}
	})
}
