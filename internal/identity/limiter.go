package identity

import (
	"net/netip"
	"sync"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"
)

// The limit on guessing ticket codes.
const (
	missesPerMinute = 10
	// maxAddresses bounds the memory: the address that tried longest ago is forgotten.
	maxAddresses = 10_000
)

// guesses counts wrong codes by network address.
type guesses struct {
	mu    sync.Mutex // guards known, so that an address has one bucket
	known *lru.Cache[string, *rate.Limiter]
}

func newGuesses() (*guesses, error) {
	known, err := lru.New[string, *rate.Limiter](maxAddresses)
	if err != nil {
		return nil, err
	}
	return &guesses{known: known}, nil
}

// miss counts a wrong code: it is wrong as long as the address has a try left, and then
// RATE_LIMITED.
func (g *guesses) miss(address string, now time.Time, wrong error) error {
	if !g.bucket(address).AllowN(now, 1) {
		return errTooManyGuesses()
	}
	return wrong
}

func (g *guesses) bucket(address string) *rate.Limiter {
	network := networkOf(address)
	g.mu.Lock()
	defer g.mu.Unlock()
	bucket, ok := g.known.Get(network)
	if !ok {
		bucket = rate.NewLimiter(rate.Every(time.Minute/missesPerMinute), missesPerMinute)
		g.known.Add(network, bucket)
	}
	return bucket
}

// networkOf is the address, or the /64 of an IPv6 address, which one subscriber has
// to himself.
func networkOf(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil || ip.Unmap().Is4() {
		return address
	}
	network, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return address
	}
	return network.String()
}
