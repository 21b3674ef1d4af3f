package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func staffCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "staff", Short: "Who works in the town hall"}
	cmd.AddCommand(staffAddCommand())
	return cmd
}

func staffAddCommand() *cobra.Command {
	var flags databaseFlags
	var who identity.NewMember
	var role, office string
	cmd := &cobra.Command{
		Use:   "add --login SUBJECT --label NAME --role ROLE",
		Short: "Enter a member of staff with a role, beside a running server or without one",
		Long: `Enters somebody who works in the town hall and gives them a role: how a new town gets
its first administrator. The login is the person's subject at the issuer where they sign
in, or what the claim of --oidc-staff-claim says. Somebody entered before gets the role
besides.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if who.Login == "" || role == "" {
				return usageError{errors.New("say who and what: --login SUBJECT --label NAME --role ROLE")}
			}
			s, err := openBeside(cmd.Context(), flags)
			if err != nil {
				return err
			}
			who.Kind = identity.MemberStaff
			err = identity.AddStaff(cmd.Context(), s, who, town.Role(role), office)
			if err = errors.Join(mendable(err), s.Close()); err != nil {
				return err
			}
			_, err = fmt.Fprintf(cmd.OutOrStdout(), "%s is %s in %s\n", who.Login, role, office)
			return err
		},
	}
	flags.register(cmd)
	cmd.Flags().StringVar(&who.Login, "login", "", "subject at the issuer")
	cmd.Flags().StringVar(&who.Label, "label", "", "name that colleagues see")
	cmd.Flags().StringVar(&role, "role", "", "role, such as admin or operator")
	cmd.Flags().StringVar(&office, "office", "*", "code of the office, such as stato-civile; * for all")
	return cmd
}
