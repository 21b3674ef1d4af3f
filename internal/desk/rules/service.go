package rules

import (
	"math"
	"math/rand/v2"
)

// Service is the time that one visit takes at the desk: lognormal, as measured at
// real counters.
type Service struct {
	MeanSeconds float64
	Sigma       float64
}

// points is how finely a law is known: as so many times that are equally likely.
const points = 64

// law is a service time, or the rest of one, ready to be drawn from.
type law [points]float64

// law of the rest of a service that has already taken a while: the longer it lasts,
// the longer it may still last.
func (o Ongoing) law() *law {
	mu := math.Log(o.MeanSeconds) - o.Sigma*o.Sigma/2
	done := 0.0 // the share of services that would have ended by now
	if o.ElapsedSeconds > 0 {
		done = normalCDF((math.Log(o.ElapsedSeconds) - mu) / o.Sigma)
	}
	const almostSure = 1 - 1e-9
	var l law
	for i := range l {
		u := done + (1-done)*(float64(i)+0.5)/points
		if u >= almostSure {
			l[i] = o.MeanSeconds // beyond all experience: as long as an average one
			continue
		}
		l[i] = max(math.Exp(mu+o.Sigma*normalQuantile(u))-o.ElapsedSeconds, 0)
	}
	return &l
}

func (l *law) draw(rng *rand.Rand) float64 { return l[rng.Uint64()%points] }

// variance of the service time, in seconds squared.
func (s Service) variance() float64 {
	return math.Expm1(s.Sigma*s.Sigma) * s.MeanSeconds * s.MeanSeconds
}

func normalCDF(z float64) float64      { return 0.5 * math.Erfc(-z/math.Sqrt2) }
func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }
