package privacy

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/ent/feedback"
	"github.com/spazio-in-comune/sportello/ent/intake"
	"github.com/spazio-in-comune/sportello/ent/stepnote"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/privacy/retention"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// job erases one kind of things.
type job struct {
	// what is erased, in the words of a report.
	what string
	look look
	// erase erases one of them; false if it is not due after all.
	erase func(ctx context.Context, p *Privacy, tx *store.Tx, id string) (bool, error)
}

// jobs are in the order in which they must run: a person is left over once all else is
// gone.
func jobs() []job {
	return []job{
		{"cases", casesDue, eraseCase},
		{"visits", visitsDue, wiped(ofVisit(), inVisit(), town.EventVisitErased, func(e *town.Event, id string) { e.VisitID = id })},
		{"intakes", intakesDue, wiped([]wipe{{intake.Table, intake.FieldID, ofIntake}}, nil, town.EventIntakeErased, func(e *town.Event, id string) { e.IntakeID = id })},
		{"feedback", wordsDue, wiped([]wipe{{feedback.Table, feedback.FieldID, ofWord}}, nil, town.EventFeedbackErased, func(e *town.Event, id string) { e.FeedbackID = id })},
		{"steps of the ladder", stepsDue, wiped([]wipe{{escalation.Table, escalation.FieldID, ofStep}, {stepnote.Table, stepnote.FieldEscalationID, ofNote}}, nil, town.EventEscalationErased, func(e *town.Event, id string) { e.EscalationID = id })},
		{"sign-ins", signInsDue, eraseSignIn},
		{"drafts", draftsDue, eraseDraft},
		{"people", peopleDue, erasePersonDue},
	}
}

// Line is a line of the report: how many things of a kind a rule lets go.
type Line struct {
	What string `json:"what"`
	// Rule is the line of the table that holds.
	Rule  retention.Rule `json:"rule"`
	Count int            `json:"count"`
}

// Report says what was erased, or would be.
type Report struct {
	DryRun bool   `json:"dryRun"`
	Lines  []Line `json:"lines"`
}

// Total is how many things the report is about.
func (r Report) Total() int {
	n := 0
	for _, line := range r.Lines {
		n += line.Count
	}
	return n
}

// Run erases what has been kept long enough; a dry run only reports it. progress is told
// of each thing; it may be nil. Ended half-way, it may be run again; an error at the very
// end says that erased pages still lie in SQLite's journal, for as long as it is in use.
func (p *Privacy) Run(ctx context.Context, dryRun bool, progress func(what string, done int)) (Report, error) {
	ctx = access.System(ctx, "retention")
	if progress == nil {
		progress = func(string, int) {}
	}
	report := Report{DryRun: dryRun}
	for _, j := range jobs() {
		counts := map[retention.Rule]int{}
		err := p.runJob(ctx, j, dryRun, func(d due) {
			counts[d.rule]++
			progress(j.what, 1)
		})
		for rule, n := range counts {
			report.Lines = append(report.Lines, Line{What: j.what, Rule: rule, Count: n})
		}
		if err != nil {
			return report, fmt.Errorf("erase %s: %w", j.what, err)
		}
	}
	slices.SortStableFunc(report.Lines, func(a, b Line) int { return a.Rule.Line - b.Rule.Line })
	if dryRun || report.Total() == 0 {
		return report, nil
	}
	return report, p.store.EmptyJournal(ctx)
}

func (p *Privacy) runJob(ctx context.Context, j job, dryRun bool, tell func(due)) error {
	after := ""
	for {
		found, last, err := j.look(ctx, p, after)
		if err != nil {
			return err
		}
		for _, d := range found {
			if err := ctx.Err(); err != nil {
				return err
			}
			erased := true
			if !dryRun {
				if erased, err = p.eraseOne(ctx, j, d.id); err != nil {
					return err
				}
			}
			if erased {
				tell(d)
			}
		}
		if last == "" {
			return nil
		}
		after = last
	}
}

func (p *Privacy) eraseOne(ctx context.Context, j job, id string) (erased bool, err error) {
	err = p.store.InTx(ctx, "erase "+j.what, func(ctx context.Context, tx *store.Tx) error {
		erased, err = j.erase(ctx, p, tx, id)
		if errors.Is(err, errHeld) {
			erased, err = false, nil
		}
		return err
	})
	return erased, err
}
