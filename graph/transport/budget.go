package transport

import "time"

// budget is how many messages a socket may still send at once; it fills up with time.
type budget struct {
	rate, burst float64
	left        float64
	at          time.Time
}

func newBudget(rate float64, burst int, now time.Time) budget {
	return budget{rate: rate, burst: float64(burst), left: float64(burst), at: now}
}

// spend takes one message and returns how long to wait before reading it.
func (b *budget) spend(now time.Time) time.Duration {
	b.left = min(b.burst, b.left+now.Sub(b.at).Seconds()*b.rate) - 1
	b.at = now
	if b.left >= 0 {
		return 0
	}
	return time.Duration(-b.left / b.rate * float64(time.Second))
}
