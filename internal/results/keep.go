package results

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/dailyfigure"
	"github.com/spazio-in-comune/sportello/internal/results/tally"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/stream"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// ConsumerName is the name under which the place in the log is kept up to which the
// figures are counted.
const ConsumerName = "results"

// Consumer counts events and keeps the counts, some moments after they happened.
func Consumer() stream.BatchConsumer {
	return stream.BatchConsumer{Name: ConsumerName, Groups: tally.Groups(), Pause: time.Second, Handle: keep}
}

// keep adds the events to the stored counts, in the unit that moves the place in the log.
func keep(ctx context.Context, tx *store.Tx, events []town.Event) error {
	counts := tally.Counts{}
	for _, e := range events {
		counts.Apply(e)
	}
	keys := make([]tally.Key, 0, len(counts))
	for key := range counts {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, tally.Compare) // always the same order, so that no two units wait for each other
	for _, key := range keys {
		if err := add(ctx, tx, key, counts[key]); err != nil {
			return err
		}
	}
	return nil
}

func add(ctx context.Context, tx *store.Tx, key tally.Key, times int64) error {
	changed, err := tx.DailyFigure.Update().Where(
		dailyfigure.Day(key.Day), dailyfigure.Figure(string(key.Figure)),
		dailyfigure.OfficeID(key.OfficeID), dailyfigure.ServiceID(key.ServiceID), dailyfigure.PracticeID(key.PracticeID),
		dailyfigure.Level(int(key.Level)), dailyfigure.Detail(key.Detail), dailyfigure.Measure(key.Measure),
	).AddTimes(times).Save(ctx)
	if err == nil && changed == 0 {
		err = tx.DailyFigure.Create().SetDay(key.Day).SetFigure(string(key.Figure)).
			SetOfficeID(key.OfficeID).SetServiceID(key.ServiceID).SetPracticeID(key.PracticeID).
			SetLevel(int(key.Level)).SetDetail(key.Detail).SetMeasure(key.Measure).SetTimes(times).Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("count %s of %s: %w", key.Figure, key.Day, err)
	}
	return nil
}

// keyOf is the key of a stored count.
func keyOf(row *ent.DailyFigure) tally.Key {
	return tally.Key{
		Day: row.Day, Figure: tally.Figure(row.Figure), OfficeID: row.OfficeID, ServiceID: row.ServiceID,
		PracticeID: row.PracticeID, Level: town.Level(row.Level), Detail: row.Detail, Measure: row.Measure,
	}
}

// Groups are the first words of the types of the events from which figures are counted.
func Groups() []string { return tally.Groups() }
