package main

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/access"
	alertrule "github.com/spazio-in-comune/sportello/internal/alerts/rule"
	"github.com/spazio-in-comune/sportello/internal/privacy/retention"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/policies"
)

func policyCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "policy", Short: "Who may see and do what"}
	cmd.AddCommand(policyCheckCommand(), policyMatrixCommand(), policyExplainCommand())
	return cmd
}

func policyCheckCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "check",
		Short: "Check the policy files: names, and that rules and truth table say the same",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkPolicies(); err != nil {
				return err
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "the policy files are sound")
			return err
		},
	}
}

// checkPolicies tells whatever is wrong in the files of policies/, line by line.
func checkPolicies() error {
	_, levels := access.NewLevels(policies.Assurance)
	_, terms := retention.Read(policies.Retention)
	_, thresholds := alertrule.Read(policies.Alerts)
	policy, err := access.NewPolicy(policies.Model, policies.Policy)
	if err == nil {
		err = access.CheckMatrix(policy, policies.Matrix)
	} else {
		_, unread := access.ReadMatrix(policies.Matrix)
		err = errors.Join(err, unread)
	}
	return errors.Join(err, levels, terms, thresholds)
}

func policyMatrixCommand() *cobra.Command {
	var plain bool
	cmd := &cobra.Command{
		Use:   "matrix",
		Short: "Print the truth table: role, relation to the office, act, allowed or not",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			policy, err := access.NewPolicy(policies.Model, policies.Policy)
			if err != nil {
				return err
			}
			if plain {
				return matrixLines(cmd.OutOrStdout(), policy)
			}
			return matrixTable(cmd.OutOrStdout(), policy)
		},
	}
	cmd.Flags().BoolVar(&plain, "csv", false, "as lines of role, relation, object, act, allow or deny")
	return cmd
}

func matrixTable(w io.Writer, policy *access.Policy) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "ROLE\tACT\tOWN OFFICE\tOTHER OFFICE\tPARTY")
	for _, role := range town.Roles() {
		for _, act := range access.Acts() {
			_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", role, act,
				allowed(policy.Allows(role, access.Own, act)), allowed(policy.Allows(role, access.Other, act)), allowed(policy.Allows(role, access.Party, act)))
		}
	}
	return table.Flush()
}

// matrixLines writes every cell in the form of matrix.csv.
func matrixLines(w io.Writer, policy *access.Policy) error {
	lines := [][]string{{"role", "relation", "object", "act", "expect"}}
	for _, role := range town.Roles() {
		for _, act := range access.Acts() {
			object, verb := act.Split()
			for _, relation := range []access.Relation{access.Own, access.Other, access.Party} {
				lines = append(lines, []string{string(role), string(relation), object, verb, allowed(policy.Allows(role, relation, act))})
			}
		}
	}
	return csv.NewWriter(w).WriteAll(lines)
}

func allowed(yes bool) string {
	if yes {
		return "allow"
	}
	return "deny"
}
