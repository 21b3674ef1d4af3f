package rehearse

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Request is one form to decide twice: a case of a case file, or a stored request.
type Request struct {
	town.Private

	// Name is the protocol number, or the file and the name of the case.
	Name     string
	Practice string
	Answers  map[string]json.RawMessage
	Facts    sdk.Facts
	// Personal marks a form of a real person: nothing that depends on its answers is
	// told.
	Personal bool
}

// Comparison is what a new version of a department changes. It never holds an
// answer.
type Comparison struct {
	Old Version `json:"old"`
	New Version `json:"new"`
	// Appear and Vanish are practices.
	Appear []string `json:"appear,omitempty"`
	Vanish []string `json:"vanish,omitempty"`
	// Gone are fields and codes that replayed answers use.
	Gone []Gone `json:"gone,omitempty"`
	// Replayed counts the requests of both versions, Broken those that one of them
	// failed to review.
	Replayed int `json:"replayed"`
	Broken   int `json:"broken"`
	// Changes are the requests that would be decided otherwise, in the order of the
	// replay.
	Changes []Change `json:"changes"`
}

// Version is one side of a comparison.
type Version struct {
	Service string `json:"service"`
	Version string `json:"version"`
	Hash    string `json:"hash"`
}

// Gone is a field, or a code of one, that the new version does not have.
type Gone struct {
	Practice string `json:"practice"`
	Field    string `json:"field"`
	Code     string `json:"code,omitempty"`
	// Requests is how many replayed answers use it.
	Requests int `json:"requests"`
}

// Differs reports whether going over to the new version changes anything that a
// person would notice.
func (c *Comparison) Differs() bool {
	return len(c.Changes)+len(c.Appear)+len(c.Vanish)+len(c.Gone) > 0
}

// SameVersion reports two different definitions under one version, which is a
// mistake of who made the second.
func (c *Comparison) SameVersion() bool {
	return c.Old.Version == c.New.Version && c.Old.Hash != c.New.Hash
}

// Compare decides every request with both departments, as the platform would at the
// moment of the request, and merges the rules of the town in. progress, if any, is
// called after each request. It reads only. An error comes from a department that
// cannot describe itself, from the requests, or from ctx.
func Compare(ctx context.Context, before, after sdk.Department, town *sdk.Town, requests iter.Seq2[Request, error], progress func()) (*Comparison, error) {
	global, err := sdk.CompileGlobal(town)
	if err != nil {
		return nil, err
	}
	c := &Comparison{Changes: []Change{}}
	sides := [2]*side{{department: before, town: town, global: global}, {department: after, town: town, global: global}}
	for i, version := range []*Version{&c.Old, &c.New} {
		if *version, err = sides[i].open(ctx); err != nil {
			return nil, fmt.Errorf("the %s version: %w", []string{"old", "new"}[i], err)
		}
	}
	if c.Old.Service != c.New.Service {
		return nil, fmt.Errorf("these are two services, %s and %s, not two versions of one", c.Old.Service, c.New.Service)
	}
	c.Appear, c.Vanish = missing(sides[1], sides[0]), missing(sides[0], sides[1])
	gone := newGone(sides[0], sides[1])
	for request, err := range requests {
		if err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		was, is := sides[0].decide(ctx, request), sides[1].decide(ctx, request)
		if change, differs := compare(request, was, is); differs {
			c.Changes = append(c.Changes, change)
		}
		gone.count(request)
		c.Replayed++
		if was.broken || is.broken {
			c.Broken++
		}
		if progress != nil {
			progress()
		}
	}
	c.Gone = gone.list()
	return c, ctx.Err()
}

// missing are the practices of one side that the other does not have.
func missing(of, in *side) []string {
	var ids []string
	for i := range of.service.Definition().Practices {
		id := of.service.Definition().Practices[i].ID
		if _, ok := in.service.Practice(id); !ok {
			ids = append(ids, id)
		}
	}
	return ids
}

// side is one version of the department.
type side struct {
	department sdk.Department
	town       *sdk.Town
	global     *sdk.GlobalRules
	service    *sdk.Service
}

// open has the department describe itself.
func (s *side) open(ctx context.Context) (Version, error) {
	described, err := s.department.Describe(ctx, sdk.DescribeRequest{})
	if err != nil {
		return Version{}, err
	}
	def := described.Definition
	if s.service, err = sdk.Compile(def, s.town); err != nil {
		return Version{}, err
	}
	hash, err := def.Hash()
	return Version{def.Service, def.Version, hash}, err
}

// outcome is what one version makes of a request: a decision, problems, or the word
// on why there is neither.
type outcome struct {
	decision *sdk.Decision
	problems []string // "path code"
	nothing  string
	broken   bool // the department failed
}

// decide is what the platform does with a filled form. Answers to questions that
// this version does not ask are left out: they are told as gone.
func (s *side) decide(ctx context.Context, r Request) outcome {
	practice, ok := s.service.Practice(r.Practice)
	if !ok {
		return outcome{nothing: "no such practice"}
	}
	facts := r.Facts
	facts.Calendar = s.town.Calendar
	in, problems := practice.Check(asked(practice, r.Answers), facts)
	if len(problems) > 0 {
		return outcome{problems: linesOf(problems)}
	}
	answer, err := s.department.Review(ctx, sdk.ReviewRequest{
		Practice: r.Practice, Answers: in.Answers(), Now: facts.Now, Ambient: facts.Ambient, Calendar: facts.Calendar,
		Parameters: facts.Parameters,
	})
	if err == nil {
		err = s.service.CheckFired(r.Practice, answer.Fired, s.town)
	}
	switch {
	case err != nil && r.Personal: // its words may hold answers
		return outcome{nothing: "the department fails", broken: true}
	case err != nil:
		return outcome{nothing: "the department fails: " + err.Error(), broken: true}
	case len(answer.Problems) > 0:
		return outcome{problems: linesOf(answer.Problems)}
	}
	decision := sdk.Merge(in, answer.Fired, s.global.Fire(in), answer.Computed)
	return outcome{decision: &decision}
}

// asked are the answers to the questions of a form.
func asked(practice *sdk.CompiledPractice, answers map[string]json.RawMessage) map[string]json.RawMessage {
	kept := map[string]json.RawMessage{}
	for _, f := range practice.Fields() {
		if v, ok := answers[f.Name]; ok {
			kept[f.Name] = v
		}
	}
	return kept
}

func linesOf(problems []sdk.Problem) []string {
	lines := make([]string, len(problems))
	for i, p := range problems {
		lines[i] = p.Path + " " + p.Code
	}
	slices.Sort(lines)
	return slices.Compact(lines)
}
