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

	"github.com/spazio-in-comune/sportello/graph/limits"
	"github.com/spazio-in-comune/sportello/internal/demo"
	"github.com/spazio-in-comune/sportello/internal/httpd"
	"github.com/spazio-in-comune/sportello/internal/stream"
	"github.com/spazio-in-comune/sportello/internal/town"
	towndata "github.com/spazio-in-comune/sportello/plugins/town"
)

func serveCommand() *cobra.Command {
	var flags databaseFlags
	var signIn signInConfig
	var told alertsConfig
	var documents documentsConfig
	var listen, pluginFolder, keys, nats string
	var trusted []string
	var perAddress int
	var demoTown bool
	var moment string
	var eventRetention time.Duration
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Start the server with its departments",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			clock, err := serveClock(moment, demoTown)
			if err != nil {
				return err
			}
			if err := signIn.check(); err != nil {
				return err
			}
			if nats != "" && flags.database == "" {
				return errors.New("--nats joins several servers on one MySQL database, and SQLite is for one server: add --database mysql://…, or leave --nats out")
			}
			if eventRetention <= 0 {
				return fmt.Errorf("--event-retention %v: want a time such as 720h", eventRetention)
			}
			proxies, err := httpd.NewProxies(trusted)
			if err != nil {
				return fmt.Errorf("--trusted-proxies: %w", err)
			}
			if perAddress < 1 {
				return fmt.Errorf("--sockets-per-address %d: want at least 1", perAddress)
			}
			table := limits.Default()
			table.SocketsPerAddress = perAddress
			cfg := appConfig{
				Proxies: proxies, Limits: &table,
				SignIn: signIn, Alerts: told, Documents: documents, Listen: listen, Data: flags.data, Database: flags.database, NATS: nats, EventRetention: eventRetention,
				Plugins: pluginFolder, KeyFile: keys, Demo: demoTown,
				Clock: clock, Logger: newLogger(cmd.ErrOrStderr(), demoTown),
			}
			slog.SetDefault(cfg.Logger) // for libraries that log by themselves
			return serve(cmd.Context(), cfg, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags.register(cmd)
	registerPlugins(cmd, &pluginFolder)
	registerKeyFile(cmd, &keys)
	signIn.register(cmd)
	told.register(cmd)
	documents.register(cmd)
	cmd.Flags().StringVar(&listen, "listen", "127.0.0.1:8080", "address to listen on; port 0 takes a free one")
	cmd.Flags().StringVar(&nats, "nats", "", "nats://host:4222 of the doorbell between several servers on one MySQL database; empty means that each looks for itself, three times a second")
	cmd.Flags().DurationVar(&eventRetention, "event-retention", stream.DefaultRetention, "how far back a stream resumes from a cursor; older ones need a new snapshot. Events themselves are kept")
	cmd.Flags().StringSliceVar(&trusted, "trusted-proxies", nil, "addresses or networks, such as 10.0.0.0/8, of the proxies whose X-Forwarded-For is believed; empty means none")
	cmd.Flags().IntVar(&perAddress, "sockets-per-address", limits.Default().SocketsPerAddress, "sockets and event streams open from one address at a time, of IPv6 from one /64")
	cmd.Flags().BoolVar(&demoTown, "demo", false, "a demonstration town with invented people, on loopback only")
	cmd.Flags().StringVar(&moment, "now", "", "the moment, in the town's time, at which the clock of a demonstration starts, such as 2026-11-21T11:50")
	return cmd
}

// serveClock is the clock on the wall. Only a demonstration may start at another
// moment: no one else's terms are moved by a flag.
func serveClock(moment string, demoTown bool) (town.Clock, error) {
	if moment == "" {
		return town.SystemClock{}, nil
	}
	if !demoTown {
		return nil, errors.New("--now moves the clock of a demonstration only: add --demo, or leave it out")
	}
	at, err := time.ParseInLocation("2006-01-02T15:04", moment, town.Rome())
	if err != nil {
		return nil, fmt.Errorf("--now %q: want a moment such as 2026-11-21T11:50", moment)
	}
	return town.ShiftedClock{By: time.Until(at)}, nil
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

// newLogger writes JSON lines. A demonstration, which runs in a terminal, shows what
// went wrong only; SPORTELLO_LOG=debug, info, warn or error says otherwise.
func newLogger(w io.Writer, demoTown bool) *slog.Logger {
	level := slog.LevelInfo
	if demoTown {
		level = slog.LevelWarn
	}
	if named := os.Getenv("SPORTELLO_LOG"); named != "" {
		_ = level.UnmarshalText([]byte(named)) // an unknown name changes nothing
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

    live board, tabellone      %[1]s/
    API explorer               %[1]s/explorer/
    GraphQL                    %[1]s/graphql
    health, metrics            %[1]s/healthz  /readyz  /metrics

  Sign in as anybody in town, in a browser · accedere come chiunque, con un browser:

    %[1]s/auth/login

  or with a bearer token, in another terminal · oppure con un token:

    bin/sportello token %[2]s --as operator1

    citizen, citizen2, kiosk, display, info, operator1 … operator5, officer.OFFICE,
    head.OFFICE, helppoint, segretario, rpct, assessore, assessore2, mayor, admin, auditor

  In the explorer put it into the Headers pane: {"Authorization": "Bearer …"}
  Three things to try there; watch the board meanwhile:

    take a number, as kiosk
      mutation { issueTicket(input: {idempotencyKey: "try-1", siteId: "%[3]s", serviceCode: "anagrafe"}) { visit { label ahead } code } }

    see who waits, as operator1
      { queue(siteId: "%[3]s", officeCode: "sportello") { waiting { label } } }

    follow the Mayor's alerts, as mayor
      subscription { alertsChanged { kind open { kind state level office { title { en } } dueOn } event { type } } }

  Ctrl-C stops everything.

`, a.http.URL(), where, demo.SiteID)
}
