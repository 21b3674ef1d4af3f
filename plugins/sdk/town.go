package sdk

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Town is what all departments of a town hall share: where a person can be
// sent, the papers that any rule may ask, the common groups of fields, the
// calendar, the rules of every practice.
type Town struct {
	// Municipality is who answers for every service.
	Municipality Municipality `json:"municipality,omitzero" yaml:"municipality"`
	// Conditions of service that hold for every practice.
	Conditions      Text                  `json:"conditions,omitzero" yaml:"conditions"`
	Destinations    []Destination         `json:"destinations" yaml:"destinations"`
	CommonDocuments []Document            `json:"commonDocuments" yaml:"common_documents"`
	FieldGroups     map[string]FieldGroup `json:"fieldGroups" yaml:"field_groups"`
	Calendar        calc.Calendar         `json:"calendar" yaml:"calendar"`
	// OpeningHours are by day, "mon" to "sun", as "08:30-12:30".
	OpeningHours map[string][]string `json:"openingHours" yaml:"opening_hours"`
	GlobalRules  []Rule              `json:"globalRules" yaml:"global_rules"`
	// Practices are the ids of the practice types by service, so that a rule may
	// lead to the practice of another department, installed or not.
	Practices map[string][]string `json:"practices" yaml:"practices"`
}

// Destination is a place or an office where a person can be sent.
type Destination struct {
	ID string `json:"id" yaml:"id"`
	// Level is the access level, 1 to 5.
	Level int  `json:"level" yaml:"level"`
	Label Text `json:"label" yaml:"label"`
	// External is true for a body outside the town hall: it has no desk here.
	External bool `json:"external,omitempty" yaml:"external"`
	// Place says where to go, in words.
	Place Text `json:"place,omitzero" yaml:"place"`
	// Contacts are how to reach it without going there.
	Contacts Contacts `json:"contacts,omitzero" yaml:"contacts"`
}

// Contacts of an office. What is not known is empty.
type Contacts struct {
	Email string `json:"email,omitempty" yaml:"email"`
	// PEC is the certified address.
	PEC   string `json:"pec,omitempty" yaml:"pec"`
	Phone string `json:"phone,omitempty" yaml:"phone"`
	Web   string `json:"web,omitempty" yaml:"web"`
	// ToVerify is true while the town has not confirmed them.
	ToVerify bool `json:"toVerify,omitempty" yaml:"to_verify"`
}

// IsZero reports whether there is none.
func (c Contacts) IsZero() bool { return c == Contacts{ToVerify: c.ToVerify} }

// Municipality is the town itself, by the codes of the State.
type Municipality struct {
	Name string `json:"name" yaml:"name"`
	// Belfiore is the code of the land registry, such as "G488".
	Belfiore string `json:"belfiore" yaml:"belfiore"`
	// ISTAT is the six-digit code of the statistical office.
	ISTAT    string `json:"istat" yaml:"istat"`
	Postcode string `json:"postcode" yaml:"postcode"`
	Province string `json:"province" yaml:"province"`
	// Web is the site under which the town's services are named.
	Web string `json:"web" yaml:"web"`
	// ToVerify is true while the town has not confirmed what is not a code.
	ToVerify bool `json:"toVerify,omitempty" yaml:"to_verify"`
}

// Destination finds a destination by its id.
func (t *Town) Destination(id string) (Destination, bool) {
	for _, d := range t.Destinations {
		if d.ID == id {
			return d, true
		}
	}
	return Destination{}, false
}

func (t *Town) hasDestination(id string) bool {
	return slices.ContainsFunc(t.Destinations, func(d Destination) bool { return d.ID == id })
}

func (t *Town) hasPractice(id string) bool {
	for _, ids := range t.Practices {
		if slices.Contains(ids, id) {
			return true
		}
	}
	return false
}

// Validate finds everything that is wrong in the shared data: ids, words in one
// language only, fields that cannot be read, days that do not exist, global
// rules.
func (t *Town) Validate() error {
	faults := []error{
		repeated("destination", t.Destinations, func(d Destination) string { return d.ID }),
		checkPapers("common document", t.CommonDocuments),
	}
	for _, d := range t.Destinations {
		faults = append(faults, needID("destination", d.ID, validID), needText("label of "+d.ID, d.Label))
		if !d.Place.isEmpty() {
			faults = append(faults, needText("place of "+d.ID, d.Place))
		}
		if d.Level < 1 || d.Level > 5 {
			faults = append(faults, fmt.Errorf("destination %s: level %d: want 1 to 5", d.ID, d.Level))
		}
	}
	for _, id := range slices.Sorted(maps.Keys(t.FieldGroups)) {
		group := t.FieldGroups[id]
		faults = append(faults, needText("title of group "+id, group.Title))
		for i := range group.Fields {
			if _, err := compileField(&group.Fields[i]); err != nil {
				faults = append(faults, fmt.Errorf("group %s: %w", id, err))
			}
		}
	}
	for _, day := range slices.Concat(t.Calendar.Fixed, t.Calendar.Local, slices.Sorted(maps.Keys(t.Calendar.FixedFrom))) {
		if _, err := calc.ParseDate("2024-" + string(day)); err != nil { // a leap year has them all
			faults = append(faults, fmt.Errorf("calendar: %q is no day of the year", day))
		}
	}
	_, err := CompileGlobal(t)
	return errors.Join(append(faults, err)...)
}
