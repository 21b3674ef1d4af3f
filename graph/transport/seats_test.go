package transport

import (
	"net/http"
	"net/netip"
	"testing"
)

func TestAddressOf(t *testing.T) {
	for name, tt := range map[string]struct{ remote, want string }{
		"IPv4":                    {"192.0.2.7:4000", "192.0.2.7"},
		"IPv4 written as IPv6":    {"[::ffff:192.0.2.7]:4000", "192.0.2.7"},
		"IPv6 is its network":     {"[2001:db8:1:2:3:4:5:6]:4000", "2001:db8:1:2::"},
		"IPv6 of a link":          {"[fe80::1%eth0]:4000", "fe80::"},
		"from a proxy":            {"198.51.100.3:0", "198.51.100.3"},
		"IPv6 of this machine":    {"[::1]:4000", "::"},
		"no address":              {"@", "invalid IP"},
		"a name is no address":    {"localhost:4000", "invalid IP"},
		"an address without port": {"192.0.2.7", "invalid IP"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := addressOf(&http.Request{RemoteAddr: tt.remote}).String(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
}

func TestSeats(t *testing.T) {
	s := newSeats[netip.Addr](2)
	here, there := netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("192.0.2.2")
	for i, step := range []struct {
		leave bool
		who   netip.Addr
		taken bool
	}{
		{who: here, taken: true},
		{who: here, taken: true},
		{who: here},
		{who: there, taken: true},
		{leave: true, who: here},
		{who: here, taken: true},
		{who: here},
		{taken: true}, // nobody is not counted
		{taken: true},
		{taken: true},
	} {
		if step.leave {
			s.leave(step.who)
			continue
		}
		if got := s.take(step.who); got != step.taken {
			t.Errorf("step %d: %v", i, got)
		}
	}
	for _, who := range []netip.Addr{here, here, there, {}} {
		s.leave(who)
	}
	if len(s.taken) != 0 {
		t.Errorf("%v is left", s.taken)
	}
}
