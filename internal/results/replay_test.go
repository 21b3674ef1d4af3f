package results_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent/dailyfigure"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/results"
	"github.com/spazio-in-comune/sportello/internal/results/tally"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/stream"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// A Monday.
var opening = time.Date(2026, 11, 16, 8, 0, 0, 0, time.UTC)

func house(t *testing.T) context.Context { return access.System(t.Context(), "test") }

func openStore(t *testing.T, db dbtest.DB) (*store.Store, *town.ManualClock) {
	t.Helper()
	clock := town.NewManualClock(opening)
	cfg := store.Config{DSN: db.DSN, Attach: access.Attach, Sign: access.Sign, Clock: clock}
	if db.Name == dbtest.SQLite {
		cfg.DSN, cfg.Dir = "", filepath.Dir(db.DSN)
	}
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, clock
}

// consuming runs the stream and as many consumers of the figures, until the test ends.
func consuming(t *testing.T, s *store.Store, replicas int) {
	t.Helper()
	st, err := stream.New(t.Context(), stream.Config{Store: s, Log: slog.New(slog.DiscardHandler), Replica: "one"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); st.Run(ctx) }()
	consumer := results.Consumer()
	consumer.Pause = 10 * time.Millisecond
	ended := make(chan error, replicas)
	for range replicas {
		go func() { ended <- st.ConsumeBatches(ctx, consumer) }()
	}
	t.Cleanup(func() {
		cancel()
		<-done
		for range replicas {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
	})
}

func emit(t *testing.T, s *store.Store, events ...town.Event) {
	t.Helper()
	err := s.InTx(house(t), "test", func(_ context.Context, tx *store.Tx) error {
		for _, e := range events {
			tx.Emit(e)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// called is a first call after a wait.
func called(office string, seconds int) town.Event {
	return town.Event{
		Type: town.EventLegCalled, OfficeID: office, ServiceID: "anagrafe", Level: town.LevelCounter,
		Data: map[string]string{town.DataClass: "P3", town.DataWaited: fmt.Sprint(seconds)},
	}
}

// counted waits until so many events are in the stored figures.
func counted(t *testing.T, s *store.Store, figure tally.Figure, total int64) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		rows, err := s.Reader().DailyFigure.Query().Where(dailyfigure.Figure(string(figure))).All(house(t))
		if err != nil {
			t.Fatal(err)
		}
		var n int64
		for _, row := range rows {
			n += row.Times
		}
		if n == total {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d counted after a minute", n, total)
		}
	}
}

func replay(t *testing.T, s *store.Store) *results.Replayed {
	t.Helper()
	var told int64
	report, err := results.Replay(t.Context(), s, func(done, _ int64) { told = done })
	if err != nil {
		t.Fatal(err)
	}
	if told != report.UpTo {
		t.Errorf("progress ended at %d of %d", told, report.UpTo)
	}
	return report
}

// Two replicas count while events come in, over several days; a replay gives the same, and
// finds a count that somebody changed, took out or put in.
func TestReplayComparesByValue(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s, clock := openStore(t, db)
		emit(t, s, called("births", 10)) // before anybody counts
		consuming(t, s, 2)
		const days, each = 3, 40
		for d := range days {
			for n := range each {
				emit(t, s, called("births", 20*n), town.Event{Type: town.EventSessionStarted})
			}
			clock.Set(opening.AddDate(0, 0, d+1))
		}
		counted(t, s, tally.Wait, days*each+1)

		report := replay(t, s)
		if diff := cmp.Diff([]results.Finding{}, report.Findings); diff != "" || report.Events != days*each+1 {
			t.Fatalf("%d events, findings (-want +got):\n%s", report.Events, diff)
		}

		first := func() int64 {
			return s.Reader().DailyFigure.Query().Where(dailyfigure.Measure(60), dailyfigure.Day(town.Today(opening))).OnlyX(house(t)).Times
		}
		was := first()
		tamper := func(unit store.Unit) {
			if err := s.InTx(house(t), "tamper", unit); err != nil {
				t.Fatal(err)
			}
		}
		sixty := results.Finding{Day: "2026-11-16", Figure: "wait", Office: "births", Service: "anagrafe", Level: 2, Detail: "P3", Measure: 60}
		tamper(func(ctx context.Context, tx *store.Tx) error {
			return tx.DailyFigure.Update().Where(dailyfigure.Measure(60), dailyfigure.Day(town.Today(opening))).AddTimes(7).Exec(ctx)
		})
		changed := sixty
		changed.Stored, changed.Log = was+7, was
		if diff := cmp.Diff([]results.Finding{changed}, replay(t, s).Findings); diff != "" {
			t.Errorf("changed (-want +got):\n%s", diff)
		}
		tamper(func(ctx context.Context, tx *store.Tx) error {
			_, err := tx.DailyFigure.Delete().Where(dailyfigure.Measure(60), dailyfigure.Day(town.Today(opening))).Exec(ctx)
			return err
		})
		gone := sixty
		gone.Log = was
		if diff := cmp.Diff([]results.Finding{gone}, replay(t, s).Findings); diff != "" {
			t.Errorf("taken out (-want +got):\n%s", diff)
		}
	})
}

func TestReplayOfAnEmptyLog(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s, _ := openStore(t, db)
		want := &results.Replayed{Findings: []results.Finding{}}
		if diff := cmp.Diff(want, replay(t, s)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
