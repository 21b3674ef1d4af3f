package results

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/results/tally"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/stream"
)

// Replayed is what came of counting the whole log anew.
type Replayed struct {
	// UpTo is the number of the last event that the stored figures count, and Events how
	// many up to there concern figures.
	UpTo   int64 `json:"upTo"`
	Events int64 `json:"events"`
	// Counts is how many counts the log gives.
	Counts int `json:"counts"`
	// Findings are the counts that are stored otherwise, in order; none if all is right.
	Findings []Finding `json:"findings"`
	// Compared is how many rows of things were rebuilt and compared, and Things those that
	// are stored otherwise, in order.
	Compared int     `json:"compared"`
	Things   []Thing `json:"things"`
}

// Finding is a count that is not stored as the log gives it.
type Finding struct {
	Day      string `json:"day"`
	Figure   string `json:"figure"`
	Office   string `json:"office,omitempty"`
	Service  string `json:"service,omitempty"`
	Practice string `json:"practice,omitempty"`
	Level    int    `json:"level,omitempty"`
	Detail   string `json:"detail,omitempty"`
	Measure  int    `json:"measure"`
	Stored   int64  `json:"stored"`
	Log      int64  `json:"log"`
}

// String names the count and both values.
func (f Finding) String() string {
	return fmt.Sprintf("%s %s office=%q service=%q practice=%q level=%d detail=%q measure=%d: %d stored, %d in the log",
		f.Day, f.Figure, f.Office, f.Service, f.Practice, f.Level, f.Detail, f.Measure, f.Stored, f.Log)
}

// replayPage is how many events are read at once.
const replayPage = 2000

// Replay counts the log anew, up to where the stored figures count it, and compares by
// value. It may run beside a server, and tells progress, in events, now and then.
func Replay(ctx context.Context, s *store.Store, progress func(done, total int64)) (*Replayed, error) {
	ctx = access.System(ctx, "replay of the figures")
	stored, upTo, err := storedCounts(ctx, s)
	if err != nil {
		return nil, err
	}
	report := &Replayed{UpTo: upTo}
	counted := tally.Counts{}
	log := stream.NewLog(s, 0)
	for at := int64(0); at < upTo; {
		events, more, err := log.Between(ctx, stream.Filter{Groups: tally.Groups()}, at, upTo, replayPage)
		if err != nil {
			return nil, err
		}
		for _, e := range events {
			counted.Apply(e)
		}
		report.Events += int64(len(events))
		if at = upTo; more {
			at = events[len(events)-1].Seq
		}
		progress(at, upTo)
	}
	report.Counts = len(counted)
	report.Findings = findings(stored.Differences(counted))
	return report, nil
}

// storedCounts are the stored counts and their place in the log, as of one moment.
func storedCounts(ctx context.Context, s *store.Store) (counts tally.Counts, upTo int64, err error) {
	tx, err := s.ReadDB().BeginTx(ctx, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("read the figures: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // it only reads
	err = tx.QueryRowContext(ctx, "SELECT seq FROM consumer_offsets WHERE id = ?", ConsumerName).Scan(&upTo)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	if err != nil {
		return nil, 0, fmt.Errorf("find the place of the figures in the log: %w", err)
	}
	rows, err := tx.QueryContext(ctx, "SELECT day, figure, office_id, service_id, practice_id, level, detail, measure, times FROM daily_figures")
	if err != nil {
		return nil, 0, fmt.Errorf("read the figures: %w", err)
	}
	defer func() { _ = rows.Close() }()
	counts = tally.Counts{}
	for rows.Next() {
		var k tally.Key
		var times int64
		if err := rows.Scan(&k.Day, &k.Figure, &k.OfficeID, &k.ServiceID, &k.PracticeID, &k.Level, &k.Detail, &k.Measure, &times); err != nil {
			return nil, 0, fmt.Errorf("read the figures: %w", err)
		}
		counts[k] += times
	}
	if err := rows.Err(); err != nil {
		return nil, 0, fmt.Errorf("read the figures: %w", err)
	}
	return counts, upTo, nil
}

func findings(differences []tally.Difference) []Finding {
	slices.SortFunc(differences, func(a, b tally.Difference) int { return tally.Compare(a.Key, b.Key) })
	list := make([]Finding, len(differences))
	for i, d := range differences {
		list[i] = Finding{
			Day: d.Key.Day.String(), Figure: string(d.Key.Figure), Office: d.Key.OfficeID, Service: d.Key.ServiceID,
			Practice: d.Key.PracticeID, Level: int(d.Key.Level), Detail: d.Key.Detail, Measure: d.Key.Measure,
			Stored: d.One, Log: d.Two,
		}
	}
	return list
}
