package casework

import (
	"context"
	"slices"
	"strings"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// answerDays is how long the applicant has for an answer where the office names no day.
const answerDays = 30

// groundOf is the legal ground of a request for papers.
func groundOf(in RequestDocumentsInput) town.Ground {
	switch {
	case in.LegalGround != nil:
		return *in.LegalGround
	case clocks.ArticleIn(in.Ground) == clocks.ArticleFacts:
		return town.GroundFacts
	default:
		return town.GroundNone
	}
}

// openIntegration records a request to the applicant and does to the term what its
// ground says. It gives the flags of the case and what the timeline says of the term.
func (c *Cases) openIntegration(ctx context.Context, h *hand, in RequestDocumentsInput, words string) ([]string, map[string]string, error) {
	ground := groundOf(in)
	effect, ok := clocks.OfGround(ground)
	if !ok {
		return nil, nil, town.Errorf(town.Invalid, "This is no legal ground of a request.", "Motivo di legge sconosciuto.").At("input", "legalGround")
	}
	today := town.Today(h.tx.Now)
	dueOn := today.AddDays(answerDays)
	if in.DueOn != nil {
		dueOn = *in.DueOn
	}
	if !dueOn.After(today) {
		return nil, nil, town.Errorf(town.Invalid, "The last day for the answer is after today.", "L'ultimo giorno per rispondere è dopo oggi.").At("input", "dueOn")
	}
	if ground == town.GroundAccess && !h.kind.access {
		return nil, nil, town.Errorf(town.PreconditionFailed, "This ground is for requests of access to documents.", "Questo motivo vale per le richieste di accesso ai documenti.").At("input", "legalGround")
	}
	id, err := h.put(ctx, formal{kind: town.ActIntegration, state: town.ActOpen, ground: ground, article: effect.Article, dueOn: dueOn, text: words})
	if err != nil {
		return nil, nil, err
	}
	flags := withFlag(h.file.Flags, flagIntegrationPending)
	if effect.Asked == "" {
		return flags, nil, nil
	}
	entry := clocks.Entry{Effect: effect.Asked, OnDay: today, Ground: groundPapers, Article: effect.Article}
	moved, err := c.recordOnConclusion(ctx, h, entry, id)
	return withFlag(flags, flagSuspended), moved, err
}

// closeIntegration ends the open request with the answer of a day: the term goes on,
// starts over, or counts from that day, by the ground of the request.
func (c *Cases) closeIntegration(ctx context.Context, h *hand, on town.Date, answer string) (map[string]string, error) {
	asked := awaited(h.acts, town.ActIntegration)
	if asked == nil { // the form itself waited for its papers: nothing was asked
		return nil, nil
	}
	if err := h.answered(ctx, asked, on, answer); err != nil {
		return nil, err
	}
	effect, ok := clocks.OfGround(asked.Ground)
	if !ok || effect.Answered == "" {
		return nil, nil
	}
	entry := clocks.Entry{Effect: effect.Answered, OnDay: on, Ground: groundAnswer, Article: effect.Article}
	return c.recordOnConclusion(ctx, h, entry, asked.ID)
}

// settleIntegration ends the open request with the last paper that was asked for, which
// came on the named day.
func (c *Cases) settleIntegration(ctx context.Context, h *hand, named *town.Date) (map[string]string, error) {
	var since town.Date
	if asked := awaited(h.acts, town.ActIntegration); asked != nil {
		since = asked.OnDay
	}
	on, err := h.happenedOn(named, since)
	if err != nil {
		return nil, err
	}
	return c.closeIntegration(ctx, h, on, "")
}

// What the ledger says of requests and answers: it is read by many, so the words of the
// office and of the applicant stay with the act.
const (
	groundAnswer       = "Integrazione ricevuta"
	groundAcquire      = "Acquisizione di informazioni non in possesso di amministrazioni"
	groundThirdParties = "Avviso ai controinteressati"
	groundAcquired     = "Informazioni acquisite"
	groundForewarned   = "Preavviso di rigetto"
	groundObserved     = "Osservazioni ricevute"
	groundProlonged    = "Proroga del termine"
	groundReview       = "Riesame in autotutela"
	groundSubstituted  = "Potere sostitutivo"
	groundProposed     = "Proposta di provvedimento"
)

// AnswerIntegration records the applicant's answer to a request: by themselves, by who
// acts for them, or at the counter. Papers that were asked for and did not come may be
// asked for again.
func (c *Cases) AnswerIntegration(ctx context.Context, in CaseAnswerInput) (*ent.CaseFile, error) {
	text, err := words("text", in.Text, 1)
	return c.act(ctx, deed{
		mutation: "answerIntegration", action: town.ActionAnswer, key: in.IdempotencyKey, input: in,
		caseID: in.CaseID, version: in.ExpectedVersion, check: err,
	}, func(ctx context.Context, h *hand) error {
		on, err := h.happenedOn(in.ReceivedOn, awaited(h.acts, town.ActIntegration).OnDay)
		if err != nil {
			return err
		}
		moved, err := c.closeIntegration(ctx, h, on, text)
		if err != nil {
			return err
		}
		for _, d := range h.documents {
			if d.State != town.DocumentRequested {
				continue
			}
			if err := d.Update().SetState(town.DocumentRequired).Exec(ctx); err != nil {
				return err
			}
		}
		return h.goOn(ctx, town.ActionAnswer, town.EventCaseAnswered, line{kind: "integration_answered", note: text, data: moved})
	})
}

// goOn ends what the case waited for: the phase of the action, without the flags of
// waiting, and the line.
func (h *hand) goOn(ctx context.Context, action town.CaseAction, fact town.EventType, l line) error {
	l.to = life.Next(action, h.facts)
	err := h.change(ctx, l.to, func(u *ent.CaseFileUpdateOne) { u.SetFlags(notWaiting(h.flags)) })
	if err != nil {
		return err
	}
	return h.tell(ctx, fact, l, l.data)
}

// notWaiting are the flags of a case that waits for nobody.
func notWaiting(flags []string) []string {
	return slices.DeleteFunc(slices.Clone(flags), func(f string) bool { return f == flagIntegrationPending || f == flagSuspended })
}

// SuspendForAcquisition suspends the term, once and for 30 days at most, for facts and
// data that no administration holds or can obtain (L. 241/1990 art. 2 c. 7); or, in
// generalised civic access, once and for 10 days at most, for the third parties to answer
// (D.Lgs. 33/2013 art. 5 c. 5). It goes on by itself. In documentary access the days of
// third parties run inside the term: that is refused with the article.
func (c *Cases) SuspendForAcquisition(ctx context.Context, in SuspendCaseInput) (*ent.CaseFile, error) {
	reason, err := words("reason", in.Reason, minReasons)
	if err == nil && in.Days < 1 {
		err = town.Errorf(town.Invalid, "Name a number of days.", "Indicare un numero di giorni.").At("input", "days")
	}
	return c.act(ctx, deed{
		mutation: "suspendForAcquisition", action: town.ActionSuspend, key: in.IdempotencyKey, input: in,
		caseID: in.CaseID, version: in.ExpectedVersion, check: err,
	}, func(ctx context.Context, h *hand) error {
		today := town.Today(h.tx.Now)
		article, ground, why := clocks.ArticleFacts, town.GroundFacts, groundAcquire
		if in.ThirdParties != nil && *in.ThirdParties {
			article, ground, why = h.kind.thirdParties, "", groundThirdParties
			switch article {
			case clocks.ArticleAccess:
				return town.Errorf(town.PreconditionFailed,
					clocks.ArticleAccess+" allows no suspension: third parties have 10 days within the term. Record the notice with startTerm.",
					clocks.ArticleAccess+" non consente alcuna sospensione: i controinteressati hanno 10 giorni entro il termine. L'avviso si registra con startTerm.").At("input", "thirdParties")
			case "":
				return town.Errorf(town.PreconditionFailed, "Only requests of access have third parties to hear.", "Solo le richieste di accesso hanno controinteressati da sentire.").At("input", "thirdParties")
			}
		}
		id, err := h.put(ctx, formal{
			kind: town.ActAcquisition, state: town.ActOpen, ground: ground, article: article, dueOn: today.AddDays(in.Days), text: reason,
		})
		if err != nil {
			return err
		}
		entry := clocks.Entry{Effect: town.ClockSuspend, OnDay: today, Days: in.Days, Ground: why, Article: article}
		moved, err := c.recordOnConclusion(ctx, h, entry, id)
		if err != nil {
			return err
		}
		if why == groundThirdParties {
			if err := c.startObjection(ctx, h, today, id); err != nil {
				return err
			}
		}
		next := life.Next(town.ActionSuspend, h.facts)
		err = h.change(ctx, next, func(u *ent.CaseFileUpdateOne) { u.SetFlags(withFlag(h.flags, flagSuspended)) })
		if err != nil {
			return err
		}
		return h.tell(ctx, town.EventCaseSuspended, line{kind: "suspended", to: next, note: reason, data: moved}, moved)
	})
}

// EndAcquisition records what was acquired: the term goes on with the days left.
func (c *Cases) EndAcquisition(ctx context.Context, in CaseAnswerInput) (*ent.CaseFile, error) {
	text, err := words("text", in.Text, 1)
	return c.act(ctx, deed{
		mutation: "endAcquisition", action: town.ActionResume, key: in.IdempotencyKey, input: in,
		caseID: in.CaseID, version: in.ExpectedVersion, check: err,
	}, func(ctx context.Context, h *hand) error {
		asked := awaited(h.acts, town.ActAcquisition)
		on, err := h.happenedOn(in.ReceivedOn, asked.OnDay)
		if err != nil {
			return err
		}
		if err := h.answered(ctx, asked, on, text); err != nil {
			return err
		}
		moved, err := c.recordOnConclusion(ctx, h, clocks.Entry{
			Effect: town.ClockResume, OnDay: on, Ground: groundAcquired, Article: asked.Article,
		}, asked.ID)
		if err != nil {
			return err
		}
		return h.goOn(ctx, town.ActionResume, town.EventCaseResumed, line{kind: "resumed", internal: false, note: text, data: moved})
	})
}

// accessOf says whether a practice is a request of access to documents, whose terms have
// rules of their own, and under which article third parties are heard in it.
func accessOf(legalBasis []string) (documents bool, thirdParties string) {
	names := func(law string) bool {
		return slices.ContainsFunc(legalBasis, func(named string) bool { return strings.Contains(named, law) })
	}
	switch {
	case names("184/2006"):
		return true, clocks.ArticleAccess
	case names("33/2013 art"):
		return false, clocks.ArticleThirdParties
	default:
		return false, ""
	}
}
