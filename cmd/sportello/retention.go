package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/audit"
	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/internal/privacy"
	"github.com/spazio-in-comune/sportello/internal/privacy/retention"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/policies"
)

func retentionCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "retention", Short: "How long personal data are kept"}
	cmd.AddCommand(retentionRunCommand())
	return cmd
}

func retentionRunCommand() *cobra.Command {
	var flags keyFlags
	var dryRun, asJSON bool
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Erase what has been kept long enough, beside a running server or without one",
		Long: "Erase what has been kept long enough, beside a running server or without one.\n\n" +
			"How long that is stands in policies/retention.csv, by kind, service and outcome. A legal hold keeps a case.\n" +
			"Look at --dry-run first: it erases nothing and says what would go, and by which line. Interrupted, it goes\n" +
			"on when it is started again.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return withPrivacy(cmd.Context(), flags, func(p *privacy.Privacy) error {
				bar := newEraseBar(cmd.ErrOrStderr(), dryRun)
				report, err := p.Run(cmd.Context(), dryRun, func(_ string, n int) { _ = bar.Add(n) })
				_ = bar.Finish()
				return errors.Join(err, writeRetention(cmd.OutOrStdout(), report, asJSON))
			})
		},
	}
	flags.register(cmd)
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "erase nothing: report what would be")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the report as JSON")
	return cmd
}

// newEraseBar counts what goes by, on a terminal only.
func newEraseBar(w io.Writer, dryRun bool) *progressbar.ProgressBar {
	what := "erasing"
	if dryRun {
		what = "looking"
	}
	return newBar(w, -1, what)
}

func writeRetention(w io.Writer, report privacy.Report, asJSON bool) error {
	if asJSON {
		text, err := json.MarshalIndent(report, "", "  ")
		if err != nil {
			return fmt.Errorf("write the report: %w", err)
		}
		_, err = fmt.Fprintln(w, string(text))
		return err
	}
	verb := "erased"
	if report.DryRun {
		verb = "to erase"
	}
	if report.Total() == 0 {
		_, err := fmt.Fprintf(w, "nothing %s\n", verb)
		return err
	}
	t := table.NewWriter()
	t.AppendHeader(table.Row{verb, "what", "service", "practice", "outcome", "years", "basis", "line"})
	for _, line := range report.Lines {
		r := line.Rule
		t.AppendRow(table.Row{line.Count, line.What, r.Service, r.Practice, r.Outcome, r.Years, r.Basis, r.Line})
	}
	_, err := fmt.Fprintln(w, t.Render())
	return err
}

// withAudit works with the keys and the audit of a database.
func withAudit(ctx context.Context, flags keyFlags, work func(*store.Store, *vault.Vault, *audit.Audit) error) error {
	s, err := openBeside(ctx, flags.databaseFlags)
	if err != nil {
		return err
	}
	v, err := vault.Existing(ctx, s, keyFile(flags.keyFile, flags.data))
	if err != nil {
		return errors.Join(err, s.Close())
	}
	scribe, err := audit.NewScribe()
	if err != nil {
		return errors.Join(err, s.Close())
	}
	return errors.Join(work(s, v, audit.New(audit.Config{
		Store: s, Scribe: scribe, Vault: v, Logger: slog.New(slog.DiscardHandler), HeadsFile: filepath.Join(flags.data, headsFile),
	})), s.Close())
}

// withPrivacy works on the data of people in a database, beside its server or without
// one. What it opens and erases is audited as the server's own work is.
func withPrivacy(ctx context.Context, flags keyFlags, work func(*privacy.Privacy) error) error {
	return withAudit(ctx, flags, func(s *store.Store, v *vault.Vault, trail *audit.Audit) error {
		authority, err := access.NewAuthority(ctx, s)
		if err != nil {
			return err
		}
		p, err := newPrivacy(s, authority, v, trail)
		if err != nil {
			return err
		}
		return work(p)
	})
}

// newPrivacy is the room with the plan of the town.
func newPrivacy(s *store.Store, authority *access.Authority, v *vault.Vault, trail *audit.Audit) (*privacy.Privacy, error) {
	plan, err := retention.Read(policies.Retention)
	if err != nil {
		return nil, err
	}
	kept := catalogue.NewStored(s)
	return privacy.New(privacy.Config{
		Store: s, Authority: authority, Vault: v, Plan: plan, Accesses: fileAccesses(trail),
		Definitions: func(ctx context.Context, hash string) (*sdk.Service, error) {
			service, err := catalogue.Published(ctx, kept, hash)
			if err != nil {
				return nil, err
			}
			return service.Service, nil
		},
	}), nil
}
