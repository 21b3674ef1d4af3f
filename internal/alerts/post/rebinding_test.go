package post

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A name that answers with a public address when it is looked at, and with one of the house
// when it is used, leads nowhere: it is asked once for each try, and the connection goes to
// the very address that was checked.
func TestANameThatChangesItsMind(t *testing.T) {
	t.Parallel()
	house, public := netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("93.184.216.34")
	tests := map[string]struct {
		answers [][]netip.Addr // one for each time that the name is asked for
		private bool
		want    []string // what is connected to, in the first try and the second
	}{
		"public, then the house":       {answers: [][]netip.Addr{{public}, {house}}, want: []string{"93.184.216.34:443"}},
		"the house, then public":       {answers: [][]netip.Addr{{house}, {public}}, want: []string{"93.184.216.34:443"}},
		"both at once":                 {answers: [][]netip.Addr{{house, public}, {public, house}}, want: []string{"93.184.216.34:443", "93.184.216.34:443"}},
		"mapped":                       {answers: [][]netip.Addr{{netip.MustParseAddr("::ffff:127.0.0.1")}, {netip.MustParseAddr("::ffff:10.0.0.1")}}},
		"the cloud's own":              {answers: [][]netip.Addr{{netip.MustParseAddr("169.254.169.254")}, {netip.MustParseAddr("fd00::1")}}},
		"private, where it is allowed": {answers: [][]netip.Addr{{netip.MustParseAddr("10.0.0.1")}, {house}}, private: true, want: []string{"10.0.0.1:443"}},
		"no address":                   {answers: [][]netip.Addr{{}, {}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := NewWebhooks(test.private)
			asked := 0
			w.lookUp = func(_ context.Context, _, host string) ([]netip.Addr, error) {
				if host != "receiver.example" || asked >= len(test.answers) {
					t.Errorf("asked for %s the %dth time", host, asked+1)
					return nil, errors.New("no such name")
				}
				asked++
				return test.answers[asked-1], nil
			}
			var connected []string
			w.connect = func(_ context.Context, _, address string) (net.Conn, error) {
				connected = append(connected, address)
				return nil, errors.New("nobody is there")
			}
			for try := range test.answers {
				err := w.Send(t.Context(), Message{ID: "adel_1", URL: "https://receiver.example/token", Secret: "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", Body: []byte("{}")})
				if err == nil || strings.Contains(err.Error(), "token") {
					t.Errorf("try %d: %v", try+1, err)
				}
			}
			if asked != len(test.answers) {
				t.Errorf("the name was asked for %d times in %d tries", asked, len(test.answers))
			}
			if diff := cmp.Diff(test.want, connected); diff != "" {
				t.Errorf("connected to (-want +got):\n%s", diff)
			}
		})
	}
}

// This machine is connected to only where the address says so itself, and then nothing else.
func TestThisMachineByItsName(t *testing.T) {
	t.Parallel()
	w := NewWebhooks(true)
	w.lookUp = func(context.Context, string, string) ([]netip.Addr, error) {
		return []netip.Addr{netip.MustParseAddr("93.184.216.34"), netip.MustParseAddr("10.0.0.1"), netip.MustParseAddr("::1")}, nil
	}
	var connected []string
	w.connect = func(_ context.Context, _, address string) (net.Conn, error) {
		connected = append(connected, address)
		return nil, errors.New("nobody is there")
	}
	if _, err := w.dial(t.Context(), "tcp", "localhost:80"); err == nil || !slices.Equal(connected, []string{"[::1]:80"}) {
		t.Errorf("connected to %v, %v", connected, err)
	}
}
