package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/demo"
	"github.com/spazio-in-comune/sportello/internal/town"
	towndata "github.com/spazio-in-comune/sportello/plugins/town"
)

func serveCommand() *cobra.Command {
	var flags databaseFlags
	var listen string
	var demoTown bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Start the server with its departments",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg := appConfig{
				Listen: listen, Data: flags.data, Database: flags.database, Demo: demoTown,
				Clock: town.SystemClock{}, Logger: newLogger(cmd.ErrOrStderr()),
			}
			return serve(cmd.Context(), cfg, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags.register(cmd)
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "address to listen on; port 0 takes a free one")
	cmd.Flags().BoolVar(&demoTown, "demo", false, "a demonstration town with invented people, on loopback only")
	return cmd
}

// serve runs the house until ctx ends.
func serve(ctx context.Context, cfg appConfig, out, help io.Writer) error {
	hours, err := openingHours(cfg.Demo)
	if err != nil {
		return err
	}
	cfg.Hours = hours
	a, err := newApp(ctx, cfg)
	if err != nil {
		return err
	}
	if cfg.Demo {
		if err := a.fillDemoDay(ctx); err != nil {
			return errors.Join(err, a.close())
		}
		printWelcome(help, a)
	}
	if _, err := fmt.Fprintf(out, "listening on %s\n", a.http.URL()); err != nil {
		return errors.Join(fmt.Errorf("say where the server listens: %w", err), a.close())
	}
	return errors.Join(a.serve(ctx), a.close())
}

// openingHours are always for a demonstration, else the town's.
func openingHours(demoTown bool) (demo.Hours, error) {
	if demoTown {
		return demo.AlwaysOpen(), nil
	}
	data, err := towndata.Load()
	if err != nil {
		return nil, fmt.Errorf("load the town's data: %w", err)
	}
	return data.OpeningHours, nil
}

// newLogger writes JSON lines; SPORTELLO_LOG=debug shows more.
func newLogger(w io.Writer) *slog.Logger {
	level := slog.LevelInfo
	if os.Getenv("SPORTELLO_LOG") == "debug" {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
}

// printWelcome tells a newcomer where to look and what to try.
func printWelcome(w io.Writer, a *app) {
	where := "--data " + a.cfg.Data
	if a.cfg.Database != "" {
		where = "--database DSN"
	}
	_, _ = fmt.Fprintf(w, `
  Sportello: the demo town is open · la città dimostrativa è aperta

    live board · tabellone     %[1]s/
    API explorer               %[1]s/explorer/
    GraphQL                    %[1]s/graphql
    health, metrics            %[1]s/healthz  %[1]s/readyz  %[1]s/metrics

  Sign in as anyone of the town with a bearer token · accedere con un token:

    bin/sportello token %[2]s --as operator1

    names: citizen, citizen2, kiosk, display, info, operator1 … operator5,
    officer.OFFICE, head.OFFICE, helppoint, assessore, mayor, admin, auditor

  Three things to try in the explorer (the README's tour has more):

    1. take a number    mutation { issueTicket(input: {idempotencyKey: "try-1", siteId: "%[3]s",
                          serviceCode: "anagrafe"}) { visit { label ahead } code } }         as kiosk
    2. see the queue    { queue(siteId: "%[3]s", officeCode: "sportello") { waiting { label } } }   as operator1
    3. watch the Mayor's alerts   subscription { escalationsChanged(level: 5) { kind open { ownerOffice { title { en } } dueOn } } }   as mayor

`, a.http.URL(), where, demo.SiteID)
}
