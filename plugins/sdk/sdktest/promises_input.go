package sdktest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

func inputPromises() []promise {
	const contract = "Whatever a request holds, the department gives an answer, problems or an error; it does not crash, hang or answer something else."
	const mend = "Take what is missing or cannot be read as missing; catch what goes wrong and return it as an error."
	return []promise{
		{
			group: "bad input", name: "a practice that it does not have", clause: 7,
			contract: "A practice that is not in the definition is an error, not an answer.",
			mend:     "Return an error for it.",
			keep:     keepUnknownPractice, needs: true,
		},
		{
			group: "bad input", name: "names that it does not know", clause: 8,
			contract: "Names that a newer platform adds are ignored.",
			mend:     "Read the ambient names and the parameters that you need, by name, and no others.",
			keep:     keepUnknownNames, needs: true,
		},
		{group: "bad input", name: "answers that are missing", clause: 8, contract: contract, mend: mend, keep: keepMissing, needs: true},
		{group: "bad input", name: "answers of another type", clause: 8, contract: contract, mend: mend, keep: keepTypes, needs: true},
		{group: "bad input", name: "huge answers", clause: 8, contract: contract, mend: mend, keep: keepHuge, needs: true},
		{group: "bad input", name: "values that are hardly JSON", clause: 8, contract: contract, mend: mend, keep: keepStrange, needs: true},
		{group: "bad input", name: "days far away", clause: 8, contract: contract, mend: mend, keep: keepFar, needs: true},
		{
			group: "bad input", name: "after all that, as before", clause: 8,
			contract: "A request that a department could not stand changes nothing for the next one.",
			mend:     "Keep nothing from one review to the next; let no error end the process.",
			keep:     keepAfter, needs: true,
		},
	}
}

// judge tells what is wrong with the answer to a request that may be anything.
func (s *suite) judge(ctx context.Context, department sdk.Department, req sdk.ReviewRequest) string {
	answer, err := department.Review(ctx, req)
	if err != nil {
		return broken(err)
	}
	faults := append(computedFaults(answer), s.firedFaults(req.Practice, answer)...)
	return strings.Join(append(faults, s.problemFaults(req.Practice, answer)...), "\n")
}

// with is the request with other answers.
func with(req sdk.ReviewRequest, answers map[string]json.RawMessage) sdk.ReviewRequest {
	req.Answers = answers
	return req
}

func keepUnknownPractice(ctx context.Context, s *suite, c *Check) {
	for _, one := range s.each()[:1] {
		for _, practice := range []string{"", "no-such-practice", strings.Repeat("x", 1<<16), one.request.Practice + "\x00"} {
			req := one.request
			req.Practice = practice
			answer, err := s.department.Review(ctx, req)
			got := broken(err)
			if err == nil {
				got = shown(said(answer, nil))
			}
			c.Tell(fmt.Sprintf("reviewed the practice %.40q", practice), got)
		}
	}
}

func keepUnknownNames(ctx context.Context, s *suite, c *Check) {
	for _, one := range s.good() {
		more := *one
		more.request.Ambient = maps.Clone(one.request.Ambient)
		if more.request.Ambient == nil {
			more.request.Ambient = map[string]json.RawMessage{}
		}
		more.request.Ambient["name_of_the_future"] = json.RawMessage(`{"a": [1, null]}`)
		more.request.Parameters = map[string]string{"figure.of.the.future": "1"}
		c.Tell("reviewed with an ambient name and a parameter more: "+one.name, s.differs(ctx, one, &more))
	}
	if c.Tried == 0 {
		c.Skipped = "no good form: give case files"
	}
}

// tries puts changed answers of the first form of each practice.
func (s *suite) tries(ctx context.Context, c *Check, did string, change func(practice *sdk.CompiledPractice, answers map[string]json.RawMessage) []map[string]json.RawMessage) {
	for _, one := range s.each() {
		practice, _ := s.service.Practice(one.request.Practice)
		for n, answers := range change(practice, one.request.Answers) {
			c.Tell(fmt.Sprintf("reviewed %s with %s (%d)", one.request.Practice, did, n+1), s.judge(ctx, s.department, with(one.request, answers)))
		}
	}
}

func keepMissing(ctx context.Context, s *suite, c *Check) {
	s.tries(ctx, c, "answers taken away", func(_ *sdk.CompiledPractice, answers map[string]json.RawMessage) []map[string]json.RawMessage {
		all := []map[string]json.RawMessage{{}, nil}
		for name := range answers {
			less := maps.Clone(answers)
			delete(less, name)
			all = append(all, less)
		}
		return all
	})
	for _, one := range s.each() {
		bare := one.request
		bare.Ambient, bare.Calendar, bare.Parameters = nil, calc.Calendar{}, nil
		c.Tell("reviewed with nothing known and an empty calendar: "+one.request.Practice, s.judge(ctx, s.department, bare))
	}
}

