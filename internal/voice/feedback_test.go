package voice_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/feedback"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice"
)

func TestAWordIsTiedToItsContact(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		leg, visit := h.leg("")
		in := voice.GiveFeedbackInput{IdempotencyKey: "w", LegID: &leg, Score: 2, Cause: ptr(town.CauseWaiting), Comment: ptr("Troppo tempo")}
		given := must[voice.Given](t)(h.GiveFeedback(h.holding(visit), in))
		f := given.Feedback
		if f.Level != town.LevelOffice || f.OfficeID != "taxes" || f.ServiceID != "tributi" || f.Channel != town.ChannelKiosk ||
			f.WaitSeconds != 90 || f.VisitID != visit || f.AuthorID != "" || !f.At.Equal(opening) {
			t.Errorf("the word: %+v", f)
		}
		if given.Offer == nil || given.Offer.State != town.EscalationOffered || given.Offer.FeedbackID != f.ID {
			t.Fatalf("the offer: %+v", given.Offer)
		}
		again := must[voice.Given](t)(h.GiveFeedback(h.holding(visit), in))
		if again.Feedback.ID != f.ID || again.Offer.ID != given.Offer.ID {
			t.Error("a repeat is not the first answer")
		}
		in.IdempotencyKey = "another"
		if _, err := h.GiveFeedback(h.holding(visit), in); town.CodeOf(err) != town.PreconditionFailed {
			t.Errorf("a second word: %v", err)
		}
		// The holder of the ticket takes the offer up by asking for the same thing.
		raised := must[voice.Stepped](t)(h.RaiseEscalation(h.holding(visit), voice.RaiseEscalationInput{IdempotencyKey: "r", LegID: &leg, Text: "Vorrei parlarne"}))
		if raised.Escalation.ID != given.Offer.ID || raised.Escalation.State != town.EscalationOpen {
			t.Errorf("raised: %+v", raised.Escalation)
		}
	})
}

func TestWhatMayBeSaid(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		file, leg := h.file(false), ""
		leg, visit := h.leg("rossi")
		waiting, _ := h.leg("rossi")
		h.write(func(ctx context.Context, tx *store.Tx) error {
			return tx.Leg.UpdateOneID(waiting).ClearEndedAt().SetState(town.LegServing).Exec(ctx)
		})
		_, other := h.leg("bianchi")
		step := h.raised()
		for _, c := range []struct {
			name string
			who  context.Context
			in   voice.GiveFeedbackInput
			want town.Code
		}{
			{"nothing named", h.as("rossi"), voice.GiveFeedbackInput{Score: 5}, town.Invalid},
			{"two things named", h.as("rossi"), voice.GiveFeedbackInput{LegID: &leg, CaseID: &file, Score: 5}, town.Invalid},
			{"score 0", h.as("rossi"), voice.GiveFeedbackInput{LegID: &leg}, town.Invalid},
			{"score 6", h.as("rossi"), voice.GiveFeedbackInput{LegID: &leg, Score: 6}, town.Invalid},
			{"low without a cause", h.as("rossi"), voice.GiveFeedbackInput{LegID: &leg, Score: 2}, town.Required},
			{"a cause of no list", h.as("rossi"), voice.GiveFeedbackInput{LegID: &leg, Score: 4, Cause: ptr(town.FeedbackCause("NOISE"))}, town.Invalid},
			{"a novel", h.as("rossi"), voice.GiveFeedbackInput{LegID: &leg, Score: 4, Comment: ptr(strings.Repeat("è", 2001))}, town.Invalid},
			{"a leg that goes on", h.as("rossi"), voice.GiveFeedbackInput{LegID: &waiting, Score: 5}, town.PreconditionFailed},
			{"a step without an answer", h.as("rossi"), voice.GiveFeedbackInput{EscalationID: &step.ID, Score: 5}, town.PreconditionFailed},
			{"somebody else's leg", h.as("bianchi"), voice.GiveFeedbackInput{LegID: &leg, Score: 5}, town.NotFound},
			{"another ticket", h.holding(other), voice.GiveFeedbackInput{LegID: &leg, Score: 5}, town.NotFound},
			{"a case with a ticket", h.holding(visit), voice.GiveFeedbackInput{CaseID: &file, Score: 5}, town.NotFound},
			{"staff of the office", h.as("officer"), voice.GiveFeedbackInput{LegID: &leg, Score: 5}, town.NotAllowed},
			{"the operator for the citizen", h.as("operator"), voice.GiveFeedbackInput{LegID: &leg, Score: 5}, town.NotAllowed},
			{"a kiosk for nobody", h.as("kiosk"), voice.GiveFeedbackInput{LegID: &leg, Score: 5}, town.NotFound},
			{"without a token", context.Background(), voice.GiveFeedbackInput{LegID: &leg, Score: 5}, town.Unauthenticated},
			{"a long comment", h.as("rossi"), voice.GiveFeedbackInput{LegID: &leg, Score: 4, Comment: ptr(strings.Repeat("è", 2000))}, ""},
		} {
			t.Run(c.name, func(t *testing.T) {
				c.in.IdempotencyKey = h.key()
				_, err := h.GiveFeedback(c.who, c.in)
				if c.want == "" && err != nil || c.want != "" && (err == nil || town.CodeOf(err) != c.want) {
					t.Errorf("got %v, want %s", err, c.want)
				}
			})
		}
	})
}

