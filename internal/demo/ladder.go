package demo

import (
	"context"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice"
)

// rateCase is the citizen's word on a case.
func rateCase(score int) act {
	return func(ctx context.Context, c *kept) error {
		_, err := c.rate(ctx, score, nil)
		return err
	}
}

func (c *kept) rate(ctx context.Context, score int, cause *town.FeedbackCause) (*ent.Escalation, error) {
	ctx, err := c.as(ctx, c.citizen)
	if err != nil {
		return nil, err
	}
	named := false
	given, err := c.Voice.GiveFeedback(ctx, voice.GiveFeedbackInput{
		IdempotencyKey: c.key(), CaseID: &c.id, Score: score, Cause: cause, Anonymous: &named,
	})
	return given.Offer, err
}

// complain rates the case low and asks for the Help Point.
func complain(cause town.FeedbackCause) act {
	return func(ctx context.Context, c *kept) error {
		offer, err := c.rate(ctx, 1, &cause)
		if err != nil {
			return err
		}
		if offer == nil {
			return errLeftOut
		}
		ctx, err = c.as(ctx, c.citizen)
		if err != nil {
			return err
		}
		raised, err := c.Voice.RaiseEscalation(ctx, voice.RaiseEscalationInput{
			IdempotencyKey: c.key(), EscalationID: &offer.ID,
			Text: "Non sono soddisfatto e vorrei parlarne con qualcuno. · I am not satisfied and should like to speak to somebody.",
		})
		return c.onto(raised, err)
	}
}

// askWhyLate asks for the substitute power over a case whose term has passed.
func askWhyLate(ctx context.Context, c *kept) error {
	ctx, err := c.as(ctx, c.citizen)
	if err != nil {
		return err
	}
	kind := town.KindDelay
	return c.onto(c.Voice.RaiseEscalation(ctx, voice.RaiseEscalationInput{
		IdempotencyKey: c.key(), CaseID: &c.id, Kind: &kind,
		Text: "Il termine è passato e nessuno mi ha risposto. · The term has passed and nobody has answered me.",
	}))
}

// onto remembers the step that is open now.
func (c *kept) onto(s voice.Stepped, err error) error {
	if err != nil {
		return err
	}
	if c.step = s.Escalation.ID; s.Next != nil {
		c.step = s.Next.ID
	}
	return nil
}

// holder is the login of who holds a step.
type holder func(c *kept) string

func helpPoint(*kept) string    { return "helppoint" }
func sectorHead(c *kept) string { return c.head() }

// seen is the open step as a person sees it now, with that person's context.
func (c *kept) seen(ctx context.Context, login string) (context.Context, *ent.Escalation, error) {
	if c.step == "" {
		return nil, nil, errLeftOut
	}
	ctx, err := c.as(ctx, login)
	if err != nil {
		return nil, nil, err
	}
	step, err := c.Voice.Escalation(ctx, c.step)
	return ctx, step, err
}

func acknowledge(who holder) act {
	return func(ctx context.Context, c *kept) error {
		ctx, step, err := c.seen(ctx, who(c))
		if err != nil {
			return err
		}
		return c.onto(c.Voice.AcknowledgeEscalation(ctx, voice.EscalationInput{EscalationID: step.ID, ExpectedVersion: step.Version}))
	}
}

func answer(who holder) act {
	return func(ctx context.Context, c *kept) error {
		ctx, step, err := c.seen(ctx, who(c))
		if err != nil {
			return err
		}
		return c.onto(c.Voice.AnswerEscalation(ctx, voice.AnswerEscalationInput{
			IdempotencyKey: c.key(), EscalationID: step.ID, ExpectedVersion: step.Version, Outcome: town.OutcomeExplained,
			Answer: "Abbiamo riletto la pratica: la decisione è corretta, e gliela spieghiamo volentieri di persona.",
		}))
	}
}

// passUp is the Help Point's, who cannot solve it.
func passUp(ctx context.Context, c *kept) error {
	return c.up(ctx, "helppoint", "Serve un riesame dell'ufficio. · The office must look at it again.")
}

// goUp is the citizen's, whom the answer does not satisfy.
func goUp(ctx context.Context, c *kept) error {
	return c.up(ctx, c.citizen, "La risposta non mi soddisfa. · The answer does not satisfy me.")
}

// up goes one step up. Who passes a step on does not see the next one, so that the
// house looks for it.
func (c *kept) up(ctx context.Context, login, text string) error {
	actor, step, err := c.seen(ctx, login)
	if err != nil {
		return err
	}
	_, err = c.Voice.PassUpEscalation(actor, voice.PassUpEscalationInput{
		IdempotencyKey: c.key(), EscalationID: step.ID, ExpectedVersion: step.Version, Text: text,
	})
	if err != nil {
		return err
	}
	steps, err := c.Voice.EscalationsOfCases(system(ctx), []string{c.id})
	if err != nil {
		return err
	}
	for _, s := range steps[c.id] {
		if s.PreviousID == step.ID {
			c.step = s.ID
		}
	}
	return nil
}
