package casework

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseact"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// ExtendTerm lengthens the term once, by at most its own length, with the reason.
func (c *Cases) ExtendTerm(ctx context.Context, in ExtendTermInput) (*ent.CaseFile, error) {
	reason, err := words("reason", in.Reason, minReasons)
	return c.act(ctx, deed{
		mutation: "extendTerm", action: town.ActionExtend, key: in.IdempotencyKey, input: in,
		caseID: in.CaseID, version: in.ExpectedVersion, check: err,
	}, func(ctx context.Context, h *hand) error {
		id, err := h.put(ctx, formal{kind: town.ActExtension, state: town.ActDone, article: clocks.ArticleExtension, text: reason})
		if err != nil {
			return err
		}
		moved, err := c.recordOnConclusion(ctx, h, clocks.Entry{
			Effect: town.ClockExtend, OnDay: town.Today(h.tx.Now), Days: in.Days, Ground: groundProlonged, Article: clocks.ArticleExtension,
		}, id)
		if err != nil {
			return err
		}
		return h.tell(ctx, town.EventCaseExtended, line{kind: "term_extended", note: reason, data: moved}, moved)
	})
}

// reviewTerm is the term of a review of the office's own accord: the general one.
func reviewTerm() clocks.Clock { return clocks.Clock{Amount: 30, Unit: calc.CalendarDays} }

// ReopenCase opens a decided case again, of the office's own accord (autotutela). The
// earlier measure stays on record, and a new term starts.
func (c *Cases) ReopenCase(ctx context.Context, in CaseReasonInput) (*ent.CaseFile, error) {
	reason, err := words("reason", in.Reason, minReasons)
	return c.act(ctx, deed{
		mutation: "reopenCase", action: town.ActionReopen, key: in.IdempotencyKey, input: in,
		caseID: in.CaseID, version: in.ExpectedVersion, check: err,
	}, func(ctx context.Context, h *hand) error {
		id, err := h.put(ctx, formal{kind: town.ActReopening, state: town.ActDone, article: clocks.ArticleReview, text: reason})
		if err != nil {
			return err
		}
		err = h.tx.CaseAct.Update().Where(caseact.CaseID(h.file.ID), caseact.KindEQ(town.ActMeasure), caseact.State(town.ActDone)).
			SetState(town.ActReviewed).Exec(ctx)
		if err != nil {
			return fmt.Errorf("mark the earlier measure: %w", err)
		}
		dueOn, err := c.newTerm(ctx, h.tx, h.file, newTerm{
			kind: kindReview, label: sdk.Text{IT: "Riesame in autotutela", EN: "Review of one's own accord"},
			clock: reviewTerm(), ground: groundReview, article: clocks.ArticleReview, from: town.Today(h.tx.Now), author: h.viewer.ID, act: id,
		})
		if err != nil {
			return err
		}
		next := life.Next(town.ActionReopen, h.facts)
		err = h.change(ctx, next, func(u *ent.CaseFileUpdateOne) {
			u.ClearDecidedAt().SetDecidedBy("").ClearReasons().ClearClosedAt().SetDueOn(dueOn).SetSubstituteID("").
				SetFlags(withFlag(withoutFlag(h.flags, flagOverdue), flagReopened))
		})
		if err != nil {
			return err
		}
		return h.tell(ctx, town.EventCaseReopened, line{kind: "reopened", to: next, note: reason}, nil)
	})
}

// ArchiveCase puts away a case of which nothing is left to do.
func (c *Cases) ArchiveCase(ctx context.Context, in CaseNoteInput) (*ent.CaseFile, error) {
	note, err := optional("note", in.Note)
	return c.act(ctx, deed{
		mutation: "archiveCase", action: town.ActionArchive, key: in.IdempotencyKey, input: in,
		caseID: in.CaseID, version: in.ExpectedVersion, check: err,
	}, func(ctx context.Context, h *hand) error {
		next := life.Next(town.ActionArchive, h.facts)
		err := h.change(ctx, next, func(u *ent.CaseFileUpdateOne) {
			if h.file.ClosedAt == nil {
				u.SetClosedAt(h.tx.Now)
			}
		})
		if err != nil {
			return err
		}
		return h.tell(ctx, town.EventCaseArchived, line{kind: "archived", to: next, internal: true, note: note}, nil)
	})
}

