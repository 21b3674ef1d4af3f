package casework

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// minReasons is the shortest reasons of a measure, in characters.
const minReasons = 10

func errOutcome() *town.Error {
	return town.Errorf(town.Invalid, "The outcome is GRANTED, PARTIAL, REFUSED or INADMISSIBLE.", "L'esito è GRANTED, PARTIAL, REFUSED o INADMISSIBLE.").At("input", "outcome")
}

// ProposeDecision puts a proposal before the head. It is internal.
func (c *Cases) ProposeDecision(ctx context.Context, in ProposeDecisionInput) (*ent.CaseFile, error) {
	reasons, err := words("reasons", in.Reasons, 1)
	if _, ok := life.Decided(in.Outcome); !ok {
		err = errOutcome()
	}
	return c.act(ctx, deed{
		mutation: "proposeDecision", action: town.ActionPropose, key: in.IdempotencyKey, input: in,
		caseID: in.CaseID, version: in.ExpectedVersion, check: err,
	}, func(ctx context.Context, h *hand) error {
		data, err := c.endExamination(ctx, h)
		if err != nil {
			return err
		}
		next := life.Next(town.ActionPropose, h.facts)
		if err := h.change(ctx, next, nil); err != nil {
			return err
		}
		data = with(data, "outcome", string(in.Outcome))
		return h.tell(ctx, town.EventCaseProposed, line{kind: "proposed", to: next, internal: true, note: reasons, data: data}, data)
	})
}

// DecideCase adopts the measure and stops the clocks that it answers. Only heads of
// sector decide, or whoever holds the substitute power over the case; Mayor and Assessori
// never do (art. 107 TUEL). A refusal answers the observations on its notice, and a late
// measure says how long it took.
func (c *Cases) DecideCase(ctx context.Context, in DecideCaseInput) (*ent.CaseFile, error) {
	reasons, err := words("reasons", in.Reasons, minReasons)
	var reply string
	if err == nil {
		reply, err = optional("observationsAnswer", in.ObservationsAnswer)
	}
	phase, ok := life.Decided(in.Outcome)
	if !ok {
		err = errOutcome()
	}
	return c.act(ctx, deed{
		mutation: "decideCase", action: town.ActionDecide, key: in.IdempotencyKey, input: in,
		caseID: in.CaseID, version: in.ExpectedVersion, check: err,
	}, func(ctx context.Context, h *hand) error {
		if err := h.mayDecide(in.Outcome, reply); err != nil {
			return err
		}
		late, data, err := c.measure(ctx, h, in.Outcome, reasons)
		if err != nil {
			return err
		}
		if err := c.stopClocks(ctx, h, answeredByMeasure); err != nil {
			return err
		}
		refused := phase == town.PhaseDecidedRefused || phase == town.PhaseInadmissible
		if refused {
			if err := c.startAppeals(ctx, h.tx, h.file.ID, town.Today(h.tx.Now), h.viewer.ID); err != nil {
				return err
			}
		}
		if err := lapse(ctx, h.tx, h.file.ID, town.ActIntegration, town.ActAcquisition, town.ActRejectionNotice); err != nil {
			return err
		}
		sealed, err := c.vault.SealText(ctx, h.tx, h.file.ApplicantID, inCase(casefile.FieldReasons, h.file.ID), reasons)
		if err != nil {
			return err
		}
		err = h.change(ctx, phase, func(u *ent.CaseFileUpdateOne) {
			u.SetDecidedAt(h.tx.Now).SetDecidedBy(h.viewer.ID).SetReasons(sealed).SetFlags(notWaiting(h.flags)).ClearClosedAt()
			if refused {
				u.SetClosedAt(h.tx.Now)
			}
		})
		if err != nil {
			return err
		}
		note := reasons
		if reply != "" {
			note += "\n\n" + reply
		}
		if late != "" {
			note += "\n\n" + late
		}
		return h.tell(ctx, town.EventCaseDecided, line{kind: "decided", to: phase, note: note, data: data}, data)
	})
}

