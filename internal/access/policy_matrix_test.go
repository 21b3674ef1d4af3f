package access

import (
	"strconv"
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/policies"
)

func TestShippedMatrixIsSound(t *testing.T) {
	if err := CheckMatrix(shippedPolicy(t), policies.Matrix); err != nil {
		t.Error(err)
	}
}

func TestMatrixIsRefused(t *testing.T) {
	lines := strings.Count(policies.Matrix, "\n")
	tests := map[string]struct{ line, want string }{
		"unknown role":     {"janitor,own,case,read,deny", `unknown role "janitor"`},
		"unknown relation": {"officer,any,case,read,deny", `unknown relation "any"`},
		"unknown act":      {"officer,own,case,burn,deny", "unknown act case:burn"},
		"neither":          {"officer,own,case,read,perhaps", `not "perhaps"`},
		"too short":        {"officer,own,case,read", "want role, relation"},
		"twice":            {"officer,own,case,read,allow", "the same question stands in line"},
		"more than it may": {"officer,party,visit,issue,allow", "allows what no line of policy.csv allows"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			err := CheckMatrix(shippedPolicy(t), policies.Matrix+test.line+"\n")
			where := "matrix.csv:" + strconv.Itoa(lines+1) + ": "
			if err == nil || !strings.Contains(err.Error(), where) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error = %v, want %s… %q", err, where, test.want)
			}
		})
	}
	denied := strings.Replace(policies.Matrix, "head,own,case,decide,allow", "head,own,case,decide,deny", 1)
	if err := CheckMatrix(shippedPolicy(t), denied); err == nil || !strings.Contains(err.Error(), "denies what policy.csv:") {
		t.Errorf("what the policy allows, denied: %v", err)
	}
	gone := strings.Replace(policies.Matrix, "head,own,case,decide,allow\n", "", 1)
	if err := CheckMatrix(shippedPolicy(t), gone); err == nil || !strings.Contains(err.Error(), "stands nowhere in matrix.csv") {
		t.Errorf("what the policy allows, left out: %v", err)
	}
}
