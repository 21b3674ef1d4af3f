package casework_test

import (
	"encoding/json"
	"runtime"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// BenchmarkSubmitIntake files changes of residence from the form to the durable
// case, with the department in process.
func BenchmarkSubmitIntake(b *testing.B) {
	for _, name := range dbtest.Expected(b) {
		b.Run(name, func(b *testing.B) {
			h := newHouse(b, dbtest.New(b, name))
			ctx, answers := h.as(b, operator), form(b, "cambio-residenza", nil)
			b.SetParallelism(16 / runtime.GOMAXPROCS(0)) // 16 clients
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

// BenchmarkAssess is what the house itself thinks about a filed form: the check of
// every field, the department's rules, the rules of the whole town, and the merge.
// It takes the bundled form with the most fields of those at hand.
func BenchmarkAssess(b *testing.B) {
	d := newDepartments(b)
	global, err := sdk.CompileGlobal(d.common)
	if err != nil {
		b.Fatal(err)
	}
	p := d.byPractice["cambio-residenza"].Practice
	var answers map[string]json.RawMessage
	if err := json.Unmarshal(form(b, "cambio-residenza", nil), &answers); err != nil {
		b.Fatal(err)
	}
	facts := sdk.Facts{Now: opening, Calendar: d.common.Calendar, Ambient: sdk.ClockAmbient(opening)}
	for b.Loop() {
		in, problems := p.Check(answers, facts)
		if len(problems) > 0 {
			b.Fatal(problems)
		}
		sdk.Merge(in, p.Fire(in), global.Fire(in), nil)
	}
}
