package graph_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	graphql "github.com/vektah/gqlparser/v2/ast"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// The contract is read as it stands in the repository, before any generator.

func contract(t *testing.T) *graphql.Schema {
	t.Helper()
	text, err := os.ReadFile("../schema.graphql")
	if err != nil {
		t.Fatalf("read the contract: %v", err)
	}
	schema, err := gqlparser.LoadSchema(&graphql.Source{Name: "schema.graphql", Input: string(text)})
	if err != nil {
		t.Fatalf("parse the contract: %v", err)
	}
	return schema
}

// ours are the types of the contract, without those of the specification.
func ours(schema *graphql.Schema) []*graphql.Definition {
	var list []*graphql.Definition
	for _, name := range slices.Sorted(maps.Keys(schema.Types)) {
		if def := schema.Types[name]; !def.BuiltIn {
			list = append(list, def)
		}
	}
	return list
}

// Whoever writes a front end needs nothing but the contract: it explains every type,
// field, input and value of an enum, and every argument that is not one of those that
// mean the same everywhere.
func TestContractIsDocumented(t *testing.T) {
	t.Parallel()
	for _, def := range ours(contract(t)) {
		undocumented(t, def.Name, def.Description)
		for _, field := range def.Fields {
			if strings.HasPrefix(field.Name, "__") {
				continue
			}
			undocumented(t, def.Name+"."+field.Name, field.Description)
			for _, arg := range field.Arguments {
				if !sameEverywhere(arg.Name) {
					undocumented(t, fmt.Sprintf("%s.%s(%s:)", def.Name, field.Name, arg.Name), arg.Description)
				}
			}
		}
		for _, value := range def.EnumValues {
			undocumented(t, def.Name+"."+value.Name, value.Description)
		}
	}
}

// sameEverywhere are the arguments that the head of the contract explains once.
func sameEverywhere(arg string) bool {
	switch arg {
	case "first", "after", "last", "before", "input", "id", "siteId", "officeCode":
		return true
	default:
		return false
	}
}

func undocumented(t *testing.T, what, description string) {
	t.Helper()
	if len(strings.TrimSpace(description)) < 3 {
		t.Errorf("%s has no description", what)
	}
}

// A type that no operation leads to is a leftover, and so is a directive of ours that
// nothing uses.
func TestContractHasNoLeftovers(t *testing.T) {
	t.Parallel()
	schema := contract(t)
	reached := map[string]bool{}
	for _, root := range []*graphql.Definition{schema.Query, schema.Mutation, schema.Subscription} {
		reach(schema, root, reached)
	}
	for _, def := range ours(schema) {
		if !reached[def.Name] {
			t.Errorf("no operation leads to %s", def.Name)
		}
	}
	for name, directive := range schema.Directives {
		if directive.Position != nil && directive.Position.Src != nil && !directive.Position.Src.BuiltIn && name != "shared" {
			t.Errorf("the directive @%s is for a generator: say it in gqlgen.yml", name)
		}
	}
}

func reach(schema *graphql.Schema, def *graphql.Definition, reached map[string]bool) {
	if def == nil || reached[def.Name] {
		return
	}
	reached[def.Name] = true
	for _, field := range def.Fields {
		reach(schema, schema.Types[field.Type.Name()], reached)
		for _, arg := range field.Arguments {
			reach(schema, schema.Types[arg.Type.Name()], reached)
		}
	}
	for _, possible := range schema.PossibleTypes[def.Name] {
		reach(schema, possible, reached)
	}
}

// Every mutation takes one input, gives one payload with userErrors, and what creates or
// decides takes an idempotency key; whatever two people can meet on takes the version.
func TestMutationsHaveOneShape(t *testing.T) {
	t.Parallel()
	schema := contract(t)
	for _, mutation := range schema.Mutation.Fields {
		if strings.HasPrefix(mutation.Name, "__") {
			continue
		}
		if len(mutation.Arguments) != 1 || mutation.Arguments[0].Name != "input" || !mutation.Arguments[0].Type.NonNull {
			t.Errorf("%s does not take one input", mutation.Name)
			continue
		}
		payload := schema.Types[mutation.Type.Name()]
		if f := payload.Fields.ForName("userErrors"); f == nil || f.Type.String() != "[UserError!]!" {
			t.Errorf("%s gives a %s without userErrors", mutation.Name, payload.Name)
		}
		input := schema.Types[mutation.Arguments[0].Type.Name()]
		if input.Fields.ForName("idempotencyKey") == nil && input.Fields.ForName("expectedVersion") == nil {
			t.Errorf("%s can neither be repeated (idempotencyKey) nor meet another (expectedVersion)", mutation.Name)
		}
	}
}

