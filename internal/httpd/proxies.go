package httpd

import (
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/realclientip/realclientip-go"
)

// Proxies are the networks whose word about the client's address is taken. The zero value
// takes nobody's.
type Proxies struct {
	trusted []net.IPNet
	header  realclientip.Strategy
}

// NewProxies reads networks such as 10.0.0.0/8, or single addresses.
func NewProxies(networks []string) (Proxies, error) {
	if len(networks) == 0 {
		return Proxies{}, nil
	}
	trusted, err := realclientip.AddressesAndRangesToIPNets(networks...)
	if err != nil {
		return Proxies{}, fmt.Errorf("read the networks of trusted proxies %s: want addresses or networks such as 10.0.0.0/8: %w", strings.Join(networks, ", "), err)
	}
	header, err := realclientip.NewRightmostTrustedRangeStrategy("X-Forwarded-For", trusted)
	if err != nil {
		return Proxies{}, fmt.Errorf("trust proxies: %w", err)
	}
	return Proxies{trusted, header}, nil
}

// addressing gives requests that come through a trusted proxy the address of its client:
// the last one in X-Forwarded-For that is no such proxy itself. What a client writes there
// of its own accord stands further to the left, and counts for nothing.
func (p Proxies) addressing(next http.Handler) http.Handler {
	if p.header == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if p.trusts(r.RemoteAddr) {
			if client := p.header.ClientIP(r.Header, r.RemoteAddr); client != "" {
				r.RemoteAddr = net.JoinHostPort(client, "0")
			}
		}
		next.ServeHTTP(w, r)
	})
}

func (p Proxies) trusts(remote string) bool {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	for _, network := range p.trusted {
		if ip != nil && network.Contains(ip) {
			return true
		}
	}
	return false
}
