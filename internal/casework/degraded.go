package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/clocks/due"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// ReviewDegraded asks the departments that are back about the cases that were
// taken in without them, oldest first, and says how many were reviewed. The
// answer adds to the case what it lacked: the decision, papers, flags. What has
// happened since (office, phase, terms) stays; a block or another destination is
// written in the history, for the office to act on.
func (c *Cases) ReviewDegraded(ctx context.Context) (int, error) {
	ctx = access.System(ctx, "review after a department came back")
	reviewed, last := 0, ""
	down := map[string]bool{}
	for {
		files, err := c.store.Reader().CaseFile.Query().
			Where(casefile.Degraded(true), casefile.IDGT(last)).
			Order(ent.Asc(casefile.FieldID)).Limit(dueBatch).All(ctx)
		if err != nil || len(files) == 0 {
			return reviewed, err
		}
		for _, file := range files {
			last = file.ID
			if down[file.ServiceID] {
				continue
			}
			err := c.reviewAgain(ctx, file)
			switch {
			case town.CodeOf(err) == town.PluginUnavailable && err != nil:
				down[file.ServiceID] = true
			case err != nil:
				return reviewed, fmt.Errorf("review case %s: %w", file.ID, err)
			default:
				reviewed++
			}
		}
	}
}

// lookForDepartments is how often to see whether a department is back.
const lookForDepartments = 5 * time.Second

// RunReviews reviews degraded cases as their departments come back, until ctx
// ends. It looks every few seconds of real time: an indexed look that mostly finds
// nothing.
func (c *Cases) RunReviews(ctx context.Context, logger *slog.Logger) error {
	for ctx.Err() == nil {
		n, err := c.ReviewDegraded(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			logger.Error("degraded cases could not be reviewed", "error", err)
		case n > 0:
			logger.Info("degraded cases were reviewed", "count", n)
		}
		due.Pause(ctx, lookForDepartments)
	}
	return ctx.Err()
}

func (c *Cases) reviewAgain(ctx context.Context, file *ent.CaseFile) error {
	opened, err := openValues[map[string]json.RawMessage](ctx, c.vault, []*ent.CaseFile{file}, casefile.FieldAnswers, answersOf)
	if err != nil {
		return err
	}
	answers, kept := opened[file]
	if !kept { // erased: there is nothing left to review
		return c.settleDegraded(ctx, file, nil)
	}
	offers, err := c.reviewers(ctx, file)
	if err != nil {
		return err
	}
	if len(offers) == 0 { // no longer offered: what was decided stands
		return c.settleDegraded(ctx, file, nil)
	}
	for _, offer := range offers {
		a, err := c.assessOne(ctx, request{offer: offer, answers: known(offer, answers), now: file.FiledAt, legID: file.LegID})
		if err != nil && town.CodeOf(err) != town.PluginUnavailable {
			return err
		}
		if err == nil && !a.decided.Degraded {
			return c.settleDegraded(ctx, file, a)
		}
	}
	return errUnavailable(fmt.Errorf("department %s is still down", file.ServiceID))
}

// settleDegraded ends the degraded state of a case, once.
func (c *Cases) settleDegraded(ctx context.Context, file *ent.CaseFile, a *assessment) error {
	return c.store.InTx(ctx, "review a degraded case", func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.CaseFile.Update().Where(casefile.ID(file.ID), casefile.Degraded(true)).
			SetDegraded(false).AddVersion(1).SetUpdatedAt(tx.Now).Save(ctx)
		if err != nil || n == 0 {
			return err
		}
		now, err := tx.CaseFile.Get(ctx, file.ID)
		if err != nil {
			return fmt.Errorf("read the case: %w", err)
		}
		update := tx.CaseFile.UpdateOneID(file.ID).SetFlags(withoutFlag(now.Flags, flagDegraded))
		l := line{kind: "reviewed", actor: "system:review", from: now.Phase, to: now.Phase, internal: true}
		if a != nil && len(a.problems) == 0 && life.Open(now.Phase) {
			sealed, err := c.sealValue(ctx, tx, now.ApplicantID, inCase(casefile.FieldDecision, now.ID), keptDecision{a.decided, a.facts})
			if err != nil {
				return err
			}
			update.SetDecision(sealed).SetPriority(town.Priority(a.decided.Priority))
			if err := addPapers(ctx, tx, now.ID, a); err != nil {
				return err
			}
			l.data = reviewFindings(now, a)
		}
		if err := update.Exec(ctx); err != nil {
			return fmt.Errorf("change the case: %w", err)
		}
		if err := c.addLine(ctx, tx, now, l); err != nil {
			return err
		}
		tx.Emit(eventOf(town.EventIntakeReviewed, now, l.actor, with(l.data, "status", "REVIEWED")))
		return nil
	})
}

// reviewFindings are what the office must look at: ids of rules and offices.
func reviewFindings(file *ent.CaseFile, a *assessment) map[string]string {
	data := map[string]string{}
	if len(a.decided.Blocks) > 0 {
		data["blocked_by"] = a.decided.Blocks[0].RuleID
	}
	if a.decided.To != file.OfficeID {
		data["belongs_to"] = a.decided.To
	}
	return data
}

// addPapers adds the papers that the department asks and the case does not have.
func addPapers(ctx context.Context, tx *store.Tx, caseID string, a *assessment) error {
	have, err := documentsOf(ctx, tx, caseID)
	if err != nil {
		return err
	}
	known, ordinal := map[string]bool{}, 0
	for _, d := range have {
		known[d.DocumentID], ordinal = true, d.Ordinal
	}
	for _, d := range a.decided.ExtraDocuments {
		if known[d.ID] {
			continue
		}
		ordinal++
		if err := newDocument(tx, caseID, ordinal, d, true).Exec(ctx); err != nil {
			return fmt.Errorf("ask for %s: %w", d.ID, err)
		}
	}
	return nil
}
