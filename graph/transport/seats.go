package transport

import (
	"net/http"
	"net/netip"
	"sync"
)

// seats counts what each holds open, sockets and event streams together.
type seats[K comparable] struct {
	most int // of each

	mu    sync.Mutex // guards taken
	taken map[K]int
}

func newSeats[K comparable](most int) *seats[K] { return &seats[K]{most: most, taken: map[K]int{}} }

// take counts one more for who; false means that they have enough of them. The zero value is nobody, and not counted.
func (s *seats[K]) take(who K) bool {
	var nobody K
	if who == nobody {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[who] >= s.most {
		return false
	}
	s.taken[who]++
	return true
}

// leave gives back what take counted.
func (s *seats[K]) leave(who K) {
	var nobody K
	if who == nobody {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[who]--; s.taken[who] == 0 {
		delete(s.taken, who)
	}
}

// places are the seats of a server.
type places struct {
	users     *seats[string]
	addresses *seats[netip.Addr]
}

// addressOf is where a request comes from, for counting; the zero address where that is unknown. Of IPv6 the network
// counts, of which a single machine has all the addresses.
func addressOf(r *http.Request) netip.Addr {
	const network = 64
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	address := from.Addr().Unmap().WithZone("")
	if address.Is4() {
		return address
	}
	prefix, err := address.Prefix(network)
	if err != nil { // of addresses longer than this there are none
		return netip.Addr{}
	}
	return prefix.Addr()
}
