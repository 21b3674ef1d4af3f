package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/plugins"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
)

func pluginCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "plugin", Short: "Departments' plug-ins"}
	cmd.AddCommand(
		pluginListCommand(), pluginRegisterCommand(), pluginRollbackCommand(), pluginDisableCommand(), pluginEnableCommand(), pluginRestartCommand(),
		pluginServeCommand(), pluginNewCommand(), pluginTestCommand(), pluginDiffCommand())
	return cmd
}

func pluginListCommand() *cobra.Command {
	var flags databaseFlags
	var asJSON, all bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Show the departments' versions and their processes as the server last saw them",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			cfg := flags.config()
			cfg.Attach, cfg.Sign = access.Attach, access.Sign
			s, err := store.OpenReader(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			defer func() { _ = s.Close() }()
			list, err := catalogue.List(cmd.Context(), catalogue.NewStored(s), all)
			if err != nil {
				return err
			}
			if asJSON {
				return catalogue.WriteList(cmd.OutOrStdout(), list)
			}
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintln(table, "NAME\tVERSION\tSTATE\tSTANDING\tSHA256\tPRACTICES\tWHY")
			for _, p := range list {
				_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%.12s\t%s\t%s\n", p.Name, p.Version, p.State, p.Standing, p.SHA256, strings.Join(p.Practices, ", "), p.Why)
			}
			return table.Flush()
		},
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&asJSON, "json", false, "an array of {name, version, sha256, state, practices}, and the standing of a version that is not current")
	cmd.Flags().BoolVar(&all, "all", false, "retired versions too")
	return cmd
}

// pluginServeCommand is what the host starts; nobody calls it by hand.
func pluginServeCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "serve NAME",
		Short:  "Be the process of a bundled department (started by the server)",
		Hidden: true,
		Args:   cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			department, err := plugins.New(args[0])
			if err != nil {
				return usageError{err}
			}
			rpc.Serve(department)
			return nil
		},
	}
}
