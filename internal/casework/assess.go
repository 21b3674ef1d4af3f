package casework

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// assessment is what form, department and rules say of one request.
type assessment struct {
	town.Private

	offer   Offer
	answers map[string]json.RawMessage // hidden ones dropped, texts trimmed
	decided Decided
	facts   map[string]json.RawMessage // ambient values it was decided with
	// office holds the case; empty where there are problems.
	office   string
	problems town.Problems
}

// The keys of a set effect that lead to another practice.
const (
	setPractice       = "practice"
	setLinkedPractice = "linked_practice"
	setConfidential   = "confidential"
	setMerge          = "merge"
)

// request is one form put before the house at one moment.
type request struct {
	town.Private

	offer   Offer
	answers map[string]json.RawMessage
	now     time.Time
	legID   string
}

// assess checks the form, asks the department once and merges its rules with the
// town's. A rule that turns the request into another practice has that practice
// decided with its own form. Problems are in the assessment; the error is
// PLUGIN_UNAVAILABLE or a fault.
func (c *Cases) assess(ctx context.Context, req request) (*assessment, error) {
	a, err := c.assessOne(ctx, req)
	if err != nil || len(a.problems) > 0 {
		return a, err
	}
	turned, ok := c.departments.Practice(a.decided.Set[setPractice])
	if !ok || turned.Practice.Definition().ID == req.offer.Practice.Definition().ID {
		return a, nil
	}
	other, err := c.assessOne(ctx, request{
		offer: turned, answers: known(turned, a.answers), now: req.now, legID: req.legID,
	})
	if err != nil || len(other.problems) == 0 {
		return other, err
	}
	other.problems = append(town.Problems{errOtherForm(turned)}, other.problems...)
	return other, nil
}

func (c *Cases) assessOne(ctx context.Context, req request) (*assessment, error) {
	facts := c.facts(req.offer.ServiceID(), req.now)
	in, problems := req.offer.Practice.Check(req.answers, facts)
	a := &assessment{offer: req.offer, problems: fieldProblems(problems)}
	if len(problems) > 0 {
		return a, nil
	}
	a.answers = in.Answers()
	ambient, err := c.ambient(ctx, req, in)
	if err != nil {
		return nil, err
	}
	facts.Ambient, a.facts = ambient, ambient
	in = req.offer.Practice.Bind(a.answers, facts)
	answer, err := c.ask(ctx, req, a.answers, ambient)
	switch {
	case town.CodeOf(err) == town.PluginUnavailable && c.hasFallback(req.offer):
		a.decided.Degraded = true
		answer = &sdk.ReviewResponse{}
	case err != nil:
		return nil, err
	}
	if len(answer.Problems) > 0 {
		a.problems = fieldProblems(answer.Problems)
		return a, nil
	}
	a.decided.Decision = sdk.Merge(in, answer.Fired, c.global.Fire(in), answer.Computed)
	a.office, err = c.place(ctx, a)
	return a, err
}

// facts are what every request to a service is decided with at that moment: the
// house and the department read the same calendar and the same figures.
func (c *Cases) facts(service string, now time.Time) sdk.Facts {
	return sdk.Facts{Now: now, Calendar: c.town.Calendar, Parameters: c.parameters(service, town.Today(now))}
}

// ask puts the request before its department. Rules that cannot be are the mark
// of a broken department.
func (c *Cases) ask(ctx context.Context, req request, answers, ambient map[string]json.RawMessage) (*sdk.ReviewResponse, error) {
	practice := req.offer.Practice.Definition().ID
	facts := c.facts(req.offer.ServiceID(), req.now)
	answer, err := c.departments.Review(ctx, req.offer.ServiceID(), req.offer.Hash, sdk.ReviewRequest{
		Practice: practice, Answers: answers, Now: facts.Now, Ambient: ambient, Calendar: facts.Calendar,
		Parameters: facts.Parameters,
	})
	if err != nil {
		return nil, fmt.Errorf("review %s: %w", practice, err)
	}
	if err := req.offer.Service.CheckFired(practice, answer.Fired, c.town); err != nil {
		return nil, errUnavailable(fmt.Errorf("review %s: %w", practice, err))
	}
	return answer, nil
}

// hasFallback reports whether the service may go on without its process: its
// default route is an office of the town.
func (c *Cases) hasFallback(o Offer) bool {
	route := o.Service.Definition().DefaultRoute
	for _, d := range c.town.Destinations {
		if d.ID == route {
			return holdsCases(town.Level(d.Level))
		}
	}
	return false
}

// unchecked decides a form that could not be filled in full: its papers, fee and
// terms are known, no rule is read.
func (c *Cases) unchecked(o Offer, answers map[string]json.RawMessage, now time.Time) *assessment {
	in := o.Practice.Bind(answers, c.facts(o.ServiceID(), now))
	return &assessment{
		offer: o, answers: in.Answers(), office: o.Service.Definition().DefaultRoute,
		decided: Decided{Decision: sdk.Merge(in, nil, nil, nil)},
	}
}

// known are the answers to the questions that another form asks too.
func known(o Offer, answers map[string]json.RawMessage) map[string]json.RawMessage {
	kept := map[string]json.RawMessage{}
	for _, f := range o.Practice.Fields() {
		if v, ok := answers[f.Name]; ok {
			kept[f.Name] = v
		}
	}
	return kept
}

// readAnswers reads the JSON object of a form.
func readAnswers(raw json.RawMessage) (map[string]json.RawMessage, error) {
	var answers map[string]json.RawMessage
	if err := json.Unmarshal(raw, &answers); err != nil || answers == nil {
		return nil, town.Errorf(town.Invalid, "answers is an object: one value by field name.", "answers è un oggetto: un valore per nome di campo.").At("input", "answers")
	}
	return answers, nil
}

// problemsOf gives err as problems of the form, if that is what it is.
func problemsOf(err error) (town.Problems, bool) {
	var problems town.Problems
	if errors.As(err, &problems) {
		return problems, true
	}
	var one *town.Error
	if errors.As(err, &one) && town.IsUserError(err) {
		return town.Problems{one}, true
	}
	return nil, false
}