func TestNamedAndUnnamedWords(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		for _, c := range []struct {
			name      string
			anonymous *bool
			author    string
		}{{"by default", nil, ""}, {"on request", ptr(true), ""}, {"unless they say so", ptr(false), "rossi"}} {
			t.Run(c.name, func(t *testing.T) {
				leg, _ := h.leg("rossi")
				given := must[voice.Given](t)(h.GiveFeedback(h.as("rossi"), voice.GiveFeedbackInput{IdempotencyKey: h.key(), LegID: &leg, Score: 5, Anonymous: c.anonymous}))
				if given.Feedback.AuthorID != c.author || given.Offer != nil {
					t.Errorf("author %q, offer %v", given.Feedback.AuthorID, given.Offer)
				}
				told := h.told()
				last := told[len(told)-1]
				if named := last.Actor == "rossi" || len(last.Parties) > 0; named != (c.author != "") {
					t.Errorf("the event names %q and %v", last.Actor, last.Parties)
				}
			})
		}
	})
}

func TestAStepCanBeRatedAndOpensNothing(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		e := h.raised()
		e = must[voice.Stepped](t)(h.AnswerEscalation(h.as("helppoint"), voice.AnswerEscalationInput{
			IdempotencyKey: "a", EscalationID: e.ID, ExpectedVersion: e.Version, Outcome: town.OutcomeExplained, Answer: "Ecco perché",
		})).Escalation
		given := must[voice.Given](t)(h.GiveFeedback(h.as("rossi"), voice.GiveFeedbackInput{IdempotencyKey: "w", EscalationID: &e.ID, Score: 1, Cause: ptr(town.CauseClarity)}))
		if f := given.Feedback; f.Level != town.LevelHelpPoint || f.OfficeID != town.OfficeHelpPoint || f.Channel != town.ChannelOnline || f.CaseID != e.CaseID {
			t.Errorf("the word on a step: %+v", f)
		}
		if given.Offer != nil {
			t.Errorf("it opened %+v", given.Offer)
		}
	})
}

