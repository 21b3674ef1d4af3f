package desk_test

import (
	"crypto/rand"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// BenchmarkIssueTicket: kiosks that ask at the same time, in a hall where many wait.
func BenchmarkIssueTicket(b *testing.B) {
	for _, name := range dbtest.Expected(b) {
		b.Run(name, func(b *testing.B) {
			h := newHall(b, dbtest.New(b, name), 5)
			h.fill(100)
			ctx := h.as("per_kiosk")
			b.SetParallelism(32)
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					_, err := h.desk.IssueTicket(ctx, desk.IssueTicketInput{IdempotencyKey: rand.Text(), SiteID: siteID, ServiceCode: ptr("isee")})
					if err != nil {
						b.Error(err)
					}
				}
			})
		})
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