// An enum of the contract and the constants in the code are one list, kept twice.
func TestEnumsAreTheHouses(t *testing.T) {
	t.Parallel()
	house := map[string]struct {
		folder, name string
		// value is what the contract calls a constant; empty: not in the contract.
		value func(string) string
	}{
		"UserErrorCode":      {"internal/town", "Code", userErrorCode},
		"Priority":           {"internal/town", "Priority", same},
		"Channel":            {"internal/town", "Channel", same},
		"SessionState":       {"internal/town", "SessionState", same},
		"LegState":           {"internal/town", "LegState", same},
		"LegOutcome":         {"internal/town", "LegOutcome", same},
		"Phase":              {"internal/town", "Phase", same},
		"CaseOrderField":     {"internal/casework", "CaseOrderField", same},
		"OrderDirection":     {"internal/casework", "OrderDirection", same},
		"CaseAction":         {"internal/town", "CaseAction", same},
		"ActKind":            {"internal/town", "ActKind", same},
		"ActState":           {"internal/town", "ActState", same},
		"LegalGround":        {"internal/town", "Ground", same},
		"BulkErrors":         {"internal/casework", "BulkErrors", same},
		"DocumentState":      {"internal/town", "DocumentState", same},
		"ClockState":         {"internal/town", "ClockState", same},
		"ClockEffect":        {"internal/town", "ClockEffect", same},
		"IntakeStatus":       {"internal/town", "IntakeStatus", same},
		"FeedbackCause":      {"internal/town", "FeedbackCause", same},
		"FeedbackWay":        {"internal/town", "FeedbackWay", same},
		"EscalationStep":     {"internal/town", "EscalationStep", same},
		"EscalationKind":     {"internal/town", "EscalationKind", same},
		"EscalationState":    {"internal/town", "EscalationState", same},
		"EscalationOutcome":  {"internal/town", "EscalationOutcome", same},
		"EscalationAction":   {"internal/voice/ladder", "Action", ladderAction},
		"EscalationBreach":   {"internal/voice", "Breach", same},
		"EscalationTerm":     {"internal/voice/ladder", "Purpose", stepTerm},
		"ContactChannel":     {"internal/town", "ContactChannel", same},
		"DecisionOutcome":    {"internal/casework/life", "Outcome", same},
		"MandateClass":       {"internal/town", "MandateClass", same},
		"MemberKind":         {"internal/identity", "MemberKind", same},
		"PluginState":        {"internal/catalogue", "State", strings.ToUpper},
		"PluginStanding":     {"internal/catalogue", "Standing", strings.ToUpper},
		"UpdateKind":         {"internal/stream", "Kind", same},
		"AuditKind":          {"internal/audit/chain", "Kind", same},
		"AccessStanding":     {"internal/access", "Standing", same},
		"AccessObstacleCode": {"internal/access", "ObstacleCode", same},
		"AlertKind":          {"internal/town", "AlertKind", same},
		"AlertState":         {"internal/town", "AlertState", same},
		"AlertAction":        {"internal/town", "AlertAction", same},
		"AlertChannel":       {"internal/town", "AlertChannel", same},
		"DeliveryState":      {"internal/town", "DeliveryState", same},
		"ContentState":       {"internal/town", "ContentState", same},
		"ResultsStep":        {"internal/results/figures", "Step", same},
		"ResultsWordsBy":     {"internal/results/figures", "By", same},
	}
	for _, def := range ours(contract(t)) {
		if def.Kind != graphql.Enum {
			continue
		}
		t.Run(def.Name, func(t *testing.T) {
			source, known := house[def.Name]
			if !known {
				t.Fatal("this test does not know which constants it stands for")
			}
			var got, want []string
			for _, value := range def.EnumValues {
				got = append(got, value.Name)
			}
			for _, constant := range constants(t, source.folder, source.name) {
				if value := source.value(constant); value != "" {
					want = append(want, value)
				}
			}
			slices.Sort(got)
			slices.Sort(want)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s.%s (-) and the contract (+) differ:\n%s", source.folder, source.name, diff)
			}
		})
	}
}

func same(constant string) string { return constant }

// userErrorCode leaves out the codes of top-level errors.
func userErrorCode(constant string) string {
	if town.IsUserError(town.Errorf(town.Code(constant), "", "")) {
		return constant
	}
	return ""
}

// ladderAction leaves out what is no action of the API: an offer is taken up by raising
// it, and a term passes by itself.
func ladderAction(constant string) string {
	if constant == "TAKE_UP" || constant == "LAPSE" {
		return ""
	}
	return constant
}

// stepTerm leaves out the term of a report, which is no term of the step.
func stepTerm(value string) string {
	if value == "REPORT" {
		return ""
	}
	return value
}

// The head of the contract names the codes of top-level errors: all of them.
func TestContractNamesTheTopLevelCodes(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../schema.graphql")
	if err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(string(text), "\nscalar ")
	for _, code := range constants(t, "internal/town", "Code") {
		if userErrorCode(code) == "" && !strings.Contains(head, code) {
			t.Errorf("the head does not name %s", code)
		}
	}
}

// constants are the values of the constants of a string type, as its package declares
// them.
func constants(t *testing.T, folder, typeName string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", filepath.FromSlash(folder), "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no package in %s: %v", folder, err)
	}
	var values []string
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			values = append(values, constantsOf(decl, typeName)...)
		}
	}
	if len(values) == 0 {
		t.Fatalf("%s has no constants of type %s", folder, typeName)
	}
	return values
}

func constantsOf(decl ast.Decl, typeName string) []string {
	group, ok := decl.(*ast.GenDecl)
	if !ok || group.Tok != token.CONST {
		return nil
	}
	var values []string
	for _, spec := range group.Specs {
		constant := spec.(*ast.ValueSpec)
		named, ok := constant.Type.(*ast.Ident)
		if !ok || named.Name != typeName {
			continue
		}
		for _, value := range constant.Values {
			if literal, ok := value.(*ast.BasicLit); ok && literal.Kind == token.STRING {
				if text, err := strconv.Unquote(literal.Value); err == nil {
					values = append(values, text)
				}
			}
		}
	}
	return values
}
