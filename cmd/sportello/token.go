package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// demoTokenLife is how long a demo token is good.
const demoTokenLife = 12 * time.Hour

func tokenCommand() *cobra.Command {
	var flags databaseFlags
	var as, level string
	cmd := &cobra.Command{
		Use:   "token --as NAME",
		Short: "Print a bearer token of a demo person",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if as == "" {
				return usageError{errors.New("say whose token: --as NAME, such as --as operator1")}
			}
			cfg := flags.config()
			cfg.Attach, cfg.Sign = access.Attach, access.Sign
			s, err := store.OpenReader(cmd.Context(), cfg)
			if err != nil {
				return err
			}
			defer func() { _ = s.Close() }()
			token, err := identity.TokenAt(cmd.Context(), s, as, town.Assurance(level), demoTokenLife)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), token)
			return err
		},
	}
	flags.register(cmd)
	cmd.Flags().StringVar(&as, "as", "", "name of the demo person, such as operator1 or head.stato-civile")
	cmd.Flags().StringVar(&level, "assurance", string(town.AssuranceHigh), "how surely the person is known: L1, L2 or L3")
	return cmd
}
