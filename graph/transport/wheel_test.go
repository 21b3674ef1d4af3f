package transport

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/spazio-in-comune/sportello/graph/limits"
)

// TestWheel looks at many sockets, each when it is due and none after it has gone, and stands still without any.
func TestWheel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		table := limits.Default()
		w := newWheel(table.InitTimeout)
		transport := &WebSocket{table: table, wheel: w}
		sockets := make([]*socket, 700)
		start := time.Now()
		for i := range sockets {
			// Closed already: looked at once.
			s := &socket{t: transport, code: CloseNormal, until: start.Add(time.Duration(i+1) * 20 * time.Millisecond)}
			sockets[i] = s
			w.set(s, s.until.Sub(start))
		}
		for _, s := range sockets[:350] {
			w.remove(s)
		}
		w.set(sockets[699], time.Millisecond) // moved
		for i, s := range sockets[350:699] {
			time.Sleep(time.Until(s.until.Add(-w.tick)))
			w.mu.Lock()
			early := !s.place.in
			w.mu.Unlock()
			if early {
				t.Fatalf("%d was looked at early", i)
			}
		}
		time.Sleep(time.Minute)
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.count != 0 || w.turning {
			t.Errorf("%d are left, turning %v", w.count, w.turning)
		}
	})
}
