package access

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Cell is a line of the truth table.
type Cell struct {
	// Line is its number in the file, from 1.
	Line     int
	Role     town.Role
	Relation Relation
	Act      Act
	Allow    bool
}

// ReadMatrix reads the truth table. Every wrong line is told, with its number: unknown
// names, lines that stand there twice, and what is neither allow nor deny.
func ReadMatrix(text string) ([]Cell, error) {
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comment, reader.TrimLeadingSpace, reader.FieldsPerRecord = '#', true, -1
	var cells []Cell
	var wrong []error
	first := map[Cell]int{}
	for header := true; ; header = false {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return cells, errors.Join(wrong...)
		}
		if err != nil {
			return nil, fmt.Errorf("matrix.csv: %w", err)
		}
		if header {
			continue
		}
		line, _ := reader.FieldPos(0)
		c, err := readCell(record)
		key := Cell{Role: c.Role, Relation: c.Relation, Act: c.Act}
		if err == nil && first[key] != 0 {
			err = fmt.Errorf("the same question stands in line %d", first[key])
		}
		if err != nil {
			wrong = append(wrong, fmt.Errorf("matrix.csv:%d: %w", line, err))
			continue
		}
		first[key] = line
		c.Line = line
		cells = append(cells, c)
	}
}

func readCell(record []string) (Cell, error) {
	if len(record) != 5 {
		return Cell{}, errors.New("want role, relation, object, act, allow or deny")
	}
	c := Cell{Role: town.Role(record[0]), Relation: Relation(record[1]), Act: Act(record[2] + ":" + record[3]), Allow: record[4] == "allow"}
	switch {
	case knownRole(record[0]) != nil:
		return Cell{}, knownRole(record[0])
	case !slices.Contains([]Relation{Own, Other, Party}, c.Relation):
		return Cell{}, fmt.Errorf("unknown relation %q: want own, other or party", c.Relation)
	case !slices.Contains(Acts(), c.Act):
		return Cell{}, fmt.Errorf("unknown act %s", c.Act)
	case record[4] != "allow" && record[4] != "deny":
		return Cell{}, fmt.Errorf("want allow or deny, not %q", record[4])
	}
	return c, nil
}

// CheckMatrix compares the truth table with the policy: every line of the one that the
// other contradicts is told, with its number, and so is what the policy allows and the
// table does not have.
func CheckMatrix(p *Policy, text string) error {
	cells, err := ReadMatrix(text)
	if err != nil {
		return err
	}
	var wrong []error
	said := map[cell]bool{}
	for _, c := range cells {
		key := cell{c.Role, c.Relation, c.Act}
		said[key] = true
		rule := p.rules[key]
		switch {
		case c.Allow && rule == nil:
			wrong = append(wrong, fmt.Errorf("matrix.csv:%d: allows what no line of policy.csv allows", c.Line))
		case !c.Allow && rule != nil:
			wrong = append(wrong, fmt.Errorf("matrix.csv:%d: denies what policy.csv:%d allows", c.Line, rule.Line))
		}
	}
	for _, role := range town.Roles() {
		for _, relation := range []Relation{Own, Other, Party} {
			for _, act := range Acts() {
				if rule := p.RuleOf(role, relation, act); rule != nil && !said[cell{role, relation, act}] {
					wrong = append(wrong, fmt.Errorf("policy.csv:%d: allows %s (%s) %s, which stands nowhere in matrix.csv", rule.Line, role, relation, act))
				}
			}
		}
	}
	return errors.Join(wrong...)
}
