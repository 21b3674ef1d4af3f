package main

import (
	"fmt"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/policies"
)

func policyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "policy", Short: "Who may see and do what"}
	cmd.AddCommand(policyCheckCommand(), policyMatrixCommand())
	return cmd
}

func policyCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Check the policy files",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := access.NewPolicy(policies.Model, policies.Policy); err != nil {
				return err
			}
			if _, err := access.NewLevels(policies.Assurance); err != nil {
				return err
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "the policy files are sound")
			return err
		},
	}
}

func policyMatrixCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "matrix",
		Short: "Print the truth table: role, relation to the office, act, allowed or not",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			policy, err := access.NewPolicy(policies.Model, policies.Policy)
			if err != nil {
				return err
			}
			table := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintln(table, "ROLE\tACT\tOWN OFFICE\tOTHER OFFICE\tPARTY")
			for _, role := range town.Roles() {
				for _, act := range access.Acts() {
					_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", role, act,
						allowed(policy.Allows(role, access.Own, act)), allowed(policy.Allows(role, access.Other, act)), allowed(policy.Allows(role, access.Party, act)))
				}
			}
			return table.Flush()
		},
	}
}

func allowed(yes bool) string {
	if yes {
		return "allow"
	}
	return "deny"
}
