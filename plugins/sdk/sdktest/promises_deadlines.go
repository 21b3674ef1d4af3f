package sdktest

import (
	"context"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

func deadlinePromises() []promise {
	return []promise{
		{
			group: "deadlines", name: "each call within its limit", clause: 5,
			contract: "Describe takes at most 5 seconds, a review at most 2; a department that takes longer is stopped and started anew.",
			mend:     "Read files and tables once, at the start; a review only computes.",
			keep:     keepLimits, needs: true,
		},
		{
			group: "deadlines", name: "a call that was given up", clause: 5,
			contract: "When the caller gives up, the call ends soon, and the next one is answered as ever.",
			mend:     "Look at the context in what may take long, and hold no lock over it.",
			keep:     keepGivenUp, needs: true,
		},
	}
}

func keepLimits(ctx context.Context, s *suite, c *Check) {
	start := time.Now()
	_, err := s.department.Describe(ctx, sdk.DescribeRequest{})
	got := ""
	if took := time.Since(start); tooSlow(err) || took > s.department.describe {
		got = fmt.Sprintf("%s, the limit is %s", took.Round(time.Millisecond), s.department.describe)
	}
	c.Tell("called Describe", got)
	for i := range s.samples {
		one := &s.samples[i]
		got := ""
		if tooSlow(one.err) || one.took > s.department.review {
			got = fmt.Sprintf("%s, the limit is %s", one.took.Round(time.Millisecond), s.department.review)
		}
		c.Tell("reviewed "+one.name, got)
	}
}

// soon is how long a call may go on after it was given up.
const soon = time.Second

// keepGivenUp also asks the department without the wire, which would end the call
// by itself.
func keepGivenUp(ctx context.Context, s *suite, c *Check) {
	asked := []sdk.Department{s.department.department}
	if s.opts.direct != nil {
		asked = append(asked, s.opts.direct)
	}
	for _, one := range s.each() {
		for _, department := range asked {
			for _, after := range []time.Duration{0, time.Millisecond} {
				c.Tell(fmt.Sprintf("gave up after %s: %s", after, one.name), givesUp(ctx, department, one.request, after))
			}
		}
		if one.in != nil {
			c.Tell("then reviewed "+one.name, s.other(ctx, one))
		}
	}
}

// givesUp tells whether a call goes on after its caller has gone.
func givesUp(ctx context.Context, department sdk.Department, req sdk.ReviewRequest, after time.Duration) string {
	short, cancel := context.WithTimeout(ctx, after)
	defer cancel()
	start := time.Now()
	_, err := within(ctx, soon, func(context.Context) (*sdk.ReviewResponse, error) {
		return department.Review(short, req)
	})
	if took := time.Since(start); took > soon+after {
		return fmt.Sprintf("it went on for %s: %v", took.Round(time.Millisecond), err)
	}
	return ""
}
