package rules

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Promise is an honest wait until the call, in seconds: half of the people wait
// less than the median, four of five less than P80.
type Promise struct{ Median, P80 int }

// Hall is the state from which a wait is foretold.
type Hall struct {
	// Busy are the services going on at the open desks.
	Busy []Ongoing
	// Free is how many open desks have nobody.
	Free int
	// Ahead are the services of those who will be called before, in their order.
	Ahead []Service
}

// Ongoing is a service that began a while ago.
type Ongoing struct {
	Service
	// ElapsedSeconds since it began; 0 for who is walking to the desk.
	ElapsedSeconds float64
}

const (
	// changeover is the time between two people at a desk, in seconds.
	changeover = 60
	draws      = 200
	// MaxReplay bounds the people ahead that are replayed one by one; beyond it the
	// sum of many services is as good as normal.
	MaxReplay = 60
	// z80 is the 80 % quantile of the standard normal law.
	z80 = 0.8416
)

// Foretell replays the hall many times, with services drawn from their laws and
// those going on continued from where they are, and reads the quantiles. It is
// deterministic: the same hall gives the same promise, so that a display does not
// flicker.
func Foretell(h Hall) Promise {
	desks := len(h.Busy) + h.Free
	switch {
	case desks == 0:
		h.Free = 1 // somebody will open
	case len(h.Ahead) < h.Free:
		return Promise{}
	}
	if len(h.Ahead) > MaxReplay {
		return fromQueueLength(h)
	}
	rng := rand.New(rand.NewPCG(0x5350, 0x4f52))
	replay := newReplay(h)
	waits := make([]float64, draws)
	for i := range waits {
		waits[i] = replay.once(rng)
	}
	slices.Sort(waits)
	return Promise{Median: seconds(waits[draws/2]), P80: seconds(waits[draws*8/10])}
}

// replay is a hall ready to be played many times.
type replay struct {
	busy, ahead []*law
	freeAt      []float64 // per desk, the busy ones first
}

func newReplay(h Hall) *replay {
	r := &replay{freeAt: make([]float64, len(h.Busy)+h.Free)}
	for _, o := range h.Busy {
		r.busy = append(r.busy, o.law())
	}
	known := map[Service]*law{}
	for _, s := range h.Ahead {
		if known[s] == nil {
			known[s] = Ongoing{Service: s}.law()
		}
		r.ahead = append(r.ahead, known[s])
	}
	return r
}

// once plays the hall and gives the moment at which the next one is called.
func (r *replay) once(rng *rand.Rand) float64 {
	clear(r.freeAt)
	for i, l := range r.busy {
		r.freeAt[i] = l.draw(rng) + changeover
	}
	for _, l := range r.ahead {
		r.freeAt[first(r.freeAt)] += l.draw(rng) + changeover
	}
	return r.freeAt[first(r.freeAt)]
}

func first(freeAt []float64) int {
	earliest := 0
	for i, at := range freeAt {
		if at < freeAt[earliest] {
			earliest = i
		}
	}
	return earliest
}

// fromQueueLength adds up the means and the variances of those ahead and shares
// them among the desks.
func fromQueueLength(h Hall) Promise {
	desks := float64(len(h.Busy) + h.Free)
	var mean, variance float64
	for _, s := range h.Ahead {
		mean += s.MeanSeconds + changeover
		variance += s.variance()
	}
	for _, o := range h.Busy {
		mean += o.MeanSeconds / 2
		variance += o.variance() / 2
	}
	mean /= desks
	return Promise{Median: seconds(mean), P80: seconds(mean + z80*math.Sqrt(variance)/desks)}
}

func seconds(s float64) int { return int(math.Ceil(s)) }
