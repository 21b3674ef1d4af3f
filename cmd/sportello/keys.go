package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/vault"
)

func keysCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "keys",
		Short: "Look after the keys of personal data",
	}
	cmd.AddCommand(keysStatusCommand(), keysRotateCommand())
	return cmd
}

// keyFlags say which database, and with which key.
type keyFlags struct {
	databaseFlags
	keyFile string
}

func (f *keyFlags) register(cmd *cobra.Command) {
	f.databaseFlags.register(cmd)
	registerKeyFile(cmd, &f.keyFile)
}

// withVault works with the keys of a database, beside its server or without one.
func withVault(ctx context.Context, flags keyFlags, work func(*vault.Vault) error) error {
	s, err := openBeside(ctx, flags.databaseFlags)
	if err != nil {
		return err
	}
	v, err := vault.Existing(ctx, s, keyFile(flags.keyFile, flags.data))
	if err == nil {
		err = work(v)
	}
	return errors.Join(err, s.Close())
}

func keysStatusCommand() *cobra.Command {
	var flags keyFlags
	cmd := &cobra.Command{
		Use: "status", Short: "Say which keys there are, and how many people each of them protects", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withVault(cmd.Context(), flags, func(v *vault.Vault) error {
				status, err := v.Status(cmd.Context())
				if err == nil {
					err = writeKeys(cmd.OutOrStdout(), status)
				}
				return err
			})
		},
	}
	flags.register(cmd)
	return cmd
}

func keysRotateCommand() *cobra.Command {
	var flags keyFlags
	var keep bool
	cmd := &cobra.Command{
		Use: "rotate", Short: "Give the town a new key, while its server works",
		Long: "Gives the town a new key, and the key file too, seals the keys of all people with it, and then disables\n" +
			"the keys before it. A server that runs beside it follows by itself, and nobody is kept waiting. What was\n" +
			"interrupted goes on when it is started again. A backup from before needs the keys that are disabled now:\n" +
			"they stay in the key file.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withVault(cmd.Context(), flags, func(v *vault.Vault) error {
				return rotateKeys(cmd.Context(), v, keep, cmd.OutOrStdout(), cmd.ErrOrStderr())
			})
		},
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&keep, "keep-key-file", false, "leave the key file as it is: for several machines that each have a copy")
	return cmd
}

func rotateKeys(ctx context.Context, v *vault.Vault, keep bool, out, progress io.Writer) error {
	var bar *progressbar.ProgressBar
	err := v.Rotate(ctx, vault.Rotation{KeepKEK: keep, Progress: func(done, total int) {
		if bar == nil {
			bar = newBar(progress, total, "sealing keys anew")
		}
		_ = bar.Set(done) // nobody is left to tell when the terminal is gone
	}})
	if bar != nil {
		_ = bar.Finish()
	}
	if err != nil {
		return err
	}
	status, err := v.Status(ctx)
	if err != nil {
		return err
	}
	return writeKeys(out, status)
}

// writeKeys prints how the keys are. Their numbers are no secret.
func writeKeys(w io.Writer, s *vault.Status) error {
	changed := "never"
	if s.RotatedAt != nil {
		changed = s.RotatedAt.Format(time.RFC3339)
	}
	if _, err := fmt.Fprintf(w, "key-encryption key: %s\nkeyring: made %s, changed %s\n", s.KEK, s.MadeAt.UTC().Format(time.RFC3339), changed); err != nil {
		return fmt.Errorf("print the keys: %w", err)
	}
	t := table.NewWriter()
	t.AppendHeader(table.Row{"key of the town", "state", "keys that it seals"})
	for _, key := range s.TownKeys {
		t.AppendRow(table.Row{key.String(), key.State(), key.Persons})
	}
	t.AppendRow(table.Row{"", "destroyed", s.Destroyed})
	if _, err := fmt.Fprintln(w, t.Render()); err != nil {
		return fmt.Errorf("print the keys: %w", err)
	}
	return nil
}
