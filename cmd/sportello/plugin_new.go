package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/scaffold"
	towndata "github.com/spazio-in-comune/sportello/plugins/town"
)

func pluginNewCommand() *cobra.Command {
	var plan scaffold.Plan
	cmd := &cobra.Command{
		Use:   "new NAME --out DIR",
		Short: "Write a new department that builds, passes its tests and can be registered as it is",
		Long: `Writes a department of the service NAME into DIR, a Go module outside of this
repository: its form, papers, fees, terms and rules as data, a computation in Go,
case files, tests, README and Makefile.

While the SDK is unpublished, go.mod replaces it by the platform's source: PATH, or
the source tree around the present folder or around this program.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			plan.Name = args[0]
			if err := completePlan(&plan); err != nil {
				return err
			}
			files, err := scaffold.Write(plan)
			if errors.Is(err, scaffold.ErrPlan) {
				return usageError{err}
			}
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			for _, name := range files {
				_, _ = fmt.Fprintln(out, filepath.Join(plan.Out, name))
			}
			_, err = fmt.Fprintf(out, "\nnext: cd %s && make test build conformance\n", plan.Out)
			return err
		},
	}
	cmd.Flags().StringVar(&plan.Out, "out", "", "folder to write; it must not exist, or be empty")
	cmd.Flags().StringVar(&plan.SDK, "sdk", "", "folder of the platform's source, if it is not around here")
	cmd.Flags().StringVar(&plan.Series, "series", scaffold.DefaultSeries, "the letter of its tickets, which no other service has")
	return cmd
}

// completePlan adds what the machine knows: where the source is, which program
// this is, and which services there are.
func completePlan(plan *scaffold.Plan) error {
	program, err := os.Executable()
	if err != nil {
		return fmt.Errorf("find this program: %w", err)
	}
	plan.Program = program
	if plan.SDK == "" {
		here, err := os.Getwd()
		if err != nil {
			return fmt.Errorf("find the present folder: %w", err)
		}
		plan.SDK = scaffold.FindSDK(here, filepath.Dir(program))
	}
	town, err := towndata.Load()
	if err != nil {
		return err
	}
	for service := range town.Practices {
		plan.Taken = append(plan.Taken, service)
	}
	return nil
}
