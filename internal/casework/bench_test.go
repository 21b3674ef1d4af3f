package casework_test

import (
	"testing"

	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// BenchmarkSubmitIntake files changes of residence from the form to the durable
// case, with the department in process.
func BenchmarkSubmitIntake(b *testing.B) {
	for _, name := range dbtest.Expected(b) {
		b.Run(name, func(b *testing.B) {
			h := newHouse(b, dbtest.New(b, name))
			ctx, answers := h.as(b, operator), form(b, "cambio-residenza", nil)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					submit(b, func() (*casework.Submitted, error) {
						return h.SubmitIntake(ctx, casework.SubmitIntakeInput{IdempotencyKey: key(), Practice: "cambio-residenza", Answers: answers})
					})
				}
			})
		})
	}
}

func submit(b *testing.B, file func() (*casework.Submitted, error)) {
	b.Helper()
	got, err := file()
	if err != nil || got.Status != town.IntakeAccepted {
		b.Errorf("got %+v, %v", got, err)
	}
}

// BenchmarkCasesPage reads the first page of an office with many cases.
func BenchmarkCasesPage(b *testing.B) {
	h := newHouse(b, dbtest.New(b, dbtest.SQLite))
	ctx := h.as(b, operator)
	answers := form(b, "certificato-anagrafico", nil)
	for range 1000 {
		submit(b, func() (*casework.Submitted, error) {
			return h.SubmitIntake(ctx, casework.SubmitIntakeInput{IdempotencyKey: key(), Practice: "certificato-anagrafico", Answers: answers})
		})
	}
	ctx = h.as(b, officer)
	for b.Loop() {
		page, err := h.Cases.Cases(ctx, town.PageArgs{}, casework.CaseFilter{})
		if err != nil || len(page.Items) != town.DefaultPageSize {
			b.Fatalf("%d cases, %v", len(page.Items), err)
		}
	}
}