func TestStaffRaisesForACitizen(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		known, _ := h.leg("rossi")
		unknown, _ := h.leg("")
		raise := func(leg string) *ent.Escalation {
			in := voice.RaiseEscalationInput{IdempotencyKey: h.key(), LegID: &leg, Text: "Il cittadino non è d'accordo", Kind: ptr(town.KindMerits)}
			return must[voice.Stepped](t)(h.RaiseEscalation(h.as("operator"), in)).Escalation
		}
		if e := raise(known); e.Step != town.StepHelpPoint || e.OnBehalfOf != "rossi" || e.OpenedBy != "operator" || e.Kind != town.KindMerits {
			t.Errorf("for a known citizen: %+v", e)
		}
		signal := raise(unknown)
		if signal.Step != town.StepSignal || signal.OnBehalfOf != "" || signal.OwnerOffice != town.OfficeHelpPoint {
			t.Errorf("for somebody unknown: %+v", signal)
		}
		if _, err := h.AcceptEscalation(h.as("operator"), voice.AcceptEscalationInput{EscalationID: signal.ID, ExpectedVersion: signal.Version}); town.CodeOf(err) != town.NotAllowed {
			t.Errorf("whoever raised it for others accepts: %v", err)
		}
		up := must[voice.Stepped](t)(h.PassUpEscalation(h.as("helppoint"), voice.PassUpEscalationInput{IdempotencyKey: "p", EscalationID: signal.ID, ExpectedVersion: signal.Version, Text: "È un reclamo"}))
		if up.Next == nil || up.Next.Step != town.StepHelpPoint {
			t.Errorf("a signal goes up to %+v", up.Next)
		}
	})
}

func TestLists(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		var cases []string
		for range 5 {
			h.clock.Advance(time.Millisecond)
			cases = append(cases, h.raised().CaseID)
			leg, _ := h.leg("rossi")
			must[voice.Given](t)(h.GiveFeedback(h.as("rossi"), voice.GiveFeedbackInput{IdempotencyKey: h.key(), LegID: &leg, Score: 4}))
		}
		page := must[town.Page[*ent.Escalation]](t)(h.Escalations(h.as("helppoint"), town.PageArgs{First: ptr(3)}, voice.EscalationFilter{Open: ptr(true), Level: ptr(town.LevelHelpPoint)}))
		if len(page.Items) != 3 || !page.HasNext || page.Items[0].CaseID != cases[4] {
			t.Errorf("first page: %d, more %v", len(page.Items), page.HasNext)
		}
		page = must[town.Page[*ent.Escalation]](t)(h.Escalations(h.as("helppoint"), town.PageArgs{First: ptr(3), After: ptr(town.Cursor(page.Items[2].ID))}, voice.EscalationFilter{}))
		if len(page.Items) != 2 || page.HasNext || page.Items[1].CaseID != cases[0] {
			t.Errorf("second page: %d, more %v", len(page.Items), page.HasNext)
		}
		if page := must[town.Page[*ent.Escalation]](t)(h.Escalations(h.as("bianchi"), town.PageArgs{}, voice.EscalationFilter{})); len(page.Items) != 0 {
			t.Errorf("another citizen sees %d steps", len(page.Items))
		}
		if page := must[town.Page[*ent.Escalation]](t)(h.Escalations(h.as("rossi"), town.PageArgs{}, voice.EscalationFilter{CaseID: &cases[2], Open: ptr(false)})); len(page.Items) != 0 {
			t.Errorf("%d steps of the case have ended", len(page.Items))
		}
		words := must[town.Page[*ent.Feedback]](t)(h.FeedbackList(h.as("head"), town.PageArgs{Last: ptr(2)}, voice.FeedbackFilter{OfficeCode: ptr("taxes"), Level: ptr(town.LevelOffice)}))
		if len(words.Items) != 2 || !words.HasPrevious {
			t.Errorf("the last words: %d, more %v", len(words.Items), words.HasPrevious)
		}
		if recent := must[[]*ent.Feedback](t)(h.RecentFeedback(h.as("mayor"), nil, 3)); len(recent) != 3 || recent[0].ID < recent[2].ID {
			t.Errorf("recent words: %d", len(recent))
		}
		of := must[map[string][]*ent.Escalation](t)(h.EscalationsOfCases(h.as("helppoint"), cases))
		if len(of) != 5 || len(of[cases[0]]) != 1 {
			t.Errorf("steps of cases: %v", of)
		}
		if _, err := h.Escalations(h.as("mayor"), town.PageArgs{First: ptr(101)}, voice.EscalationFilter{}); town.CodeOf(err) != town.BadUserInput {
			t.Errorf("a page of 101: %v", err)
		}
	})
}

