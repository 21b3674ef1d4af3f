// Bench measures the hot paths of the house against limits that it measures in the
// same run, taking turns, and prints one table: what the house does, what the same
// machine could do at best at that moment, and their ratio. Raw figures move with
// the machine and its neighbours; ratios hardly do.
//
//	go run ./internal/bench [-sockets 10000] [-cases 1000000] [-rounds 5] [-only fanout] [-bin bin]
//
// The house is the built program as a process of its own, with a demo town in a
// temporary folder. The databases are those of the tests: see package dbtest.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// options are the sizes of the run.
type options struct {
	rounds, sockets, cases int
	programs               string
	only                   string
}

// wants reports whether a part of the run is asked for.
func (o options) wants(part string) bool { return o.only == "" || o.only == part }

func main() {
	var o options
	flag.IntVar(&o.rounds, "rounds", 5, "measurements of each path; the table shows the medians")
	flag.IntVar(&o.sockets, "sockets", 10_000, "live boards of the fan-out, which is measured with 3,000 of them first")
	flag.IntVar(&o.cases, "cases", 1_000_000, "cases that lists are read from")
	flag.StringVar(&o.programs, "bin", "bin", "folder with the built programs")
	flag.StringVar(&o.only, "only", "", "one part: process, mutations, list, fanout, replicas")
	limit := flag.Bool("limit", false, "be the limit that the house is compared with; for this program's own use")
	unstored := flag.String("nothing", "", "be the mutations that store nothing, with this folder; for this program's own use")
	crowd := flag.Bool("crowd", false, "be the boards that follow one server; for this program's own use")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	work := func(ctx context.Context) error { return run(ctx, o) }
	switch {
	case *limit:
		work = serveLimit
	case *unstored != "":
		work = func(ctx context.Context) error { return serveNothing(ctx, o.programs, *unstored) }
	case *crowd:
		work = joinCrowd
	}
	err := work(ctx)
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) (err error) {
	folder, err := os.MkdirTemp("", "sportello-bench-")
	if err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	start, t := time.Now(), &report{}
	if o.wants("process") {
		if err := measureInProcess(ctx, o, folder, t); err != nil {
			return err
		}
	}
	if o.only != "process" && o.only != "replicas" {
		if err := measureLive(ctx, o, folder, t); err != nil {
			return err
		}
	}
	if o.wants("replicas") {
		if err := measureReplicas(ctx, o, folder, t); err != nil {
			return err
		}
	}
	t.print(os.Stdout)
	fmt.Printf("%d rounds in %s. The ratio is speed against the limit: above 1 is faster.\n", o.rounds, time.Since(start).Round(time.Second))
	return nil
}

// progress says what is being done; the table comes at the end.
func progress(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
}

// measureLive measures the running house beside the running limit.
func measureLive(ctx context.Context, o options, folder string, t *report) (err error) {
	h, err := startHouse(ctx, o.programs, folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.stop()) }()
	l, err := startSelf(ctx, "-limit")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.stop()) }()
	parts := []struct {
		name    string
		measure func() error
	}{
		{"mutations", func() error { return measureMutations(ctx, o, h, folder, t) }},
		{"list", func() error { return measureList(ctx, o, h, t) }},
		{"fanout", func() error { return measureFanOut(ctx, o, h, t) }},
	}
	for _, p := range parts {
		if !o.wants(p.name) {
			continue
		}
		if err := p.measure(); err != nil {
			return err
		}
	}
	return nil
}
