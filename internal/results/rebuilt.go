package results

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/interval"
	"github.com/spazio-in-comune/sportello/ent/stepnote"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/results/rebuild"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/stream"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Thing is a row that is not stored as the log gives it.
type Thing struct {
	Projection string `json:"projection"`
	ID         string `json:"id"`
	Stored     string `json:"stored"`
	Log        string `json:"log"`
}

// String names the row and both values.
func (t Thing) String() string {
	return fmt.Sprintf("%s %s: stored %q, the log gives %q", t.Projection, t.ID, t.Stored, t.Log)
}

// Rebuild makes the state of things again out of the log and compares every row by value.
// It may run beside a server: what changes while it reads is left to the next time. It
// says how many rows it compared. A thing of which the log has nothing is not compared: it
// was there before the log, or its data were erased. The calendar is that of the town: the
// dates of clocks are counted with it.
func Rebuild(ctx context.Context, s *store.Store, calendar calc.Calendar) (compared int, findings []Thing, err error) {
	ctx = access.System(ctx, "rebuild from the log")
	replayed, log := rebuild.NewLog(), stream.NewLog(s, 0)
	at, err := apply(ctx, log, replayed, 0)
	if err != nil {
		return 0, nil, err
	}
	before := replayed.Copy()
	stored, err := storedState(ctx, s)
	if err != nil {
		return 0, nil, err
	}
	var cases []storedTerm
	if err := eachCase(ctx, s, func(c storedTerm) { cases = append(cases, c) }); err != nil {
		return 0, nil, err
	}
	if _, err := apply(ctx, log, replayed, at); err != nil { // what has moved since
		return 0, nil, err
	}
	compared, findings = compareClocks(cases, before, replayed, calendar)
	for thing, value := range stored {
		want, known := before.State[thing]
		if !known || want != replayed.State[thing] {
			continue
		}
		compared++
		if want != value {
			findings = append(findings, Thing{thing.Projection, thing.ID, value, want})
		}
	}
	slices.SortFunc(findings, func(a, b Thing) int {
		return cmp.Or(cmp.Compare(a.Projection, b.Projection), cmp.Compare(a.ID, b.ID))
	})
	return compared, findings, nil
}

// apply takes the events after a number, up to the newest, and gives its number.
func apply(ctx context.Context, log *stream.Log, to *rebuild.Log, after int64) (int64, error) {
	upTo, err := log.Newest(ctx)
	if err != nil {
		return after, err
	}
	for after < upTo {
		events, more, err := log.Between(ctx, stream.Filter{Groups: rebuild.Groups()}, after, upTo, replayPage)
		if err != nil {
			return after, err
		}
		for _, e := range events {
			to.Apply(e)
		}
		if !more {
			return upTo, nil
		}
		after = events[len(events)-1].Seq
	}
	return upTo, nil
}

func storedState(ctx context.Context, s *store.Store) (rebuild.State, error) {
	db, state := s.Reader(), rebuild.State{}
	legs, err := db.Leg.Query().WithIntervals(func(q *ent.IntervalQuery) { q.Order(ent.Asc(interval.FieldOrdinal)) }).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the stops: %w", err)
	}
	for _, l := range legs {
		var states []string
		for _, i := range l.Edges.Intervals {
			states = append(states, string(i.State))
		}
		state[rebuild.Thing{Projection: rebuild.Legs, ID: l.ID}] = rebuild.LegText(string(l.State), states)
	}
	visits, err := db.Visit.Query().All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the visits: %w", err)
	}
	for _, v := range visits {
		is := rebuild.VisitOpen
		if v.ClosedAt != nil {
			is = rebuild.VisitClosed
		}
		state[rebuild.Thing{Projection: rebuild.Visits, ID: v.ID}] = is
	}
	sessions, err := db.CounterSession.Query().All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the shifts: %w", err)
	}
	for _, row := range sessions {
		state[rebuild.Thing{Projection: rebuild.Sessions, ID: row.ID}] = string(row.State)
	}
	return state, storedFiles(ctx, db, state)
}

func storedFiles(ctx context.Context, db *ent.Client, state rebuild.State) error {
	files, err := db.CaseFile.Query().All(ctx)
	if err != nil {
		return fmt.Errorf("read the cases: %w", err)
	}
	for _, f := range files {
		if f.ErasedAt == nil {
			state[rebuild.Thing{Projection: rebuild.Cases, ID: f.ID}] = string(f.Phase)
		}
	}
	former, err := db.FormerOffice.Query().All(ctx)
	if err != nil {
		return fmt.Errorf("read the former offices: %w", err)
	}
	for _, row := range former {
		state[rebuild.Thing{Projection: rebuild.FormerOffices, ID: row.OfficeID + " " + row.CaseID}] = "reads"
	}
	steps, err := db.Escalation.Query().All(ctx)
	if err != nil {
		return fmt.Errorf("read the steps of the ladder: %w", err)
	}
	for _, e := range steps {
		state[rebuild.Thing{Projection: rebuild.Steps, ID: e.ID}] = rebuild.StepText(string(e.State), string(e.Outcome), e.OwnerOffice)
		state[rebuild.Thing{Projection: rebuild.StepRatings, ID: e.ID}] = strconv.Itoa(e.Rating)
		state[rebuild.Thing{Projection: rebuild.StepTerms, ID: e.ID}] = rebuild.StepTermsText(e.AcknowledgeBy.String(), e.DueOn.String(), rebuild.Moment(momentOf(e.DueAt)))
	}
	reports, err := db.StepNote.Query().Where(stepnote.KindEQ(town.NoteReport)).All(ctx)
	if err != nil {
		return fmt.Errorf("read the requests for reports: %w", err)
	}
	for _, r := range reports {
		state[rebuild.Thing{Projection: rebuild.Reports, ID: r.ID}] = rebuild.ReportText(r.EscalationID, r.OfficeID, r.DueOn.String(), rebuild.Moment(momentOf(r.AnsweredAt)))
	}
	words, err := db.Feedback.Query().All(ctx)
	if err != nil {
		return fmt.Errorf("read the words: %w", err)
	}
	for _, f := range words {
		state[rebuild.Thing{Projection: rebuild.Words, ID: f.ID}] = strconv.Itoa(f.Score)
	}
	return nil
}
