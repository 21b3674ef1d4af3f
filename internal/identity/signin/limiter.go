package signin

import (
	"fmt"
	"net"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// How often one network address may begin to sign in: each time a row is written. A whole
// office may stand behind one address.
const (
	beginningsPerMinute = 60
	beginningsAtOnce    = 30
	maxAddresses        = 10_000
)

// limiter counts the sign-ins that an address begins. It is safe for many goroutines.
type limiter struct {
	known *lru.Cache[string, *rate.Limiter]
}

func newLimiter() (*limiter, error) {
	known, err := lru.New[string, *rate.Limiter](maxAddresses)
	if err != nil {
		return nil, fmt.Errorf("make the limit on sign-ins: %w", err)
	}
	return &limiter{known: known}, nil
}

func (l *limiter) allow(remote string) bool {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	fresh := rate.NewLimiter(rate.Every(time.Minute/beginningsPerMinute), beginningsAtOnce)
	if known, there, _ := l.known.PeekOrAdd(host, fresh); there {
		return known.Allow()
	}
	return fresh.Allow()
}
