package sdktest

import (
	"context"
	"fmt"
	"io/fs"
	"sync"
	"time"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
)

// Options complete an examination.
type Options struct {
	// Town is what the departments of the town share; without it destinations and
	// the rules of the town are left unchecked.
	Town *sdk.Town
	// Cases are the case files of the department; without them forms are made up,
	// and no rule is proved.
	Cases fs.FS
	// Limits of the calls; zero values stand for those of the platform.
	Limits rpc.Limits

	// direct is the department without the wire, where there is one.
	direct sdk.Department
}

// Examine puts a department to the test, in whatever language it is written: all
// that "The contract" in the documentation of package sdk promises. It asks some
// thousand reviews and never fails itself: everything is in the report.
func Examine(ctx context.Context, department sdk.Department, opts Options) *Report {
	s := &suite{opts: opts, report: &Report{}, department: newCaller(department, opts.Limits)}
	for _, p := range promises() {
		check := Check{
			Group: p.group, Name: p.name, Contract: p.contract, Mend: p.mend,
			See: fmt.Sprintf("package sdk, The contract, %d", p.clause),
		}
		switch {
		case ctx.Err() != nil:
			check.Skipped = "the examination was broken off"
		case s.service == nil && p.needs:
			check.Skipped = "the definition must be sound first"
		default:
			p.keep(ctx, s, &check)
		}
		s.report.Checks = append(s.report.Checks, check)
	}
	s.report.suite = s
	return s.report
}

// Again asks another start of the examined department for the same definition and
// the same answers, and tells the check what differs.
func (r *Report) Again(ctx context.Context, department sdk.Department, c *Check) {
	if r.suite == nil || r.suite.service == nil {
		c.Skipped = "the definition must be sound first"
		return
	}
	other := *r.suite
	other.department = newCaller(department, r.suite.opts.Limits)
	want, err := other.definition.Hash()
	if err != nil {
		c.Tell("hashed the definition", err.Error())
		return
	}
	c.Tell("called Describe", describesOther(ctx, &other, want))
	for _, one := range other.good() {
		c.Tell("reviewed "+one.name, other.other(ctx, one))
	}
}

// promise is one check before it is made.
type promise struct {
	group, name string
	clause      int // in The contract
	contract    string
	mend        string
	needs       bool // a sound definition
	keep        func(context.Context, *suite, *Check)
}

// promises are all checks in order.
func promises() []promise {
	var all []promise
	for _, group := range [][]promise{
		definitionPromises(), answerPromises(), determinismPromises(), deadlinePromises(), inputPromises(), casePromises(),
	} {
		all = append(all, group...)
	}
	return all
}

// suite is one examination.
type suite struct {
	opts       Options
	department *caller
	report     *Report

	definition *sdk.Definition
	service    *sdk.Service // nil until the definition is found to be sound
	global     *sdk.GlobalRules
	files      []File
	filesErr   error
	samples    []sample
}

// prepare reads the case files, makes up forms where there are none, and asks
// about all of them once.
func (s *suite) prepare(ctx context.Context, service *sdk.Service) error {
	s.global = &sdk.GlobalRules{}
	if s.opts.Town != nil {
		var err error
		if s.global, err = sdk.CompileGlobal(s.opts.Town); err != nil {
			return err
		}
	}
	if s.opts.Cases != nil {
		s.files, s.filesErr = ReadCases(s.opts.Cases)
	}
	s.service = service
	s.samples = s.collect()
	for i := range s.samples {
		one := &s.samples[i]
		start := time.Now()
		one.answer, one.err = s.department.Review(ctx, one.request)
		one.took = time.Since(start)
	}
	return nil
}

// good are the samples that the platform would put before the department.
func (s *suite) good() []*sample {
	var good []*sample
	for i := range s.samples {
		if s.samples[i].in != nil {
			good = append(good, &s.samples[i])
		}
	}
	return good
}

// each gives the first sample of each practice.
func (s *suite) each() []*sample {
	var first []*sample
	seen := map[string]bool{}
	for i := range s.samples {
		if one := &s.samples[i]; !seen[one.request.Practice] {
			seen[one.request.Practice] = true
			first = append(first, one)
		}
	}
	return first
}

// caller asks a department and comes back in time, whatever the department does.
type caller struct {
	department       sdk.Department
	describe, review time.Duration

	mu   sync.Mutex // guards slow
	slow int        // reviews that were given up
}

func newCaller(department sdk.Department, limits rpc.Limits) *caller {
	limits = limits.WithDefaults()
	return &caller{department: department, describe: limits.Describe, review: limits.Review}
}

// maxSlow is after how many reviews without an answer the department is no longer
// waited for: the examination of one that hangs ends, too.
const maxSlow = 5

// Describe implements [sdk.Department].
func (c *caller) Describe(ctx context.Context, req sdk.DescribeRequest) (*sdk.DescribeResponse, error) {
	answer, err := within(ctx, c.describe, func(ctx context.Context) (*sdk.DescribeResponse, error) {
		return c.department.Describe(ctx, req)
	})
	if err == nil && (answer == nil || answer.Definition == nil) {
		return nil, errNothing
	}
	return answer, err
}

// Review implements [sdk.Department].
func (c *caller) Review(ctx context.Context, req sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
	c.mu.Lock()
	slow := c.slow
	c.mu.Unlock()
	if slow >= maxSlow {
		return nil, fmt.Errorf("%w: not asked any more after %d such calls", errTooSlow, maxSlow)
	}
	answer, err := within(ctx, c.review, func(ctx context.Context) (*sdk.ReviewResponse, error) {
		return c.department.Review(ctx, req)
	})
	if err == nil && answer == nil {
		return nil, errNothing
	}
	if ctx.Err() == nil && tooSlow(err) {
		c.mu.Lock()
		c.slow++
		c.mu.Unlock()
	}
	return answer, err
}
