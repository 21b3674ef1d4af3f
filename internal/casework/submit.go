package casework

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// SubmitIntake files a request. It becomes a case, or comes back with problems
// by field, or is blocked with reasons; each is an intake on record, of which
// only the case keeps the answers. The key makes a repeat give the first answer
// again.
//
// Errors: UNAUTHENTICATED; FORBIDDEN for who may not file at all; user errors for
// what stops a request before it is assessed (another form, another person, no
// such practice) and PLUGIN_UNAVAILABLE where the department is down and has no
// fallback.
func (c *Cases) SubmitIntake(ctx context.Context, in SubmitIntakeInput) (*Submitted, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	once := store.Once{Actor: v.ID, For: v.OnBehalfOf(), Mutation: "submitIntake", Key: in.IdempotencyKey, Input: in}
	if id, known, err := c.store.Recall(access.System(ctx, "idempotency"), &once); err != nil || known {
		if err != nil {
			return nil, err
		}
		return c.replayed(ctx, id, in)
	}
	f, err := c.file(ctx, v, in)
	if err != nil {
		return nil, err
	}
	if err := f.checkLevel(f.offer); err != nil {
		return nil, err
	}
	a, err := c.assess(ctx, request{offer: f.offer, answers: f.answers, now: f.now, legID: f.legID()})
	if err != nil {
		return nil, err
	}
	if len(a.problems) == 0 {
		if err := c.mayGoOn(ctx, f, a); err != nil {
			return nil, err
		}
	}
	linked, err := c.linked(ctx, f, a)
	if err != nil {
		return nil, err
	}
	id, replayed, err := c.store.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		return c.record(ctx, tx, f, a, linked)
	})
	if err != nil {
		return nil, err
	}
	if replayed {
		return c.replayed(ctx, id, in)
	}
	return c.submitted(ctx, id, a)
}

// linked assesses the second case that a rule opens. If its own form needs more
// than this one tells, it opens with what is known and waits for the rest. Nothing is
// opened that the viewer could not have filed, for want of a level or of a mandate: the
// decision names it, for them to file.
func (c *Cases) linked(ctx context.Context, f *filing, a *assessment) (*assessment, error) {
	offer, ok := c.departments.Practice(a.decided.Set[setLinkedPractice])
	if !ok || len(a.problems) > 0 || f.checkLevel(offer) != nil || f.viewer.RequireCovered(offer.ServiceID()) != nil {
		return nil, nil
	}
	answers := known(offer, a.answers)
	second, err := c.assessOne(ctx, request{offer: offer, answers: answers, now: f.now, legID: f.legID()})
	if err != nil {
		return nil, err
	}
	if len(second.problems) > 0 {
		problems := second.problems
		second = c.unchecked(offer, answers, f.now)
		second.problems = problems
	}
	return second, nil
}

// submitted reads what was recorded, as far as the viewer may see it.
func (c *Cases) submitted(ctx context.Context, intakeID string, a *assessment) (*Submitted, error) {
	// Whoever filed may see the record of it, whatever becomes of the case.
	intake, err := c.store.Reader().Intake.Get(access.System(ctx, "the answer to one's own intake"), intakeID)
	if err != nil {
		return nil, fmt.Errorf("read the intake: %w", err)
	}
	s := &Submitted{Status: intake.Status, Intake: intake}
	if len(a.problems) > 0 {
		s.UserErrors = a.problems
		return s, nil
	}
	s.Decision = &a.decided
	if intake.CaseID == "" {
		return s, nil
	}
	if s.Case, err = c.visible(ctx, intake.CaseID); err != nil || s.Case == nil || s.Case.LinkedCaseID == "" {
		return s, err
	}
	s.LinkedCase, err = c.visible(ctx, s.Case.LinkedCaseID)
	return s, err
}

// visible is a case, or nil if there is none that the viewer may see.
func (c *Cases) visible(ctx context.Context, id string) (*ent.CaseFile, error) {
	file, err := c.Case(ctx, id)
	if town.CodeOf(err) == town.NotFound && err != nil {
		return nil, nil
	}
	return file, err
}

// PreviewIntake says what would be decided, and stores nothing.
func (c *Cases) PreviewIntake(ctx context.Context, in PreviewIntakeInput) (*Preview, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	p, err := c.preview(ctx, v, in)
	if problems, ok := problemsOf(err); ok {
		return &Preview{UserErrors: problems}, nil
	}
	return p, err
}

func (c *Cases) preview(ctx context.Context, v *access.Viewer, in PreviewIntakeInput) (*Preview, error) {
	f, err := c.file(ctx, v, SubmitIntakeInput{Practice: in.Practice, Answers: in.Answers})
	if err != nil {
		return nil, err
	}
	a, err := c.assess(ctx, request{offer: f.offer, answers: f.answers, now: f.now})
	switch {
	case err != nil:
		return nil, err
	case len(a.problems) > 0:
		return nil, a.problems
	default:
		return &Preview{Decision: &a.decided}, nil
	}
}
