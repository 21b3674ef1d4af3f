package sdktest

import (
	"context"
	"strings"
)

func casePromises() []promise {
	return []promise{
		{
			group: "cases", name: "case files come out as they say", clause: 12,
			contract: "Answers in, decision out: what a case file expects is what comes of it.",
			mend:     "Mend the rule, or the case file if it is the one that is wrong.",
			keep:     keepCases, needs: true,
		},
		{
			group: "cases", name: "every rule, paper, fee and milestone is proved", clause: 12,
			contract: "Each has a case that applies it and, where it has a condition, one that leaves it out.",
			mend:     "Write the case that is missing into cases/PRACTICE.yaml.",
			keep:     keepCoverage, needs: true,
		},
	}
}

// noCases says why there is nothing to run, empty if there is.
func (s *suite) noCases() string {
	if s.opts.Cases == nil {
		return "no case files were given"
	}
	return ""
}

func keepCases(ctx context.Context, s *suite, c *Check) {
	if c.Skipped = s.noCases(); c.Skipped != "" {
		return
	}
	if s.filesErr != nil {
		c.Tell("read the case files", s.filesErr.Error())
		return
	}
	e := s.engine()
	for i := range s.files {
		for _, one := range s.files[i].Cases {
			c.Tell("ran "+s.files[i].Practice+", case "+one.Name, strings.Join(e.run(ctx, &s.files[i], one), "\n"))
		}
	}
}

func keepCoverage(ctx context.Context, s *suite, c *Check) {
	if c.Skipped = s.noCases(); c.Skipped != "" {
		return
	}
	e := s.engine()
	for i := range s.files {
		for _, one := range s.files[i].Cases {
			e.run(ctx, &s.files[i], one) // what differs is told by keepCases
		}
	}
	for _, gap := range e.coverage.gaps(s.definition) {
		c.Tell("ran all case files", gap)
	}
	if c.Tried == 0 {
		c.Tell("ran all case files", "")
	}
}

func (s *suite) engine() *engine {
	return &engine{s.department, s.service, s.global, s.opts.Town, coverage{}}
}