// everywhere gives every field of the form the same value.
func everywhere(practice *sdk.CompiledPractice, value string) map[string]json.RawMessage {
	answers := map[string]json.RawMessage{}
	for _, f := range practice.Fields() {
		answers[f.Name] = json.RawMessage(value)
	}
	return answers
}

func keepTypes(ctx context.Context, s *suite, c *Check) {
	s.tries(ctx, c, "the same value everywhere", func(p *sdk.CompiledPractice, _ map[string]json.RawMessage) []map[string]json.RawMessage {
		var all []map[string]json.RawMessage
		for _, value := range []string{`null`, `true`, `0`, `-1.5`, `""`, `"x"`, `[]`, `[null]`, `[[]]`, `[{"a":1}]`, `{}`, `{"a":{"b":[]}}`} {
			all = append(all, everywhere(p, value))
		}
		return all
	})
	for _, one := range s.each() {
		odd := one.request
		odd.Ambient = map[string]json.RawMessage{}
		for name := range sdk.AmbientNames() {
			odd.Ambient[name] = json.RawMessage(`[{"x": null}]`)
		}
		odd.Parameters = map[string]string{}
		for _, p := range s.definition.Parameters {
			odd.Parameters[p.Name] = "no number"
		}
		c.Tell("reviewed with ambient names and parameters of another type: "+one.request.Practice, s.judge(ctx, s.department, odd))
	}
}

func keepHuge(ctx context.Context, s *suite, c *Check) {
	s.tries(ctx, c, "one huge answer", func(p *sdk.CompiledPractice, answers map[string]json.RawMessage) []map[string]json.RawMessage {
		var all []map[string]json.RawMessage
		for _, value := range []string{
			`"` + strings.Repeat("à", 1<<19) + `"`,
			`[` + strings.TrimSuffix(strings.Repeat(`"x",`, 50_000), ",") + `]`,
			strings.Repeat("9", 5_000),
			`"` + strings.Repeat("9", 5_000) + `"`,
		} {
			for i, f := range p.Fields() {
				if i%5 != len(all)%5 { // a fifth of the fields each: they are read alike
					continue
				}
				more := maps.Clone(answers)
				more[f.Name] = json.RawMessage(value)
				all = append(all, more)
				break
			}
		}
		return append(all, everywhere(p, strings.Repeat("9", 5_000)), everywhere(p, `"`+strings.Repeat("x", 20_000)+`"`))
	})
}

// keepStrange also tries what is no JSON on the department without the wire, over
// which it could not come.
func keepStrange(ctx context.Context, s *suite, c *Check) {
	s.tries(ctx, c, "a strange value everywhere", func(p *sdk.CompiledPractice, _ map[string]json.RawMessage) []map[string]json.RawMessage {
		var all []map[string]json.RawMessage
		for _, value := range []string{
			`"\ud800"`, `"\u0000"`, `1e400`, `-0`, `1E-400`, `"1e400"`, `"NaN"`, `"2026-02-30"`, `"24:61"`, `{"a":1,"a":2}`,
			strings.Repeat("[", 500) + strings.Repeat("]", 500),
		} {
			all = append(all, everywhere(p, value))
		}
		return all
	})
	if s.opts.direct == nil {
		return
	}
	direct := &caller{department: s.opts.direct, describe: s.department.describe, review: s.department.review}
	for _, one := range s.each() {
		practice, _ := s.service.Practice(one.request.Practice)
		for _, value := range []string{``, `{`, `"`, "\xff", `nul`} {
			got := s.judge(ctx, direct, with(one.request, everywhere(practice, value)))
			c.Tell(fmt.Sprintf("reviewed %s with %q everywhere", one.request.Practice, value), got)
		}
	}
}

func keepFar(ctx context.Context, s *suite, c *Check) {
	for _, one := range s.each() {
		for _, day := range []time.Time{
			time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC), time.Date(1900, 2, 28, 23, 59, 59, 0, time.UTC),
			time.Date(2400, 2, 29, 0, 0, 0, 0, time.UTC), time.Date(9900, 12, 30, 0, 0, 0, 0, time.UTC),
		} {
			far := one.request
			far.Now = day
			c.Tell(fmt.Sprintf("reviewed %s on %s", one.request.Practice, day.Format(time.DateOnly)), s.judge(ctx, s.department, far))
		}
	}
	s.tries(ctx, c, "a day far away everywhere", func(p *sdk.CompiledPractice, _ map[string]json.RawMessage) []map[string]json.RawMessage {
		return []map[string]json.RawMessage{everywhere(p, `"0001-01-01"`), everywhere(p, `"9900-12-31"`)}
	})
}

func keepAfter(ctx context.Context, s *suite, c *Check) {
	for _, one := range s.good() {
		c.Tell("reviewed once more: "+one.name, s.other(ctx, one))
	}
	if c.Tried == 0 {
		c.Skipped = "no good form: give case files"
	}
}
