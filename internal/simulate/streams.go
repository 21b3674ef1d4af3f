package simulate

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"
)

// streams are all live connections of the week.
type streams struct {
	url string
	// pairs follow events without loss, each beside a reference that is never cut
	// off; boards follow the latest state.
	pairs  []*pair
	boards []*follower
	// held is how many of the pairs are held through the week: the first ones.
	held int
}

// pair is what one client followed, through cuts, and what an undisturbed one did.
type pair struct {
	live, reference *follower
	// expected is how many events of a type the answers of mutations told of; a
	// type that is not in it is not counted.
	expected map[string]int
}

// follow starts a pair, whose reference is a second connection of the same client.
func (s *streams) follow(ctx context.Context, what followed) (*pair, error) {
	beside := what
	beside.name += " (reference)"
	reference, err := follow(ctx, s.url, beside)
	if err != nil {
		return nil, err
	}
	return s.followBeside(ctx, what, reference), nil
}

// followBeside starts a pair with a reference that others use as well. The two
// begin at the same place, which is the reference's snapshot: a second snapshot
// could be of a later moment.
func (s *streams) followBeside(ctx context.Context, what followed, reference *follower) *pair {
	live := resumeFrom(ctx, s.url, what, reference.beginning())
	p := &pair{live: live, reference: reference, expected: map[string]int{}}
	s.pairs = append(s.pairs, p)
	return p
}

// watch starts a board.
func (s *streams) watch(ctx context.Context, what followed) error {
	board, err := follow(ctx, s.url, what)
	if err != nil {
		return err
	}
	s.boards = append(s.boards, board)
	return nil
}

// cuttable are the followers that may be cut off.
func (s *streams) cuttable() []*follower {
	all := append([]*follower(nil), s.boards...)
	for _, p := range s.pairs {
		all = append(all, p.live)
	}
	return all
}

// cuts draws the moments at which a connection is cut off, in opening hours.
func cuts(rng *rand.Rand, open []stretch, n int) []time.Time {
	moments := make([]time.Time, n)
	for i := range moments {
		s := open[rng.IntN(len(open))]
		moments[i] = s.from.Add(time.Duration(rng.Int64N(int64(s.to.Sub(s.from)))))
	}
	return moments
}

// awaitCall waits until every board has shown a call, or is a whole board behind.
func (s *streams) awaitCall(ctx context.Context, call boardCall) error {
	return await(ctx, startTimeout, func() bool {
		for _, board := range s.boards {
			if !board.shows(call) && board.failure() == nil {
				return false
			}
		}
		return true
	})
}

// settle waits until the live connections have received what the references have,
// and the references all that was expected; no longer than a while.
func (s *streams) settle(ctx context.Context) {
	_ = await(ctx, settleTimeout, func() bool {
		for _, p := range s.pairs {
			if !p.settled() {
				return false
			}
		}
		return true
	})
	// What must not come any more has a moment to come.
	quiet, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
	defer cancel()
	<-quiet.Done()
}

func (p *pair) settled() bool {
	if p.live.failure() != nil || p.reference.failure() != nil {
		return true
	}
	reference := p.reference.received()
	if len(p.live.received()) < len(reference) {
		return false
	}
	counts := countKinds(reference)
	for kind, n := range p.expected {
		if counts[kind] < n {
			return false
		}
	}
	return true
}

func countKinds(records []record) map[string]int {
	counts := map[string]int{}
	for _, r := range records {
		counts[r.kind]++
	}
	return counts
}

// end stops all of them.
func (s *streams) end() {
	for _, p := range s.pairs {
		p.live.end()
		p.reference.end()
	}
	for _, board := range s.boards {
		board.end()
	}
}

// await asks again and again, for at most a while of real time.
func await(ctx context.Context, atMost time.Duration, done func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	for !done() {
		select {
		case <-time.After(2 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("waited %s in vain", atMost)
		}
	}
	return nil
}
