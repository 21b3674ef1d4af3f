package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func policyExplainCommand() *cobra.Command {
	var flags databaseFlags
	var as, act, on string
	cmd := &cobra.Command{
		Use:   "explain --as NAME --act ACT --on ID",
		Short: "Say why somebody may do something on a thing, or what is missing; also beside a running server",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if as == "" || act == "" || on == "" {
				return usageError{errors.New("say who, what and on what: --as operator1 --act case:read --on case_…")}
			}
			cfg := flags.config()
			cfg.Attach, cfg.Sign = access.Attach, access.Sign
			s, err := store.OpenReader(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			defer func() { _ = s.Close() }() // opened for reading
			e, err := explained(cmd.Context(), s, as, access.Act(act), on)
			if err != nil {
				return err
			}
			return tellExplanation(cmd.OutOrStdout(), as, e)
		},
	}
	flags.register(cmd)
	cmd.Flags().StringVar(&as, "as", "", "login of a person, or their id")
	cmd.Flags().StringVar(&act, "act", "", "object and act of the policy, such as case:read")
	cmd.Flags().StringVar(&on, "on", "", "id of a case, visit, stop, step, word, person or site, or code of an office")
	return cmd
}

// explained asks as the house: whoever has the database has it all.
func explained(ctx context.Context, s *store.Store, as string, act access.Act, on string) (*access.Explanation, error) {
	authority, err := access.NewAuthority(ctx, s)
	if err != nil {
		return nil, err
	}
	person := as
	if town.PrefixOf(as) != town.PrefixPerson {
		if person, err = identity.IDOf(ctx, s, as); err != nil {
			return nil, err
		}
	}
	e, err := authority.Explain(access.System(ctx, "policy.explain"), person, act, on)
	if town.CodeOf(err) == town.NotFound {
		return nil, fmt.Errorf("there is no person %s, or no %s", as, on)
	}
	return e, err
}

func tellExplanation(w io.Writer, as string, e *access.Explanation) error {
	var b strings.Builder
	verdict := map[bool]string{true: "allowed", false: "not allowed"}[e.Allowed]
	fmt.Fprintf(&b, "%s: %s on %s is %s", as, e.Act, e.ObjectID, verdict)
	if !e.Visible {
		b.WriteString("; it is hidden")
	}
	fmt.Fprintf(&b, "\nstanding: %s\n", e.Standing)
	for _, g := range e.Grounds {
		fmt.Fprintf(&b, "\nby %s\n", rule(g.Rule))
		fmt.Fprintf(&b, "  %s\n", g.Rule.Comment)
		fmt.Fprintf(&b, "  held: %s\n", post(g.Held))
	}
	for _, o := range e.Obstacles {
		fmt.Fprintf(&b, "\nwhy not: %s\n", o.EN)
		if o.Held != nil {
			fmt.Fprintf(&b, "  held: %s\n", post(*o.Held))
		}
	}
	for _, r := range e.Nearest {
		var roles []string
		for _, g := range r.Grants {
			roles = append(roles, fmt.Sprintf("%s in %s%s (%s)", g.Role, g.Office, subjects(g.Services), rule(g.Rules[0])))
		}
		fmt.Fprintf(&b, "would do: %s\n", strings.Join(roles, " with "))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func rule(r *access.Rule) string {
	text := fmt.Sprintf("policy.csv:%d: %s", r.Line, r.Text)
	if r.Through != nil {
		text += fmt.Sprintf(", through line %d: %s", r.Through.Line, r.Through.Text)
	}
	return text
}

func post(h access.HeldRole) string {
	text := fmt.Sprintf("%s in %s%s", h.Role, h.Office, subjects(h.Services))
	if !h.From.IsZero() {
		text += " from " + h.From.Format(time.RFC3339)
	}
	if !h.To.IsZero() {
		text += " to " + h.To.Format(time.RFC3339)
	}
	if h.GrantedBy != "" {
		text += ", given by " + h.GrantedBy
	}
	return text
}

func subjects(services []string) string {
	if len(services) == 0 {
		return ""
	}
	return " for " + strings.Join(services, ", ")
}
