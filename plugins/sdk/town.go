package sdk

import "github.com/spazio-in-comune/sportello/plugins/sdk/calc"

// Town is what all departments of a town hall share: where a person can be
// sent, the papers that any rule may ask, the common groups of fields, the
// calendar, the rules of every practice.
type Town struct {
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
}

func (t *Town) hasDestination(id string) bool {
	for _, d := range t.Destinations {
		if d.ID == id {
			return true
		}
	}
	return false
}

func (t *Town) hasPractice(id string) bool {
	for _, ids := range t.Practices {
		for _, known := range ids {
			if known == id {
				return true
			}
		}
	}
	return false
}