// Which reasons may be given depends on the score.
func TestReasonsDependOnTheScore(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		for _, c := range []struct {
			score int
			cause town.FeedbackCause
			want  town.Code
		}{
			{1, town.CauseWaiting, ""},
			{2, town.CauseOther, ""},
			{3, town.CauseOutcome, ""},
			{3, town.CauseClear, ""},
			{4, town.CauseQuick, ""},
			{5, town.CauseOther, ""},
			{1, town.CauseResolved, town.Invalid},
			{2, town.CauseHelpful, town.Invalid},
			{4, town.CauseWaiting, town.Invalid},
			{5, town.CauseCourtesy, town.Invalid},
		} {
			leg, visit := h.leg("")
			_, err := h.GiveFeedback(h.holding(visit), voice.GiveFeedbackInput{IdempotencyKey: leg, LegID: &leg, Score: c.score, Cause: &c.cause})
			if c.want == "" && err != nil || c.want != "" && town.CodeOf(err) != c.want {
				t.Errorf("%d because of %s: %v, want %q", c.score, c.cause, err, c.want)
			}
		}
	})
}

// Many say a word on one contact at the same moment, each with a key of their own: one is
// kept, the others are told that it was rated.
func TestOneWordPerContact(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		leg, visit := h.leg("rossi")
		const many = 8
		errs := make(chan error, many)
		for i := range many {
			ctx := h.holding(visit)
			if i%2 == 0 {
				ctx = h.as("rossi")
			}
			go func() {
				_, err := h.GiveFeedback(ctx, voice.GiveFeedbackInput{IdempotencyKey: fmt.Sprint(i), LegID: &leg, Score: 5})
				errs <- err
			}()
		}
		kept := 0
		for range many {
			switch err := <-errs; {
			case err == nil:
				kept++
			case town.CodeOf(err) != town.PreconditionFailed:
				t.Error(err)
			}
		}
		if kept != 1 {
			t.Errorf("%d words are kept", kept)
		}
	})
}

// The rating that comes with the consent to an answer is the one word on that step.
func TestConsentMayRateTheStep(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		e := h.raised()
		answered := must[voice.Stepped](t)(h.AnswerEscalation(h.as("helppoint"), voice.AnswerEscalationInput{
			IdempotencyKey: "a", EscalationID: e.ID, ExpectedVersion: e.Version, Outcome: town.OutcomeExplained, Answer: "Ecco come è andata.",
		})).Escalation
		must[voice.Stepped](t)(h.AcceptEscalation(h.as("rossi"), voice.AcceptEscalationInput{EscalationID: e.ID, ExpectedVersion: answered.Version, Rating: ptr(4)}))
		var words []*ent.Feedback
		h.write(func(ctx context.Context, tx *store.Tx) (err error) {
			words, err = tx.Feedback.Query().Where(feedback.ContactKey(e.ID)).All(ctx)
			return err
		})
		if len(words) != 1 || words[0].Score != 4 || words[0].Level != town.LevelHelpPoint {
			t.Fatalf("the words on the step: %+v", words)
		}
		_, err := h.GiveFeedback(h.as("rossi"), voice.GiveFeedbackInput{IdempotencyKey: "again", EscalationID: &e.ID, Score: 5})
		if town.CodeOf(err) != town.PreconditionFailed {
			t.Errorf("a second word: %v", err)
		}
	})
}
