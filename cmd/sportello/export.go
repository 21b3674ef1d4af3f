package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/internal/cpsv"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	towndata "github.com/spazio-in-comune/sportello/plugins/town"
)

func exportCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "export", Short: "Open data, the figures of a week, the queues, and the data of one person"}
	cmd.AddCommand(exportCatalogueCommand(), exportPersonCommand(), exportResultsCommand(), exportQueuesCommand())
	return cmd
}

func exportCatalogueCommand() *cobra.Command {
	var flags databaseFlags
	var out string
	cmd := &cobra.Command{
		Use:   "catalogue",
		Short: "Write the catalogue of services as CPSV-AP_IT, in JSON-LD",
		Long: "Write the catalogue of services as CPSV-AP_IT, in JSON-LD.\n\n" +
			"With --data or --database it is what the server there last published; without, the departments that came with the platform.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			shared, err := towndata.Load()
			if err != nil {
				return fmt.Errorf("load the town's data: %w", err)
			}
			stored := cmd.Flags().Changed("data") || cmd.Flags().Changed("database")
			offers, err := offersFrom(cmd.Context(), stored, flags.config(), shared)
			if err != nil {
				return err
			}
			text, err := cpsv.Export(offers, shared, town.Today(town.SystemClock{}.Now()))
			if err != nil {
				return err
			}
			if out == "" {
				_, err = cmd.OutOrStdout().Write(text)
				return err
			}
			return writeWhole(out, text, 0o644)
		},
	}
	flags.register(cmd)
	cmd.Flags().StringVar(&out, "out", "", "file to write; empty is the standard output")
	return cmd
}

func offersFrom(ctx context.Context, stored bool, cfg store.Config, shared *sdk.Town) ([]cpsv.Offer, error) {
	if stored {
		return storedOffers(ctx, cfg)
	}
	return bundledOffers(ctx, shared)
}

// bundledOffers are the services of the departments that came with the platform.
func bundledOffers(ctx context.Context, shared *sdk.Town) ([]cpsv.Offer, error) {
	var offers []cpsv.Offer
	for _, bundled := range plugins.All() {
		department, err := bundled.New()
		if err != nil {
			return nil, fmt.Errorf("load the department %s: %w", bundled.Name, err)
		}
		described, err := department.Describe(ctx, sdk.DescribeRequest{})
		if err != nil {
			return nil, fmt.Errorf("describe the department %s: %w", bundled.Name, err)
		}
		service, err := sdk.Compile(described.Definition, shared)
		if err != nil {
			return nil, fmt.Errorf("load the department %s: %w", bundled.Name, err)
		}
		offers = append(offers, cpsv.Offer{Service: service})
	}
	return offers, nil
}

// storedOffers are the services that a server last published.
func storedOffers(ctx context.Context, cfg store.Config) ([]cpsv.Offer, error) {
	cfg.Attach, cfg.Sign = access.Attach, access.Sign
	s, err := store.OpenReader(ctx, cfg)
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }()
	stored, err := catalogue.StoredServices(ctx, catalogue.NewStored(s))
	if err != nil {
		return nil, err
	}
	offers := make([]cpsv.Offer, len(stored))
	for i, o := range stored {
		offers[i] = cpsv.Offer{Service: o.Service.Service, Updated: o.Since}
	}
	return offers, nil
}

// writeWhole puts a file in its place in one step: nobody reads half of it.
func writeWhole(path string, text []byte, mode os.FileMode) error {
	draft, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer func() { _ = os.Remove(draft.Name()) }() // it is gone when all went well
	_, err = draft.Write(text)
	if closed := draft.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Chmod(draft.Name(), mode)
	}
	if err == nil {
		err = os.Rename(draft.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
