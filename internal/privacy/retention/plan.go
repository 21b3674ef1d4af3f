// Package retention says until when personal data are kept: a table of the town, read
// once, and a pure rule over it.
package retention

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// anything stands for all services, practices or outcomes.
const anything = "*"

// forever stands for a term without end.
const forever = "ever"

// maxYears bounds what a line may say, so that a slip of the keyboard is told.
const maxYears = 150

// Kind is a kind of personal data that has a term of its own.
type Kind string

// The kinds.
const (
	Case   Kind = "case"    // what a case holds, by service and outcome
	Visit  Kind = "visit"   // who a visit was, and the notes on it
	Word   Kind = "word"    // feedback, and steps of the ladder about no case
	SignIn Kind = "sign-in" // who signed in when
	Draft  Kind = "draft"   // a form that was begun and not filed
	Person Kind = "person"  // a citizen of whom nothing else is left
)

// Kinds are all of them.
func Kinds() []Kind { return []Kind{Case, Visit, Word, SignIn, Draft, Person} }

// Rule is a line of the table.
type Rule struct {
	// Line is where it stands in the file, from 1.
	Line int
	Kind Kind
	// Service and Practice are codes, Outcome a phase; "*" stands for all.
	Service, Practice, Outcome string
	// Years is how long the data are kept after the case closed; 0 for good.
	Years int
	// Basis is the law or act behind it.
	Basis string
	// ToVerify marks what the town has to confirm.
	ToVerify bool
}

// Forever reports whether the data are kept for good.
func (r Rule) Forever() bool { return r.Years == 0 }

// Until is the last day on which data are kept whose term began on the day, such as the
// one on which a case closed; false where they are kept for good. 29 February becomes
// the 28th in a common year.
func (r Rule) Until(began calc.Date) (calc.Date, bool) {
	if r.Forever() {
		return calc.Date{}, false
	}
	return began.AddMonths(12 * r.Years), true
}

// Plan is the whole table.
type Plan struct{ rules map[key]Rule }

type key struct {
	kind                       Kind
	service, practice, outcome string
}

// columns are what a line holds.
const columns = 7

// Read reads the table and refuses what cannot be meant, naming the line.
func Read(text string) (*Plan, error) {
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comment = '#'
	reader.FieldsPerRecord = columns
	plan := &Plan{rules: map[key]Rule{}}
	for heading := true; ; heading = false {
		record, err := reader.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("retention: %w", err)
		}
		if heading {
			continue
		}
		line, _ := reader.FieldPos(0)
		if err := plan.add(line, record); err != nil {
			return nil, fmt.Errorf("retention line %d: %w", line, err)
		}
	}
	for _, kind := range Kinds() {
		if _, ok := plan.rules[key{kind, anything, anything, anything}]; !ok {
			return nil, fmt.Errorf("retention: a line %s,*,*,* must say what holds where no other does", kind)
		}
	}
	return plan, nil
}

func (p *Plan) add(line int, record []string) error {
	r := Rule{Line: line, Kind: Kind(record[0]), Service: record[1], Practice: record[2], Outcome: record[3], Basis: record[5]}
	switch {
	case !slices.Contains(Kinds(), r.Kind):
		return fmt.Errorf("what: one of %v, not %q", Kinds(), record[0])
	case r.Kind != Case && (r.Service != anything || r.Practice != anything || r.Outcome != anything):
		return fmt.Errorf("only cases have a service, a practice and an outcome; %s wants *,*,*", r.Kind)
	case r.Service == "" || r.Practice == "" || r.Outcome == "":
		return errors.New("service, practice and outcome: a code, or * for all")
	case r.Service == anything && r.Practice != anything:
		return errors.New("a practice needs its service")
	case r.Outcome != anything && !slices.Contains(Outcomes(), town.Phase(r.Outcome)):
		return fmt.Errorf("no case closes in %q", r.Outcome)
	case r.Basis == "":
		return errors.New("basis: the law or act behind the term")
	}
	var err error
	if r.Years, err = years(record[4]); err != nil {
		return err
	}
	if r.ToVerify, err = yes(record[6]); err != nil {
		return err
	}
	k := key{r.Kind, r.Service, r.Practice, r.Outcome}
	if earlier, twice := p.rules[k]; twice {
		return fmt.Errorf("line %d says the same case already", earlier.Line)
	}
	p.rules[k] = r
	return nil
}

func years(text string) (int, error) {
	if text == forever {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxYears {
		return 0, fmt.Errorf("years: 1 to %d, or %q, not %q", maxYears, forever, text)
	}
	return n, nil
}

func yes(text string) (bool, error) {
	switch text {
	case "yes":
		return true, nil
	case "no":
		return false, nil
	default:
		return false, fmt.Errorf("to_verify: yes or no, not %q", text)
	}
}

// ForCase is the rule that holds for a case: the most precise one.
func (p *Plan) ForCase(service, practice string, outcome town.Phase) Rule {
	for _, where := range [][2]string{{service, practice}, {service, anything}, {anything, anything}} {
		for _, how := range []string{string(outcome), anything} {
			if r, ok := p.rules[key{Case, where[0], where[1], how}]; ok {
				return r
			}
		}
	}
	return Rule{} // Read made sure of a line for all
}

// For is the rule that holds for a kind of data other than cases.
func (p *Plan) For(kind Kind) Rule { return p.rules[key{kind, anything, anything, anything}] }

// Rules are all lines, in the order of the file.
func (p *Plan) Rules() []Rule {
	list := make([]Rule, 0, len(p.rules))
	for _, r := range p.rules {
		list = append(list, r)
	}
	slices.SortFunc(list, func(a, b Rule) int { return a.Line - b.Line })
	return list
}

// Outcomes are the phases in which a case may close.
func Outcomes() []town.Phase {
	return []town.Phase{
		town.PhaseFulfilled, town.PhaseWithdrawn, town.PhaseInadmissible, town.PhaseDecidedRefused,
		town.PhaseDeemedGranted, town.PhaseDeemedRefused, town.PhaseArchived,
	}
}

// Shortest is the fewest years that any line of the kind asks for; 0 where all keep for
// good. What is younger is never due.
func (p *Plan) Shortest(kind Kind) int {
	shortest := 0
	for _, r := range p.rules {
		if r.Kind == kind && !r.Forever() && (shortest == 0 || r.Years < shortest) {
			shortest = r.Years
		}
	}
	return shortest
}
