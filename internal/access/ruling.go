package access

import (
	"slices"
)

// Ruling says in words which rules allowed the viewer what was checked: the role held, its
// relation to the office, the act, and the office, "*" for acts that concern none:
// "operator own case:handle sportello". It is sorted.
func (p *Policy) Ruling(v *Viewer, checks []Check) []string {
	if v == nil || v.Scope == nil {
		return nil
	}
	var rules []string
	for _, c := range checks {
		if rule := p.rulingOn(v, c); rule != "" {
			rules = append(rules, rule)
		}
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

func (p *Policy) rulingOn(v *Viewer, c Check) string {
	office := c.Office
	if office == "" {
		office = everywhere
	}
	for _, relation := range []Relation{Own, Other} {
		for _, held := range v.Scope.Roles {
			here := held.Office == everywhere || c.Office == "" || held.Office == c.Office
			if here == (relation == Own) && p.Allows(held.Role, relation, c.Act) {
				return string(held.Role) + " " + string(relation) + " " + string(c.Act) + " " + office
			}
		}
	}
	return ""
}
