package sdktest

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// engine runs case files against a department, as the platform does: the form is
// checked, the department reviews it, the rules of the town are merged in. It
// remembers what the cases made of every line of the definition.
type engine struct {
	department sdk.Department
	service    *sdk.Service
	global     *sdk.GlobalRules
	town       *sdk.Town
	coverage   coverage
}

// newEngine has the department describe itself. A nil town has no rules of its
// own and leaves destinations unchecked.
func newEngine(ctx context.Context, department sdk.Department, town *sdk.Town) (*engine, error) {
	described, err := department.Describe(ctx, sdk.DescribeRequest{})
	if err != nil {
		return nil, fmt.Errorf("describe: %w", err)
	}
	service, err := sdk.Compile(described.Definition, town)
	if err != nil {
		return nil, err
	}
	global := &sdk.GlobalRules{}
	if town != nil {
		if global, err = sdk.CompileGlobal(town); err != nil {
			return nil, err
		}
	}
	return &engine{department, service, global, town, coverage{}}, nil
}

// run gives every point on which a case comes out otherwise than it says.
func (e *engine) run(ctx context.Context, file *File, c Case) []string {
	practice, ok := e.service.Practice(file.Practice)
	if !ok {
		return []string{fmt.Sprintf("the department has no practice %q", file.Practice)}
	}
	if (c.Problems == nil) == (c.Decision == nil) {
		return []string{"a case has either problems or a decision"}
	}
	answers, facts, err := file.Form(c)
	if err != nil {
		return []string{err.Error()}
	}
	facts.Calendar = e.calendar()
	in, problems := practice.Check(answers, facts)
	var response *sdk.ReviewResponse
	if len(problems) == 0 {
		if response, err = e.review(ctx, in, facts); err != nil {
			return []string{err.Error()}
		}
		problems = response.Problems
	}
	if diff := cmp.Diff(c.Problems, asLines(problems)); diff != "" {
		return []string{"problems (-want +got):\n" + diff}
	}
	if c.Decision == nil {
		return nil
	}
	decision := sdk.Merge(in, response.Fired, e.global.Fire(in), response.Computed)
	e.coverage.add(practice.Definition(), decision)
	return differences(e.service.Definition(), *c.Decision, decision)
}

// review asks the department. Rules that cannot be are its error.
func (e *engine) review(ctx context.Context, in *sdk.Intake, facts sdk.Facts) (*sdk.ReviewResponse, error) {
	id := in.Practice().Definition().ID
	response, err := e.department.Review(ctx, sdk.ReviewRequest{
		Practice: id, Answers: in.Answers(), Now: facts.Now, Ambient: facts.Ambient, Calendar: facts.Calendar,
	})
	if err != nil {
		return nil, fmt.Errorf("review: %w", err)
	}
	if response == nil {
		return nil, errors.New("review: neither an answer nor an error")
	}
	return response, e.service.CheckFired(id, response.Fired, e.town)
}

func (e *engine) calendar() (c calc.Calendar) {
	if e.town != nil {
		c = e.town.Calendar
	}
	return c
}