// mayDecide refuses outcomes that the case does not allow.
func (h *hand) mayDecide(outcome life.Outcome, reply string) error {
	refuses := outcome == life.Refused
	switch {
	case h.facts.Missing > 0 && outcome == life.Granted:
		return town.Errorf(town.PreconditionFailed, "Documents are missing: the request cannot be granted in full.", "Mancano documenti: la richiesta non può essere accolta per intero.")
	case h.file.Phase == town.PhaseDeemedRefused && (refuses || outcome == life.Inadmissible):
		return town.Errorf(town.PreconditionFailed, "Silence has refused the request already; it may still be granted.", "Il silenzio ha già respinto la richiesta; può ancora essere accolta.")
	case refuses && h.facts.Notice == town.ActOpen:
		until := last(h.acts, town.ActRejectionNotice).DueOn
		return town.Errorf(town.PreconditionFailed,
			fmt.Sprintf("The applicant may answer the notice of refusal until %s (art. 10-bis L. 241/1990).", until),
			fmt.Sprintf("Il richiedente può presentare osservazioni fino al %s (art. 10-bis L. 241/1990).", until))
	case refuses && h.facts.Notice == town.ActAnswered && reply == "":
		return errRequired("observationsAnswer", "Say why the observations were not accepted (art. 10-bis L. 241/1990).",
			"Indicare perché le osservazioni non sono state accolte (art. 10-bis L. 241/1990).")
	}
	return nil
}

// measure records the measure with the term that was set and the days that it took, and
// gives the sentence that a late one must carry, empty for one in time.
func (c *Cases) measure(ctx context.Context, h *hand, outcome life.Outcome, reasons string) (string, map[string]string, error) {
	data := map[string]string{"outcome": string(outcome)}
	rows, err := clocksOf(ctx, h.tx, h.file.ID)
	if err != nil {
		return "", nil, err
	}
	today := town.Today(h.tx.Now)
	used, late, text := town.Today(h.file.FiledAt).DaysUntil(today), false, ""
	term := 0
	if row := ruling(rows); row != nil {
		term = wholeTerm(rows, row).Amount
		late = row.EndedAt == nil && !row.DueOn.IsZero() && today.After(row.DueOn)
		if late {
			text = fmt.Sprintf("Termine previsto: %d (%s), fino al %s; giorni impiegati: %d (art. 2 c. 9-quinquies L. 241/1990).",
				term, clocks.UnitWords(calc.Unit(row.Unit), term).IT, row.DueOn, used)
			data["late"] = "true"
		}
	}
	_, err = h.put(ctx, formal{kind: town.ActMeasure, state: town.ActDone, article: articleMeasure, text: reasons, set: func(a *ent.CaseActCreate) {
		a.SetOutcome(string(outcome)).SetTermDays(term).SetUsedDays(used).SetLate(late)
	}})
	return text, data, err
}

// FulfilCase closes a case whose output was delivered, or that was done on the
// spot.
func (c *Cases) FulfilCase(ctx context.Context, in CaseNoteInput) (*ent.CaseFile, error) {
	return c.conclude(ctx, in, "fulfilCase", town.ActionFulfil, town.EventCaseFulfilled, "fulfilled", answeredByMeasure)
}

// WithdrawCase ends a request at the applicant's word, with all its clocks.
func (c *Cases) WithdrawCase(ctx context.Context, in CaseNoteInput) (*ent.CaseFile, error) {
	return c.conclude(ctx, in, "withdrawCase", town.ActionWithdraw, town.EventCaseWithdrawn, "withdrawn", everyClock)
}

func (c *Cases) conclude(ctx context.Context, in CaseNoteInput, mutation string, action town.CaseAction,
	fact town.EventType, kind string, stops func(*ent.CaseClock) bool,
) (*ent.CaseFile, error) {
	note, err := optional("note", in.Note)
	return c.act(ctx, deed{
		mutation: mutation, action: action, key: in.IdempotencyKey, input: in,
		caseID: in.CaseID, version: in.ExpectedVersion, check: err,
	}, func(ctx context.Context, h *hand) error {
		if err := c.stopClocks(ctx, h, stops); err != nil {
			return err
		}
		next := life.Next(action, h.facts)
		err := h.change(ctx, next, func(u *ent.CaseFileUpdateOne) {
			u.SetClosedAt(h.tx.Now).SetFlags(notWaiting(h.flags))
		})
		if err != nil {
			return err
		}
		return h.tell(ctx, fact, line{kind: kind, to: next, note: note}, nil)
	})
}
