package access

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/casbin/casbin/v2"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// rule is a line of the policy file.
type rule struct {
	line   int
	kind   string // p or g
	fields []string
	// comment is what the file says above the line: of its paragraph, and of the line.
	comment string
}

// Rule is a line of policy.csv as a person reads it.
type Rule struct {
	// Line is its number in the file, from 1.
	Line int
	// Text is the line, such as "p, officer, own, case, read".
	Text string
	// Comment is what the file says of it, in one paragraph.
	Comment string
	// Through is the line by which one role has what the other has; nil where the line
	// names the role itself.
	Through *Rule
}

// ruleBook are the lines of the file by their text.
type ruleBook map[string]rule

// rule is the line that casbin matched for the role.
func (b ruleBook) rule(role town.Role, matched []string) *Rule {
	r := b[rule{kind: "p", fields: matched}.text()].shown()
	if parent := matched[0]; parent != string(role) {
		if g, ok := b[rule{kind: "g", fields: []string{string(role), parent}}.text()]; ok {
			r.Through = g.shown()
		}
	}
	return r
}

func (r rule) text() string { return r.kind + ", " + strings.Join(r.fields, ", ") }

func (r rule) shown() *Rule { return &Rule{Line: r.line, Text: r.text(), Comment: r.comment} }

func (r rule) addTo(enforcer *casbin.Enforcer) (bool, error) {
	if r.kind == "g" {
		return enforcer.AddGroupingPolicy(r.fields)
	}
	return enforcer.AddPolicy(r.fields)
}

// readRules reads the lines and refuses names that nobody knows.
func readRules(text string) ([]rule, error) {
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comment = '#'
	reader.TrimLeadingSpace = true
	reader.FieldsPerRecord = -1
	notes := strings.Split(text, "\n")
	var rules []rule
	var wrong []error
	for {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return rules, errors.Join(wrong...)
		}
		if err != nil {
			return nil, fmt.Errorf("policy.csv: %w", err)
		}
		line, _ := reader.FieldPos(0)
		for i := range record {
			record[i] = strings.TrimSpace(record[i])
		}
		r := rule{line: line, kind: record[0], fields: record[1:], comment: commentAbove(notes, line)}
		if err := r.check(); err != nil {
			wrong = append(wrong, fmt.Errorf("policy.csv:%d: %w", line, err))
			continue
		}
		rules = append(rules, r)
	}
}

func (r rule) check() error {
	switch {
	case r.kind == "g" && len(r.fields) == 2:
		return errors.Join(knownRole(r.fields[0]), knownRole(r.fields[1]))
	case r.kind == "p" && len(r.fields) == 4:
		return r.checkPermission()
	default:
		return errors.New("want p, role, relation, object, act or g, role, role")
	}
}

func (r rule) checkPermission() error {
	role, relation, act := town.Role(r.fields[0]), Relation(r.fields[1]), Act(r.fields[2]+":"+r.fields[3])
	switch {
	case knownRole(r.fields[0]) != nil:
		return knownRole(r.fields[0])
	case !slices.Contains(Acts(), act):
		return fmt.Errorf("unknown act %s", act)
	case relation != Own && relation != Any && relation != Party:
		return fmt.Errorf("unknown relation %q: want own, any or party", relation)
	case relation == Own && slices.Contains(everybodys, role):
		return fmt.Errorf("%s has no office of its own: want any or party", role)
	case relation == Party && !slices.Contains(partyActs, act):
		return fmt.Errorf("party is about reading only, not %s", act)
	}
	return nil
}

func knownRole(name string) error {
	if slices.Contains(town.Roles(), town.Role(name)) {
		return nil
	}
	return fmt.Errorf("unknown role %q", name)
}

// commentAbove is what the file says of the line of that number: the comment that opens
// its paragraph (lines without an empty one between), and the one right above it.
func commentAbove(lines []string, number int) string {
	first := number - 1 // from here on lines count from 0
	for first > 0 && strings.TrimSpace(lines[first-1]) != "" {
		first--
	}
	opening := first
	for opening < number-1 && isComment(lines[opening]) {
		opening++
	}
	near := number - 1
	for near > opening && isComment(lines[near-1]) {
		near--
	}
	var words []string
	for _, line := range append(slices.Clone(lines[first:opening]), lines[near:number-1]...) {
		words = append(words, strings.Fields(strings.TrimLeft(strings.TrimSpace(line), "#"))...)
	}
	return strings.Join(words, " ")
}

func isComment(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "#") }
