package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/audit"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/demo"
	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/simulate"
	"github.com/spazio-in-comune/sportello/internal/simulate/fill"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	towndata "github.com/spazio-in-comune/sportello/plugins/town"
)

func simulateYearCommand() *cobra.Command {
	var o simulate.YearOptions
	var fast bool
	var data string
	cmd := &cobra.Command{
		Use:   "year --fast",
		Short: "Play fifty steady weeks in this process, and put every term to a clerk who counts day by day",
		Long: "Plays fifty steady weeks, holidays included, by calls of the rooms: no sockets, no departments' processes, and\n" +
			"SQLite does not wait for the disk. What falls due happens at each midnight. Then each term of each case is\n" +
			"compared with what a clerk with a wall calendar counts from its ledger. Fails unless all that must hold did.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if !fast {
				return usageError{errors.New("a year is played fast only: say --fast. A week is played through the API: simulate week")}
			}
			o.Out, o.Progress = cmd.OutOrStdout(), cmd.ErrOrStderr()
			return simulateYear(cmd.Context(), o, data)
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&fast, "fast", false, "by calls in this process, on a database that does not wait for the disk")
	flags.Uint64Var(&o.Seed, "seed", 1, "decides all that chance decides")
	flags.IntVar(&o.Weeks, "weeks", simulate.MostWeeks, "play only the first weeks")
	flags.StringVar(&o.Report, "report", "", "also write the report to this file, as JSON")
	flags.StringVar(&data, "keep", "", "folder for the database, which is kept; empty means a temporary one")
	flags.Float64Var(&o.Scale, "scale", 0, "multiply the number of people")
	_ = flags.MarkHidden("scale") // it is defined above
	return cmd
}

// simulateYear plays on a house of its own.
func simulateYear(ctx context.Context, o simulate.YearOptions, data string) (err error) {
	if data == "" {
		if data, err = os.MkdirTemp("", "sportello-year-"); err != nil {
			return fmt.Errorf("make a data folder: %w", err)
		}
		defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	}
	monday, err := simulate.FirstDay()
	if err != nil {
		return err
	}
	clock := town.NewManualClock(monday.At(0, 0, town.Rome()))
	a := &app{cfg: appConfig{Data: data, Demo: true, Clock: clock, Logger: slog.New(slog.DiscardHandler)}, metrics: newMetrics()}
	defer func() { err = errors.Join(err, a.close()) }()
	rooms, err := a.yearRooms(ctx, clock)
	if err != nil {
		return err
	}
	return simulate.RunYear(ctx, rooms, o)
}

// yearRooms builds the rooms as the server does, with the departments in this process.
func (a *app) yearRooms(ctx context.Context, clock *town.ManualClock) (simulate.Rooms, error) {
	var none simulate.Rooms
	var err error
	if a.town, err = towndata.Load(); err != nil {
		return none, fmt.Errorf("load the town's data: %w", err)
	}
	a.cfg.Hours = demo.Hours(a.town.OpeningHours)
	scribe, err := audit.NewScribe()
	if err != nil {
		return none, err
	}
	a.store, err = store.Open(ctx, store.Config{Dir: a.cfg.Data, Clock: clock, Attach: access.Attach, Sign: access.Sign, Audit: scribe.Unit, Careless: true})
	if err != nil {
		return none, err
	}
	if err := a.furnish(ctx, scribe); err != nil {
		return none, err
	}
	inHouse, err := departmentsInHouse(ctx, a.town)
	if err != nil {
		return none, err
	}
	global, err := sdk.CompileGlobal(a.town)
	if err != nil {
		return none, fmt.Errorf("read the rules of the whole town: %w", err)
	}
	a.desk = desk.New(a.store, a.vault, inHouse)
	a.cases = casework.New(casework.Config{
		Store: a.store, Vault: a.vault, Departments: inHouse, People: citizens{a.people}, Queue: hall{a.desk}, Town: a.town, Global: global,
	})
	a.voice = voice.New(voice.Config{Store: a.store, Vault: a.vault, Calendar: a.town.Calendar, Rights: a.authority})
	return simulate.Rooms{
		Clock: clock, Store: a.store, Desk: a.desk, Cases: a.cases, Voice: a.voice, Calendar: a.town.Calendar,
		Practices: inHouse.practices, Forms: inHouse.forms, SiteID: demo.SiteID, Hours: a.cfg.Hours, Staffed: identity.DemoOffices(),
		As: a.asPerson, OnTicket: func(ctx context.Context, visitID string) context.Context {
			return access.With(ctx, a.authority.Ticket(visitID))
		},
		Citizen: a.citizenOf,
	}, nil
}

// asPerson is a context in which a demo person asks.
func (a *app) asPerson(ctx context.Context, login string) (context.Context, error) {
	row, err := a.store.Reader().Person.Query().Where(person.Login(login)).Only(access.System(ctx, "a simulated year"))
	if err != nil {
		return nil, fmt.Errorf("find %s: %w", login, err)
	}
	viewer, err := a.authority.Viewer(row.ID, time.Time{})
	if err != nil {
		return nil, err
	}
	return access.With(ctx, viewer), nil
}

// citizenOf is who signs in by a login, from their own data.
func (a *app) citizenOf(ctx context.Context, _ string) (fill.Person, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return fill.Person{}, err
	}
	row, err := a.people.Person(ctx, viewer.ID)
	if err != nil {
		return fill.Person{}, err
	}
	data, err := a.people.Personal(ctx, row)
	if err != nil {
		return fill.Person{}, err
	}
	return fill.PersonOf(data.GivenName, data.FamilyName, data.TaxCode, town.Today(a.cfg.Clock.Now()))
}
