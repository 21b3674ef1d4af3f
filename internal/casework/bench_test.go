package casework_test

import (
	"context"
	"encoding/json"
	"sync/atomic"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/store/replay"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// BenchmarkSubmitIntake files changes of residence from the form to the durable
// case, with the department in process, events and audit; in turns the same
// statements in plain SQL.
func BenchmarkSubmitIntake(b *testing.B) {
	const clients = 16
	for _, name := range dbtest.Expected(b) {
		b.Run(name, func(b *testing.B) {
			var log replay.Log
			db, forms := dbtest.New(b, name), formsOf(b, "cambio-residenza", 500)
			heard, h := newAuditedHouse(b, db, log.Hear), newAuditedHouse(b, dbtest.New(b, name), nil)
			act := func(h *house) replay.Act {
				var filed atomic.Int64
				return func(ctx context.Context) {
					ctx = h.asIn(ctx, b, operator)
					answers := forms[int(filed.Add(1))%len(forms)]
					submit(b, func() (*casework.Submitted, error) {
						return h.SubmitIntake(ctx, casework.SubmitIntakeInput{IdempotencyKey: key(), Practice: "cambio-residenza", Answers: answers})
					})
				}
			}
			replay.Benchmark(b, clients, act(h), replay.Heard{Act: act(heard), Log: &log, Copy: replay.Copy(b, heard.store, db)})
		})
	}
}

// formsOf are the forms of that many people: who has many cases open takes longer.
func formsOf(b *testing.B, practice string, people int) []json.RawMessage {
	b.Helper()
	forms := make([]json.RawMessage, people)
	for i := range forms {
		born := calc.Date{Year: 1980, Month: 1, Day: 1}.AddDays(i)
		code, err := calc.NewTaxCode("Rossi", "Mario", born, false, "F205")
		if err != nil {
			b.Fatal(err)
		}
		forms[i] = form(b, practice, map[string]any{"codice_fiscale": code, "data_nascita": born.String()})
	}
	return forms
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
