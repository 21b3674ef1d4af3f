package casework

import (
	"context"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// minReasons is the shortest reasons of a measure, in characters.
const minReasons = 10

func errOutcome() *town.Error {
	return town.Errorf(town.Invalid, "The outcome is GRANTED, PARTIAL or REFUSED.", "L'esito è GRANTED, PARTIAL o REFUSED.").At("input", "outcome")
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
		next := life.Next(town.ActionPropose, h.facts)
		if err := h.change(ctx, next, nil); err != nil {
			return err
		}
		data := map[string]string{"outcome": string(in.Outcome)}
		return h.tell(ctx, town.EventCaseProposed, line{kind: "proposed", to: next, internal: true, note: reasons, data: data}, data)
	})
}

// DecideCase adopts the measure and stops the clocks that it answers. Only heads
// of sector decide; Mayor and Assessori never do (art. 107 TUEL).
func (c *Cases) DecideCase(ctx context.Context, in DecideCaseInput) (*ent.CaseFile, error) {
	reasons, err := words("reasons", in.Reasons, minReasons)
	phase, ok := life.Decided(in.Outcome)
	if !ok {
		err = errOutcome()
	}
	return c.act(ctx, deed{
		mutation: "decideCase", action: town.ActionDecide, key: in.IdempotencyKey, input: in,
		caseID: in.CaseID, version: in.ExpectedVersion, check: err,
	}, func(ctx context.Context, h *hand) error {
		if h.facts.Missing > 0 && in.Outcome == life.Granted {
			return town.Errorf(town.PreconditionFailed, "Documents are missing: the request cannot be granted in full.", "Mancano documenti: la richiesta non può essere accolta per intero.")
		}
		if err := c.stopClocks(ctx, h, answeredByMeasure); err != nil {
			return err
		}
		if phase == town.PhaseDecidedRefused {
			if err := c.startAppeals(ctx, h.tx, h.file.ID, town.Today(h.tx.Now), h.viewer.ID); err != nil {
				return err
			}
		}
		sealed, err := c.vault.SealText(ctx, h.tx, h.file.ApplicantID, inCase(casefile.FieldReasons, h.file.ID), reasons)
		if err != nil {
			return err
		}
		err = h.change(ctx, phase, func(u *ent.CaseFileUpdateOne) {
			u.SetDecidedAt(h.tx.Now).SetDecidedBy(h.viewer.ID).SetReasons(sealed).
				SetFlags(withoutFlag(withoutFlag(h.file.Flags, flagIntegrationPending), flagSuspended))
			if phase == town.PhaseDecidedRefused {
				u.SetClosedAt(h.tx.Now)
			}
		})
		if err != nil {
			return err
		}
		data := map[string]string{"outcome": string(in.Outcome)}
		return h.tell(ctx, town.EventCaseDecided, line{kind: "decided", to: phase, note: reasons, data: data}, data)
	})
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
			u.SetClosedAt(h.tx.Now).SetFlags(withoutFlag(withoutFlag(h.file.Flags, flagIntegrationPending), flagSuspended))
		})
		if err != nil {
			return err
		}
		return h.tell(ctx, fact, line{kind: kind, to: next, note: note}, nil)
	})
}
