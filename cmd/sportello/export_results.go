package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/internal/results"
	"github.com/spazio-in-comune/sportello/internal/results/weekly"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func exportResultsCommand() *cobra.Command {
	var flags databaseFlags
	var week, format, out string
	cmd := &cobra.Command{
		Use:   "results --week WEEK",
		Short: "Write the figures of a week, for everybody: a page, or open data",
		Long: "Write the figures of a week, for everybody: a page in Italian and English, or open data as CSV or JSON.\n\n" +
			"Counts below 5 are left out, and so are those that would give them away. A week is published once it is\n" +
			"over: figures that grow would tell of each person who was counted since.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			from, to, err := weekly.ParseWeek(week)
			if err != nil {
				return usageError{err}
			}
			if !to.Before(town.Today(town.SystemClock{}.Now())) {
				return usageError{fmt.Errorf("the week %s is not over", week)}
			}
			if format != "html" && format != "csv" && format != "json" {
				return usageError{fmt.Errorf("--format %q: want html, csv or json", format)}
			}
			report, err := weekOf(cmd.Context(), flags.config(), week, from, to)
			if err != nil {
				return err
			}
			text, err := map[string]func() ([]byte, error){"html": report.Page, "csv": report.CSV, "json": report.JSON}[format]()
			if err != nil {
				return err
			}
			if out == "" {
				_, err = cmd.OutOrStdout().Write(text)
				return err
			}
			if err := os.MkdirAll(out, 0o755); err != nil { //nolint:gosec // it is for everybody
				return fmt.Errorf("make the folder: %w", err)
			}
			return writeWhole(filepath.Join(out, "results-"+week+"."+format), text, 0o644)
		},
	}
	flags.register(cmd)
	cmd.Flags().StringVar(&week, "week", "", "the week, such as 2026-W47")
	cmd.Flags().StringVar(&format, "format", "html", "html, csv or json")
	cmd.Flags().StringVar(&out, "out", "", "folder to write results-WEEK.FORMAT to; empty is the standard output")
	return cmd
}

func weekOf(ctx context.Context, cfg store.Config, week string, from, to town.Date) (*weekly.Report, error) {
	cfg.Attach, cfg.Sign = access.Attach, access.Sign
	s, err := store.OpenReader(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }()
	counts, err := results.Stored(ctx, s, from, to)
	if err != nil {
		return nil, err
	}
	names, err := namesFor(ctx, s)
	if err != nil {
		return nil, err
	}
	return weekly.New(week, counts, names)
}

// namesFor are the titles of the offices, and those of the services and practices as they
// were last published.
func namesFor(ctx context.Context, s *store.Store) (weekly.Names, error) {
	names := weekly.Names{Offices: map[string]weekly.Words{}, Services: map[string]weekly.Words{}, Practices: map[string]weekly.Practice{}}
	offices, err := s.Reader().Office.Query().All(access.System(ctx, "titles of offices"))
	if err != nil {
		return names, fmt.Errorf("read the offices: %w", err)
	}
	for _, o := range offices {
		names.Offices[o.ID] = weekly.Words{IT: o.TitleIt, EN: o.TitleEn}
	}
	services, err := catalogue.StoredServices(ctx, catalogue.NewStored(s))
	if err != nil {
		return names, err
	}
	for _, o := range services {
		d := o.Service.Service.Definition()
		names.Services[d.Service] = weekly.Words{IT: d.Title.IT, EN: d.Title.EN}
		for _, p := range d.Practices {
			names.Practices[p.ID] = weekly.Practice{Title: weekly.Words{IT: p.Title.IT, EN: p.Title.EN}, Amount: p.Deadline.Amount, Unit: p.Deadline.Unit}
		}
	}
	return names, nil
}
