package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// commandLine is who changes registrations from the command line, in events.
const commandLine = "system:command-line"

// withRegistrations works on the registrations of a database, beside its server or
// without one.
func withRegistrations(ctx context.Context, flags databaseFlags, work func(catalogue.Memory) error) error {
	s, err := openBeside(ctx, flags)
	if err != nil {
		return err
	}
	return errors.Join(work(catalogue.NewStored(s)), s.Close())
}

// mendable gives a refusal in the words that are meant for people.
func mendable(err error) error {
	var refusal *town.Error
	if errors.As(err, &refusal) && town.IsUserError(err) {
		return errors.New(refusal.Message)
	}
	return err
}

// manageCommand is a command that changes one department by its name.
func manageCommand(use, short string, change func(l *catalogue.Ledger, name string) (*catalogue.Instance, error), words func(catalogue.Instance) string) *cobra.Command {
	var flags databaseFlags
	cmd := &cobra.Command{
		Use: use + " NAME", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return withRegistrations(cmd.Context(), flags, func(memory catalogue.Memory) error {
				var now catalogue.Instance
				err := memory.Change(cmd.Context(), use+" a department", func(l *catalogue.Ledger) error {
					i, err := change(l, args[0])
					if err == nil {
						now = *i
					}
					return err
				})
				if err != nil {
					return mendable(err)
				}
				_, err = fmt.Fprintln(cmd.OutOrStdout(), words(now))
				return err
			})
		},
	}
	flags.register(cmd)
	return cmd
}

func pluginRollbackCommand() *cobra.Command {
	var version string
	cmd := manageCommand("rollback", "Make the version before current again, at once",
		func(l *catalogue.Ledger, name string) (*catalogue.Instance, error) {
			return l.RollBack(name, version, commandLine)
		},
		func(i catalogue.Instance) string {
			if i.Standing == catalogue.Next {
				return fmt.Sprintf("%s %s is started again and takes over once it is ready", i.Name, i.Version)
			}
			return fmt.Sprintf("%s %s is current", i.Name, i.Version)
		})
	cmd.Flags().StringVar(&version, "to", "", "the version to go back to; without it, the one before")
	return cmd
}

func pluginDisableCommand() *cobra.Command {
	var reason string
	cmd := manageCommand("disable", "End a department's processes until it is enabled; its forms stay, its intakes wait for review",
		func(l *catalogue.Ledger, name string) (*catalogue.Instance, error) {
			return l.Disable(name, reason, commandLine)
		},
		func(i catalogue.Instance) string {
			return fmt.Sprintf("%s is disabled (%s); \"sportello plugin enable %s\" starts it again", i.Name, i.Disabled, i.Name)
		})
	cmd.Flags().StringVar(&reason, "reason", "", "why, for whoever looks at the list")
	return cmd
}

func pluginEnableCommand() *cobra.Command {
	return manageCommand("enable", "Start a disabled department again",
		func(l *catalogue.Ledger, name string) (*catalogue.Instance, error) {
			return l.Enable(name, commandLine)
		},
		func(i catalogue.Instance) string { return i.Name + " is enabled" })
}

func pluginRestartCommand() *cobra.Command {
	return manageCommand("restart", "Give a department a new process, whatever happened to the earlier ones",
		func(l *catalogue.Ledger, name string) (*catalogue.Instance, error) {
			return l.Restart(name, commandLine)
		},
		func(i catalogue.Instance) string { return i.Name + " gets a new process" })
}
