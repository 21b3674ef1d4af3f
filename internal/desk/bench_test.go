package desk_test

import (
	"context"
	"crypto/rand"
	"sync/atomic"
	"testing"

	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/store/replay"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// clients is how many ask at the same time.
const clients = 16

// BenchmarkIssueTicket: kiosks that ask at the same time, in a hall where about
// forty wait, with events and audit; in turns the same statements in plain SQL.
func BenchmarkIssueTicket(b *testing.B) {
	for _, name := range dbtest.Expected(b) {
		b.Run(name, func(b *testing.B) {
			var log replay.Log
			db := dbtest.New(b, name)
			heard, h := newHeardHall(b, db, 5, log.Hear), newHeardHall(b, dbtest.New(b, name), 5, nil)
			heard.fill(waiting)
			h.fill(waiting)
			var issued, also atomic.Int64
			replay.Benchmark(b, clients, func(ctx context.Context) { h.issueOrEmpty(ctx, b, &issued) },
				replay.Heard{Act: func(ctx context.Context) { heard.issueOrEmpty(ctx, b, &also) }, Log: &log, Copy: replay.Copy(b, heard.store, db)})
		})
	}
}

// issueOrEmpty is what one client does.
func (h *hall) issueOrEmpty(ctx context.Context, b *testing.B, issued *atomic.Int64) {
	_, err := h.desk.IssueTicket(h.asIn(ctx, "per_kiosk"), desk.IssueTicketInput{IdempotencyKey: rand.Text(), SiteID: siteID, ServiceCode: ptr("isee")})
	if err != nil {
		b.Error(err)
	}
	if issued.Add(1)%waiting == 0 {
		h.empty(ctx, b)
	}
}

// waiting is how many people wait in the hall, and how many more may come before
// somebody sends them home.
const waiting = 30

// empty sends everybody home who waits for a number of the benchmark.
func (h *hall) empty(ctx context.Context, b *testing.B) {
	err := h.store.InTx(access.System(ctx, "test"), "empty the hall", func(ctx context.Context, tx *store.Tx) error {
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
