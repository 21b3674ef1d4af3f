package sdktest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

func determinismPromises() []promise {
	const contract = "The same request has the same answer, whatever was asked before, at the same time, or on another day."
	return []promise{
		{
			group: "determinism", name: "the same request has the same answer", clause: 4, contract: contract,
			mend: "Take the moment from the request, sort what comes out of a map, leave chance and the wall clock out.",
			keep: keepAgain, needs: true,
		},
		{
			group: "determinism", name: "in another order", clause: 4, contract: contract,
			mend: "Keep nothing from one review to the next.",
			keep: keepOrder, needs: true,
		},
		{
			group: "determinism", name: "from several callers at once", clause: 4, contract: contract,
			mend: "Share no variable between reviews; each has its own.",
			keep: keepParallel, needs: true,
		},
		{
			group: "determinism", name: "the same moment in another time zone", clause: 4,
			contract: "now is a moment; its civil date is that of Europe/Rome, whatever its offset.",
			mend:     "Convert now to Europe/Rome before you take its date.",
			keep:     keepZone, needs: true,
		},
	}
}

// other asks again and tells what differs from the first answer.
func (s *suite) other(ctx context.Context, one *sample) string {
	return s.differs(ctx, one, one)
}

// differs asks the changed request and tells what differs from the first answer
// to the original.
func (s *suite) differs(ctx context.Context, one, changed *sample) string {
	was := said(one.answer, one.err)
	is := said(s.department.Review(ctx, changed.request))
	if is == was {
		return ""
	}
	return "now    " + shown(is) + "\nbefore " + shown(was)
}

func keepAgain(ctx context.Context, s *suite, c *Check) {
	for _, one := range s.good() {
		for range 2 {
			c.Tell("reviewed again: "+one.name, s.other(ctx, one))
		}
	}
}

func keepOrder(ctx context.Context, s *suite, c *Check) {
	for _, one := range slices.Backward(s.good()) {
		c.Tell("reviewed all forms backwards: "+one.name, s.other(ctx, one))
	}
}

// callers is how many ask at once.
const callers = 4

func keepParallel(ctx context.Context, s *suite, c *Check) {
	var all sync.WaitGroup
	var mu sync.Mutex // guards c
	for n := range callers {
		all.Go(func() {
			good := s.good()
			for i := range good {
				one := good[(i+n*len(good)/callers)%len(good)]
				got := s.other(ctx, one)
				mu.Lock()
				c.Tell(fmt.Sprintf("reviewed with %d callers: %s", callers, one.name), got)
				mu.Unlock()
			}
		})
	}
	all.Wait()
}

// keepZone also moves the request to shortly after midnight in Rome, when it is
// still yesterday by UTC.
func keepZone(ctx context.Context, s *suite, c *Check) {
	for _, one := range s.good() {
		night := *one
		night.request.Now = calc.Local(calc.DateOf(one.request.Now), 0, 30, calc.Rome())
		night.answer, night.err = s.department.Review(ctx, night.request)
		for _, zone := range []*time.Location{time.UTC, time.FixedZone("", 9*3600)} {
			moved := night
			moved.request.Now = night.request.Now.In(zone)
			c.Tell(fmt.Sprintf("reviewed %s at %s", one.name, moved.request.Now.Format(time.RFC3339)), s.differs(ctx, &night, &moved))
		}
	}
}
