package simulate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Server is a running town hall, which only the simulator uses.
type Server interface {
	// URL is the base of its addresses, such as http://127.0.0.1:8080.
	URL() string
	// Token is a bearer token of a demo person, such as "operator1".
	Token(login string) (string, error)
	// Settle does what is due at this moment, and returns when nothing of it is left.
	Settle(ctx context.Context) error
	// Books are what it has written down.
	Books() Books
	// Close stops it and waits until it has stopped.
	Close() error
}

// Options say which week is played, and against what.
type Options struct {
	// Profile is launch or steady.
	Profile string
	// Seed decides all that chance decides.
	Seed uint64
	// Days is how many days of the week are played, 1 to 6; 0 is all.
	Days int
	// Scale multiplies the volumes of the profile; 0 is 1.
	Scale float64
	// InPerson has everybody come: nobody files from home or by post.
	InPerson bool
	// Database is empty for SQLite in a folder of its own, which is removed at the
	// end; else a DSN of an empty database.
	Database string
	// Handling says of each practice type how often it is asked for in a launch week.
	Handling map[string]sdk.Handling
	// Report names a file for the report as JSON; empty for none.
	Report string
	// Out gets the tables, Progress the progress.
	Out, Progress io.Writer
	// Start builds and starts a furnished server with this clock: opening hours of
	// the town, demo people, no part-filled day.
	Start func(ctx context.Context, clock *town.ManualClock, dataDir, dsn string) (Server, error)
}

// ErrViolated says that the week was played and something that must hold did not;
// the report lists what.
var ErrViolated = errors.New("something that must hold did not hold")

// beforeOpening is when the clock starts, before the first opening.
const beforeOpening = time.Hour

// Run plays a week, writes the tables and the report, and fails unless all that
// must hold did.
func Run(ctx context.Context, o Options) error {
	started := time.Now()
	w, err := prepare(ctx, o)
	if err != nil {
		return err
	}
	defer w.cleanUp()
	if err := w.enter(); err != nil {
		return err
	}
	if err := w.play(); err != nil {
		return err
	}
	w.check()
	report := w.report(time.Since(started))
	w.streams.end()
	if err := report.write(o.Out, o.Report); err != nil {
		return err
	}
	if len(report.Violations) > 0 {
		return fmt.Errorf("%d violations: %w", len(report.Violations), ErrViolated)
	}
	return nil
}

// prepare starts the server in a folder of its own.
func prepare(ctx context.Context, o Options) (*week, error) {
	if o.Days == 0 {
		o.Days = 6
	}
	if o.Scale == 0 {
		o.Scale = 1
	}
	p, err := loadProfile()
	if err != nil {
		return nil, err
	}
	share, known := p.Profiles[o.Profile]
	if !known || o.Days < 1 || o.Days > 6 || o.Scale < 0 {
		return nil, fmt.Errorf("no such week: profile %q, %d days, scale %g", o.Profile, o.Days, o.Scale)
	}
	if o.InPerson {
		p.Channels.Online, p.Channels.Post = 0, 0
	}
	dir, err := os.MkdirTemp("", "sportello-week-")
	if err != nil {
		return nil, fmt.Errorf("make a data folder: %w", err)
	}
	clock := town.NewManualClock(p.FirstDay.At(8, 30, town.Rome()).Add(-beforeOpening))
	server, err := o.Start(ctx, clock, dir, o.Database)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("start the server: %w", err), os.RemoveAll(dir))
	}
	return newWeek(ctx, o, p, share*o.Scale, clock, server, dir), nil
}

func (w *week) cleanUp() {
	w.streams.end()
	w.api.close()
	if err := errors.Join(w.server.Close(), os.RemoveAll(w.dir)); err != nil {
		fmt.Fprintln(w.options.Progress, "cleaning up:", err)
	}
}
