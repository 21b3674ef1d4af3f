package access

import (
	"slices"

	"entgo.io/ent/dialect/sql"
)

// A rule says which rows of a table a viewer may see, as a WHERE. Rules are built
// from branches, each with an index of its own: offices, own party, steps held.
// What drives a list is the list's own condition; a branch that must look at
// another table does so by key for the row at hand (EXISTS), or from the viewer's
// own few rows (IN), never by gathering all that is visible.
type rowRule func(v *Viewer, t columns) branch

// columns is a table, or a query on one, in a statement.
type columns interface{ C(name string) string }

// branch is a condition, or all rows, or none. The zero branch is none.
type branch struct {
	all  bool
	when *sql.Predicate
}

var every = branch{all: true}

func when(p *sql.Predicate) branch { return branch{when: p} }

// restrict adds the branch to a statement.
func (b branch) restrict(s *sql.Selector) {
	switch {
	case b.all:
	case b.when == nil:
		s.Where(sql.False())
	default:
		s.Where(b.when)
	}
}

// either holds where one of the branches does.
func either(branches ...branch) branch {
	var some []*sql.Predicate
	for _, b := range branches {
		if b.all {
			return every
		}
		if b.when != nil {
			some = append(some, b.when)
		}
	}
	switch len(some) {
	case 0:
		return branch{}
	case 1:
		return when(some[0])
	default:
		return when(sql.Or(some...))
	}
}

// both holds where all of the branches do.
func both(branches ...branch) branch {
	var some []*sql.Predicate
	for _, b := range branches {
		switch {
		case b.all:
		case b.when == nil:
			return branch{}
		default:
			some = append(some, b.when)
		}
	}
	switch len(some) {
	case 0:
		return every
	case 1:
		return when(some[0])
	default:
		return when(sql.And(some...))
	}
}

// in holds where the column is one of the offices.
func in(column string, set OfficeSet) branch {
	if set.All {
		return every
	}
	if len(set.Offices) == 0 {
		return branch{}
	}
	values := make([]any, len(set.Offices))
	for i, office := range set.Offices {
		values[i] = office
	}
	return when(sql.In(column, values...))
}

// is holds where the column has the value, which must not be empty.
func is(column, value string) branch {
	if value == "" {
		return branch{}
	}
	return when(sql.EQ(column, value))
}

// exists holds where the other table has a row, found by key, that obeys the rule.
// The alias must not be used twice in one nesting.
func exists(table, alias, key, outer string, rule func(t columns) branch) branch {
	t := sql.Table(table).As(alias)
	inner := rule(t)
	if !inner.all && inner.when == nil {
		return branch{}
	}
	q := sql.Select(t.C("id")).From(t).Where(sql.ColumnsEQ(t.C(key), outer))
	inner.restrict(q)
	return when(sql.Exists(q))
}

// among holds where the column is in what the other table says for the viewer's own
// few rows.
func among(column, table, alias, value string, rule func(t columns) branch) branch {
	t := sql.Table(table).As(alias)
	inner := rule(t)
	if inner.all || inner.when == nil {
		return inner
	}
	return when(sql.In(column, sql.Select(t.C(value)).From(t).Where(inner.when)))
}

// me is the id by which the viewer is a party to things, or empty where the policy
// does not let them read those.
func (v *Viewer) me(act Act) string {
	if v.selfID() == "" || !v.CanAsParty(act) {
		return ""
	}
	return v.ID
}

// partyID is the id by which things are the viewer's to ask for: their own, or that of
// whom they act for; empty where the policy does not let them read those.
func (v *Viewer) partyID(act Act) string {
	if v.me(act) == "" {
		return ""
	}
	return v.Account()
}

// ticket is the visit whose ticket the viewer holds, or empty.
func (v *Viewer) ticket(act Act) string {
	if !v.CanAsParty(act) {
		return ""
	}
	return v.VisitID
}

// answering are the acts of whoever answers a step below level 5.
var answering = []Act{EscalationHelp, EscalationReview, EscalationSubstitute, EscalationAccess}

// Answering are the acts by which a step of the ladder is answered below level 5. Whoever
// holds one in an office sees the cases about which that office has a step.
func Answering() []Act { return slices.Clone(answering) }

// answers are the offices whose steps of the ladder the viewer answers below level 5.
// They open the visit and the case concerned; level 5 opens neither.
func (v *Viewer) answers() OfficeSet {
	all := v.Scope.Offices(EscalationHelp)
	for _, act := range answering[1:] {
		all = all.and(v.Scope.Offices(act))
	}
	return all
}
