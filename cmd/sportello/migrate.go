package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/store"
)

func migrateCommand() *cobra.Command {
	var flags databaseFlags
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database's schema up to date (serve does it too)",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := store.Open(cmd.Context(), flags.config())
			if err != nil {
				return err
			}
			if err := s.Close(); err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), "the schema is up to date")
			return err
		},
	}
	flags.register(cmd)
	return cmd
}
