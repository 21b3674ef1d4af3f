package desk_test

import (
	"context"
	"crypto/rand"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// clients is how many ask at the same time.
const clients = 16

// asMany runs a benchmark with that many clients.
func asMany(b *testing.B, act func()) {
	b.SetParallelism(clients / runtime.GOMAXPROCS(0))
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			act()
		}
	})
}

// BenchmarkIssueTicket: kiosks that ask at the same time, in a hall where about
// forty wait.
func BenchmarkIssueTicket(b *testing.B) {
	for _, name := range dbtest.Expected(b) {
		b.Run(name, func(b *testing.B) {
			h := newHall(b, dbtest.New(b, name), 5)
			h.fill(waiting)
			ctx := h.as("per_kiosk")
			var issued atomic.Int64
			asMany(b, func() {
				_, err := h.desk.IssueTicket(ctx, desk.IssueTicketInput{IdempotencyKey: rand.Text(), SiteID: siteID, ServiceCode: ptr("isee")})
				if err != nil {
					b.Error(err)
				}
				if issued.Add(1)%waiting == 0 {
					h.empty(b)
				}
			})
		})
	}
}

// waiting is how many people wait in the hall, and how many more may come before
// somebody sends them home.
const waiting = 30

// empty sends everybody home who waits for a number of the benchmark.
func (h *hall) empty(b *testing.B) {
	err := h.store.InTx(h.system(), "empty the hall", func(ctx context.Context, tx *store.Tx) error {
		return tx.Leg.Update().Where(leg.StateEQ(town.LegWaiting), leg.ServiceID("isee")).SetState(town.LegLeft).Exec(ctx)
	})
	if err != nil {
		b.Error(err)
	}
}

// BenchmarkCallNext: one counter that calls, and puts back whom it called, in a hall
// where many wait.
func BenchmarkCallNext(b *testing.B) {
	for _, name := range dbtest.Expected(b) {
		b.Run(name, func(b *testing.B) {
			h := newHall(b, dbtest.New(b, name), 1)
			h.fill(100)
			s, me := h.open(1), h.as(operator(1))
			for b.Loop() {
				l := h.call(s)
				b.StopTimer()
				_, err := h.desk.ReturnLeg(me, in(l))
				h.must(err)
				b.StartTimer()
			}
		})
	}
}
