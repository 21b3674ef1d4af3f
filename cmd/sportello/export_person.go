package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/audit"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/privacy"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// personExport is what the command line says of an export.
type personExport struct {
	person, as, reason, format, out string
}

func exportPersonCommand() *cobra.Command {
	var flags keyFlags
	var what personExport
	cmd := &cobra.Command{
		Use:   "person ID --as NAME --reason TEXT",
		Short: "Write all that is kept about one person, for that person (art. 15 and 20 GDPR)",
		Long: "Write all that is kept about one person, for that person (art. 15 and 20 GDPR): JSON for machines, or a page\n" +
			"in Italian and English. NAME is the login of who does it, such as the data protection officer; that, and\n" +
			"why, goes into the audit before the data leave, and the person can read it there.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			what.person = args[0]
			if what.as == "" || what.reason == "" {
				return usageError{errors.New("say who asks and why: --as NAME --reason TEXT")}
			}
			if what.format != "json" && what.format != "html" {
				return usageError{fmt.Errorf("--format %q: want json or html", what.format)}
			}
			text, err := exportPerson(cmd.Context(), flags, what)
			if err != nil {
				return err
			}
			if what.out == "" {
				_, err = cmd.OutOrStdout().Write(text)
				return err
			}
			return writeWhole(what.out, text, 0o600)
		},
	}
	flags.register(cmd)
	cmd.Flags().StringVar(&what.as, "as", "", "login of who asks, who must hold person:export or be the person")
	cmd.Flags().StringVar(&what.reason, "reason", "", "why, such as the request of the person; goes into the audit")
	cmd.Flags().StringVar(&what.format, "format", "html", "html or json")
	cmd.Flags().StringVar(&what.out, "out", "", "file to write, for its owner only; empty is the standard output")
	return cmd
}

// exportPerson gathers the data and returns them once it is on record who did.
func exportPerson(ctx context.Context, flags keyFlags, what personExport) (text []byte, err error) {
	err = withAudit(ctx, flags, func(s *store.Store, v *vault.Vault, trail *audit.Audit) error {
		authority, err := access.NewAuthority(ctx, s)
		if err != nil {
			return err
		}
		viewer, err := viewerOf(ctx, s, authority, what.as)
		if err != nil {
			return err
		}
		p, err := newPrivacy(s, authority, v, trail)
		if err != nil {
			return err
		}
		asked := access.With(ctx, viewer)
		access.NoteReason(asked, what.reason)
		dossier, err := p.Export(asked, what.person)
		if err != nil {
			return err
		}
		if text, err = written(dossier, what.format); err != nil {
			return err
		}
		return trail.Reads(asked, "export person")
	})
	if err != nil {
		return nil, err
	}
	return text, nil
}

// viewerOf is somebody who asks at the command line.
func viewerOf(ctx context.Context, s *store.Store, authority *access.Authority, login string) (*access.Viewer, error) {
	id, err := identity.IDOf(ctx, s, login)
	if err != nil {
		return nil, err
	}
	return authority.Viewer(id, time.Time{})
}

func written(d *privacy.Dossier, format string) ([]byte, error) {
	if format == "json" {
		return d.JSON()
	}
	page, err := d.Page()
	return []byte(page), err
}
