package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest/dbserver"
	"github.com/spazio-in-comune/sportello/internal/stream/natstest"
)

const (
	// launchPeak is the fullest half hour of a launch week, as the simulator draws it:
	// Monday's first, those who stand at the door included; visits per second.
	launchPeak = 40.0 / (30 * 60)
	// crowding is how many times that the two servers have to bear.
	crowding = 50
	// promised is the longest from the operator's click to 99 of 100 displays, in ms.
	promised = 1000
	// peakRound is how long the crowd comes in each round.
	peakRound = 20 * time.Second
)

// measureReplicas has a crowd served at two servers on one database, with NATS between
// them, while displays at both watch: how long from an operator's call until a display
// shows it.
func measureReplicas(ctx context.Context, o options, folder string, t *report) error {
	nats, err := natstest.Make(ctx, folder)
	if err != nil {
		return err
	}
	defer nats.Kill()
	if err := nats.Start(ctx); err != nil {
		return err
	}
	for _, name := range strings.Fields(os.Getenv(dbtest.EnvExpected)) {
		if name == dbtest.SQLite {
			continue // one server only
		}
		if err := measurePeak(ctx, o, filepath.Join(folder, name), name, nats.URL(), t); err != nil {
			return err
		}
	}
	return nil
}

func measurePeak(ctx context.Context, o options, folder, database, nats string, t *report) (err error) {
	town, err := startTown(ctx, o, folder, database, nats)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, town.stop()) }()
	wall, desks, err := town.furnish(ctx, max(1, o.sockets/100))
	if err != nil {
		return err
	}
	defer wall.leave()
	path := fmt.Sprintf("call to display, two servers, %d displays, launch peak × %d, %s", len(wall.displays), crowding, database)
	slow := t.add(&row{path: path + ", p99", unit: "ms", against: "what is promised", target: "≥ 1"})
	half := t.add(&row{path: path + ", median", unit: "ms"})
	for round := range o.rounds {
		progress("round %d of %d: two servers at the peak of a launch week × %d on %s", round+1, o.rounds, crowding, database)
		if err := serveCrowd(ctx, desks, wall); err != nil {
			return err
		}
		took, err := wall.result(ctx)
		if err != nil {
			return err
		}
		slow.ours, slow.limit = append(slow.ours, quantile(took, 0.99)), append(slow.limit, promised)
		half.ours = append(half.ours, median(took))
	}
	return nil
}

// serveCrowd has visitors come at the peak's pace, spread over the desks, for one round.
func serveCrowd(ctx context.Context, desks []*clerk, wall *wall) error {
	pause := time.Duration(float64(len(desks)) / (launchPeak * crowding) * float64(time.Second))
	var group errgroup.Group
	for i, d := range desks {
		group.Go(func() error {
			time.Sleep(pause * time.Duration(i) / time.Duration(len(desks)))
			for end := time.Now().Add(peakRound); time.Now().Before(end); {
				next := time.Now().Add(pause)
				if err := d.serveOne(ctx, wall, pause/3); err != nil {
					return err
				}
				time.Sleep(time.Until(next))
			}
			return nil
		})
	}
	return group.Wait()
}

// twoServers are a town with two servers, on a database server of their own.
type twoServers struct {
	db    *dbserver.Server
	dsn   string
	homes []*house
}

func startTown(ctx context.Context, o options, folder, database, nats string) (t *twoServers, err error) {
	progress("two servers start on %s", database)
	t = &twoServers{}
	if t.db, err = dbserver.New(database, true); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, t.stop())
		}
	}()
	if err := t.db.Start(ctx); err != nil {
		return t, err
	}
	if t.dsn, err = t.db.Schema(ctx, "town"); err != nil {
		return t, err
	}
	for i := range 2 {
		h := &house{program: filepath.Join(o.programs, "sportello"), data: filepath.Join(folder, fmt.Sprint(i))}
		h.process, err = start(ctx, h.program, "serve", "--demo", "--listen", "127.0.0.1:0", "--data", h.data,
			"--database", t.dsn, "--nats", nats, "--key-file", filepath.Join(folder, "kek.json"))
		if err != nil {
			return t, err
		}
		t.homes = append(t.homes, h)
	}
	return t, nil
}

func (t *twoServers) stop() error {
	var errs []error
	for _, h := range t.homes {
		errs = append(errs, h.stop())
	}
	return errors.Join(append(errs, t.db.Stop())...)
}

func (t *twoServers) token(ctx context.Context, name string) (string, error) {
	out, err := exec.CommandContext(ctx, t.homes[0].program, "token", "--data", t.homes[0].data, "--database", t.dsn, "--as", name).Output()
	if err != nil {
		return "", fmt.Errorf("token of %s: %w", name, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// furnish puts displays at each server, and clerks at the free desks, whose requests go to one server or the other.
func (t *twoServers) furnish(ctx context.Context, displays int) (*wall, []*clerk, error) {
	kiosk, err := t.token(ctx, "kiosk")
	if err != nil {
		return nil, nil, err
	}
	var desks []*clerk
	for i, who := range []struct{ name, office string }{ // those whose desks are free in a demo town
		{"operator5", "sportello"}, {"officer.back-office-tecnico", "back-office-tecnico"}, {"officer.polizia-locale", "polizia-locale"},
	} {
		officer, err := t.token(ctx, who.name)
		if err != nil {
			return nil, nil, err
		}
		d := &clerk{office: who.office}
		for j := range t.homes {
			at := t.homes[(i+j)%len(t.homes)].url
			d.kiosk, d.officer = append(d.kiosk, newAPI(at, kiosk)), append(d.officer, newAPI(at, officer))
		}
		slices.Reverse(d.kiosk) // a number is taken at one server and called at the other
		if err := d.open(ctx); err != nil {
			return nil, nil, err
		}
		desks = append(desks, d)
	}
	w := newWall()
	for _, h := range t.homes {
		if err := w.hang(ctx, h, displays); err != nil {
			w.leave()
			return nil, nil, err
		}
	}
	return w, desks, nil
}
