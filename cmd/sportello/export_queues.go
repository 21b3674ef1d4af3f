package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/results"
	"github.com/spazio-in-comune/sportello/internal/results/queues"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func exportQueuesCommand() *cobra.Command {
	var flags databaseFlags
	var format, out string
	cmd := &cobra.Command{
		Use:   "queues",
		Short: "Write the queues as they stand, for everybody: QueueMonitor of FIWARE, or open data",
		Long: "Write the queues as they stand, for everybody: numbers and offices, as the board shows them, nobody's name.\n\n" +
			"fiware is QueueMonitor of the Smart Data Models as NGSI-LD, json the same for NGSI-v2, csv a table. Visits that\n" +
			"leave no trace on displays leave none here.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			write, known := map[string]func([]queues.Monitor) ([]byte, error){"fiware": queues.NGSILD, "json": queues.JSON, "csv": queues.CSV}[format]
			if !known {
				return usageError{fmt.Errorf("--format %q: want fiware, json or csv", format)}
			}
			monitors, err := monitorsOf(cmd.Context(), flags.config())
			if err != nil {
				return err
			}
			text, err := write(monitors)
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
			return writeWhole(filepath.Join(out, "queues."+map[string]string{"fiware": "jsonld", "json": "json", "csv": "csv"}[format]), text, 0o644)
		},
	}
	flags.register(cmd)
	cmd.Flags().StringVar(&format, "format", "fiware", "fiware, json or csv")
	cmd.Flags().StringVar(&out, "out", "", "folder to write queues.jsonld, .json or .csv to; empty is the standard output")
	return cmd
}

func monitorsOf(ctx context.Context, cfg store.Config) ([]queues.Monitor, error) {
	cfg.Attach = access.Attach
	s, err := store.OpenReader(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }()
	names, err := namesFor(ctx, s)
	if err != nil {
		return nil, err
	}
	now := town.SystemClock{}.Now()
	lines, err := results.Lines(ctx, s, now, names)
	if err != nil {
		return nil, err
	}
	return queues.New(lines, now), nil
}
