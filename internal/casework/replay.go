package casework

import (
	"context"
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// replayed gives the first answer again. What an intake does not keep (values of
// answers, words of problems, results of computations) is worked out again from the
// same input at the moment of the first request; nothing is stored.
func (c *Cases) replayed(ctx context.Context, intakeID string, in SubmitIntakeInput) (*Submitted, error) {
	intake, err := c.store.Reader().Intake.Get(access.System(ctx, "the answer to one's own intake"), intakeID)
	if err != nil {
		return nil, fmt.Errorf("read the intake of the first request: %w", err)
	}
	a := &assessment{}
	switch intake.Status {
	case town.IntakeAccepted:
		file, err := c.store.Reader().CaseFile.Get(access.System(ctx, "the answer to one's own intake"), intake.CaseID)
		if err != nil {
			return nil, fmt.Errorf("read the case of the first request: %w", err)
		}
		decided, err := c.Decision(ctx, file)
		if err != nil {
			return nil, err
		}
		if decided != nil { // unless it was erased since
			a.decided = *decided
		}
	default:
		if err := c.again(ctx, a, intake, in); err != nil {
			return nil, err
		}
	}
	s, err := c.submitted(ctx, intakeID, a)
	if err != nil {
		return nil, err
	}
	s.Replayed = true
	return s, nil
}

// again works out the problems or the blocks of an intake on record.
func (c *Cases) again(ctx context.Context, a *assessment, intake *ent.Intake, in SubmitIntakeInput) error {
	answers, err := readAnswers(in.Answers)
	if err != nil {
		return err
	}
	service, err := c.departments.ByHash(ctx, intake.DefinitionHash)
	if err != nil {
		return fmt.Errorf("read the definition of the first request: %w", err)
	}
	practice, ok := service.Practice(intake.PracticeID)
	if !ok {
		return fmt.Errorf("the definition %s has no practice %s", intake.DefinitionHash, intake.PracticeID)
	}
	facts := c.facts(service.Definition().Service, intake.At)
	offer := Offer{Service: service, Practice: practice, Hash: intake.DefinitionHash}
	if intake.Status == town.IntakeProblems {
		var found town.Problems
		if intake.PracticeID != in.Practice { // a rule had turned it into another practice
			answers, found = known(offer, answers), town.Problems{errOtherForm(offer)}
		}
		_, faults := practice.Check(answers, facts)
		a.problems = recordedProblems(intake.Problems, append(found, fieldProblems(faults)...))
		return nil
	}
	req := request{offer: offer, answers: known(offer, answers), now: intake.At, legID: intake.LegID}
	a.decided.Decision = c.blockedAgain(ctx, req, facts, intake.Blocks)
	return nil
}

// recordedProblems gives each recorded problem the words that the form has for it.
func recordedProblems(recorded []town.FieldProblemRecord, found town.Problems) town.Problems {
	list := make(town.Problems, len(recorded))
	for i, r := range recorded {
		at := slices.IndexFunc(found, func(e *town.Error) bool { return pathOf(e) == r.Path && e.Detail == r.Code })
		if at >= 0 {
			list[i] = found[at]
			continue
		}
		e := town.Errorf(town.FieldProblem, "This answer was not accepted.", "Questa risposta non è stata accettata.")
		e.Detail, e.Path = r.Code, []string{"input", "answers"}
		if r.Path != "" {
			e.Path = append(e.Path, r.Path)
		}
		list[i] = e
	}
	return list
}

// pathOf is the field of a problem as it is recorded.
func pathOf(e *town.Error) string {
	if len(e.Path) < 3 {
		return ""
	}
	return e.Path[2]
}

// blockedAgain merges the rules that the answers alone make hold with those that
// blocked: the latter may have read facts that have changed since.
func (c *Cases) blockedAgain(ctx context.Context, req request, facts sdk.Facts, blocks []string) sdk.Decision {
	in := req.offer.Practice.Bind(req.answers, facts)
	holds := func(fired []sdk.Fired, id string) bool {
		return slices.ContainsFunc(fired, func(f sdk.Fired) bool { return f.RuleID == id })
	}
	pick := func(rules []sdk.Rule, fired []sdk.Fired) []sdk.Fired {
		var kept []sdk.Fired
		for _, r := range rules {
			if holds(fired, r.ID) || slices.Contains(blocks, r.ID) {
				kept = append(kept, sdk.Fired{RuleID: r.ID, Words: r.Words, Effect: r.Effect})
			}
		}
		return kept
	}
	own := pick(req.offer.Practice.Definition().Rules, req.offer.Practice.Fire(in))
	return sdk.Merge(in, own, pick(c.town.GlobalRules, c.global.Fire(in)), c.computedAgain(ctx, req, in))
}

// computedAgain asks the department once more for its results; none while it cannot
// answer, for the refusal stands without them.
func (c *Cases) computedAgain(ctx context.Context, req request, in *sdk.Intake) []sdk.Computed {
	ambient, err := c.ambient(ctx, req, in)
	if err != nil {
		return nil
	}
	answer, err := c.ask(ctx, req, in.Answers(), ambient)
	if err != nil {
		return nil
	}
	return answer.Computed
}
