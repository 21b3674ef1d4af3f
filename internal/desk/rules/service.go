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

// law is a service time ready to be drawn from.
type law struct {
	mean, mu, sigma float64
	// done is the share of services that would have ended by now.
	done, elapsed float64
}

func (s Service) law() law {
	return law{mean: s.MeanSeconds, mu: math.Log(s.MeanSeconds) - s.Sigma*s.Sigma/2, sigma: s.Sigma}
}

// law of the rest of a service that has already taken a while.
func (o Ongoing) law() law {
	l := o.Service.law()
	if o.ElapsedSeconds > 0 {
		l.elapsed = o.ElapsedSeconds
		l.done = normalCDF((math.Log(l.elapsed) - l.mu) / l.sigma)
	}
	return l
}

// variance of the service time, in seconds squared.
func (s Service) variance() float64 {
	return math.Expm1(s.Sigma*s.Sigma) * s.MeanSeconds * s.MeanSeconds
}

func (l law) draw(rng *rand.Rand) float64 {
	return math.Exp(l.mu + l.sigma*rng.NormFloat64())
}

// drawRest draws how much longer a service takes: the longer it lasts, the longer
// it may still last.
func (l law) drawRest(rng *rand.Rand) float64 {
	if l.elapsed == 0 {
		return l.draw(rng)
	}
	const almostSure = 1 - 1e-9
	u := l.done + (1-l.done)*rng.Float64()
	if u >= almostSure {
		return l.mean // beyond all experience: as long as an average one
	}
	return max(math.Exp(l.mu+l.sigma*normalQuantile(u))-l.elapsed, 0)
}

func normalCDF(z float64) float64      { return 0.5 * math.Erfc(-z/math.Sqrt2) }
func normalQuantile(p float64) float64 { return math.Sqrt2 * math.Erfinv(2*p-1) }