// Substitution gives the substitute power over one case to its holder.
type Substitution struct {
	CaseID string
	// HolderID is the person who holds the power; they must see the case, as whoever holds
	// a step of the ladder about it does.
	HolderID string
	// AskedOn is the day from which the new term counts: that of the request, or of the
	// holder's own motion.
	AskedOn town.Date
}

// Substitute lets the holder of the substitute power conclude a case whose term has
// passed with no measure (L. 241/1990 art. 2 c. 9-bis): a new term of half the original
// one starts, the case is under examination again, the holder decides and the head of
// its office no longer does. It runs in the caller's transaction, for whoever asks there.
//
// Errors: NOT_FOUND; PRECONDITION_FAILED where the case has ended, its term has not
// passed, or another holder has it. For the same holder it does nothing twice.
func (c *Cases) Substitute(ctx context.Context, tx *store.Tx, s Substitution) error {
	author := access.Asker(ctx).ID
	ctx = access.System(ctx, "substitute power")
	file, err := takeCase(ctx, tx, s.CaseID)
	if err != nil {
		return err
	}
	if file.SubstituteID == s.HolderID && s.HolderID != "" {
		return nil
	}
	rows, err := clocksOf(ctx, tx, file.ID)
	if err != nil {
		return err
	}
	original := ruling(rows)
	switch {
	case !life.Open(file.Phase):
		return town.Errorf(town.PreconditionFailed, "The case has ended.", "La pratica è conclusa.")
	case file.SubstituteID != "":
		return town.Errorf(town.PreconditionFailed, "Somebody holds the substitute power already.", "Il potere sostitutivo è già esercitato.")
	case original == nil || original.State != town.ClockExpired:
		return town.Errorf(town.PreconditionFailed, "The term has not passed: the office still decides.", "Il termine non è scaduto: decide ancora l'ufficio.")
	}
	acts, err := actsOf(ctx, tx, file.ID)
	if err != nil {
		return err
	}
	h := &hand{cases: c, tx: tx, viewer: access.Asker(ctx), file: file, acts: acts, flags: file.Flags}
	id, err := h.put(ctx, formal{
		kind: town.ActSubstitution, state: town.ActDone, article: clocks.ArticleSubstitute,
		set: func(create *ent.CaseActCreate) { create.SetAuthorID(author) },
	})
	if err != nil {
		return err
	}
	dueOn, err := c.newTerm(ctx, tx, file, newTerm{
		kind: kindSubstitute, label: sdk.Text{IT: "Potere sostitutivo", EN: "Substitute power"}, clock: clocks.HalfOf(wholeTerm(rows, original)),
		ground: groundSubstituted, article: clocks.ArticleSubstitute, from: s.AskedOn, author: author, act: id,
	})
	if err != nil {
		return err
	}
	if err := lapse(ctx, tx, file.ID, town.ActIntegration, town.ActAcquisition, town.ActRejectionNotice); err != nil {
		return err
	}
	err = h.change(ctx, town.PhaseInProgress, func(u *ent.CaseFileUpdateOne) {
		u.SetSubstituteID(s.HolderID).SetDueOn(dueOn).SetFlags(withFlag(notWaiting(file.Flags), flagSubstituted))
	})
	if err != nil {
		return err
	}
	l := line{kind: "substituted", actor: author, from: file.Phase, to: town.PhaseInProgress}
	if err := c.addLine(ctx, tx, file, l); err != nil {
		return err
	}
	tx.Emit(eventOf(town.EventCaseSubstituted, file, author, map[string]string{town.DataPhase: string(l.to)}))
	return nil
}

// takeCase holds a case's row until the end of the unit, for the house itself.
func takeCase(ctx context.Context, tx *store.Tx, id string) (*ent.CaseFile, error) {
	n, err := tx.CaseFile.Update().Where(casefile.ID(id)).AddVersion(1).SetUpdatedAt(tx.Now).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("take the case: %w", err)
	}
	if n == 0 {
		return nil, town.ErrNotFound()
	}
	file, err := tx.CaseFile.Get(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("read the case: %w", err)
	}
	return file, nil
}
