package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/demo"
	"github.com/spazio-in-comune/sportello/internal/simulate"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	towndata "github.com/spazio-in-comune/sportello/plugins/town"
)

func simulateCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "simulate",
		Short: "Play the town hall through its public API, and check what must hold",
	}
	cmd.AddCommand(simulateWeekCommand(), simulateYearCommand())
	return cmd
}

func simulateWeekCommand() *cobra.Command {
	var o simulate.Options
	var verbose bool
	cmd := &cobra.Command{
		Use:   "week",
		Short: "Play a week on a server of its own: same seed, same week",
		Long: "Starts a server on a data folder of its own, with a clock that is moved, real department processes and\n" +
			"real sockets, and plays a week through the public API as the people of each role. Prints tables, and fails\n" +
			"unless all that must hold did.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var err error
			if o.Handling, err = handling(cmd.Context()); err != nil {
				return err
			}
			o.Out, o.Progress = cmd.OutOrStdout(), cmd.ErrOrStderr()
			o.Start = simulatedServer(verbose)
			return simulate.Run(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&o.Profile, "profile", "launch", "launch (1,000 practices with all services) or steady (600)")
	flags.Uint64Var(&o.Seed, "seed", 1, "decides all that chance decides")
	flags.StringVar(&o.Database, "database", "", "mysql://user:password@host:port/name of an empty database; empty means SQLite")
	flags.StringVar(&o.Report, "report", "", "also write the report to this file, as JSON")
	flags.IntVar(&o.Days, "days", 0, "play only the first days")
	flags.Float64Var(&o.Scale, "scale", 0, "multiply the number of people")
	flags.BoolVar(&o.InPerson, "in-person", false, "nobody files from home or by post")
	flags.BoolVar(&verbose, "verbose", false, "show the server's log")
	for _, name := range []string{"days", "scale", "in-person", "verbose"} {
		_ = flags.MarkHidden(name) // it is defined above
	}
	return cmd
}

// handling says how every practice in the house is worked and how often it is asked
// for.
func handling(ctx context.Context) (map[string]sdk.Handling, error) {
	all := map[string]sdk.Handling{}
	for _, bundled := range plugins.All() {
		department, err := bundled.New()
		if err != nil {
			return nil, fmt.Errorf("load %s: %w", bundled.Name, err)
		}
		described, err := department.Describe(ctx, sdk.DescribeRequest{})
		if err != nil {
			return nil, fmt.Errorf("describe %s: %w", bundled.Name, err)
		}
		for _, practice := range described.Definition.Practices {
			all[practice.ID] = practice.Handling
		}
	}
	return all, nil
}

// simulatedServer starts the house as serve does, but for the clock, the opening
// hours and the data folder.
func simulatedServer(verbose bool) func(context.Context, *town.ManualClock, string, string) (simulate.Server, error) {
	return func(ctx context.Context, clock *town.ManualClock, dataDir, dsn string) (simulate.Server, error) {
		shared, err := towndata.Load()
		if err != nil {
			return nil, fmt.Errorf("load the town's data: %w", err)
		}
		log := io.Discard
		if verbose {
			log = os.Stderr
		}
		a, err := newApp(ctx, appConfig{
			Listen: "127.0.0.1:0", Data: dataDir, Database: dsn, Demo: true, Hours: demo.Hours(shared.OpeningHours),
			Clock: clock, Logger: slog.New(slog.NewTextHandler(log, nil)),
		})
		if err != nil {
			return nil, err
		}
		serving, stop := context.WithCancel(ctx)
		s := &simulated{app: a, stop: stop, served: make(chan error, 1)}
		go func() { s.served <- a.serve(serving) }()
		return s, nil
	}
}

// simulated is the house that a simulation has for itself.
type simulated struct {
	app    *app
	stop   context.CancelFunc
	served chan error
}

// tokenLife is longer than any simulation takes.
const tokenLife = 6 * time.Hour

// URL implements [simulate.Server].
func (s *simulated) URL() string { return s.app.http.URL() }

// Token implements [simulate.Server].
func (s *simulated) Token(login string) (string, error) {
	return s.app.door.Tokens.Mint(context.Background(), login, tokenLife)
}

// Settle implements [simulate.Server].
func (s *simulated) Settle(ctx context.Context) error {
	for {
		terms, err := s.app.cases.ExpireDue(ctx)
		if err != nil {
			return fmt.Errorf("terms of cases: %w", err)
		}
		steps, err := s.app.voice.LapseDue(ctx)
		if err != nil {
			return fmt.Errorf("terms of the ladder: %w", err)
		}
		if terms+steps == 0 {
			return nil
		}
	}
}

// Books implements [simulate.Server].
func (s *simulated) Books() simulate.Books {
	return simulate.Books{Store: s.app.store, Calendar: s.app.town.Calendar}
}

// Close implements [simulate.Server].
func (s *simulated) Close() error {
	s.stop()
	return errors.Join(<-s.served, s.app.close())
}
