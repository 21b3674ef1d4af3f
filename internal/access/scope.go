package access

import (
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Scope is where one viewer may do what, as one immutable value: computed when
// the policy snapshot is built, looked up once per operation.
type Scope struct {
	// PolicyVersion is the snapshot it was computed from.
	PolicyVersion int64
	// Expires is the next from or to date of an assignment; zero means none.
	Expires time.Time
	// Roles are the roles held now.
	Roles []HeldRole

	all     bool // system work
	offices map[Act]OfficeSet
	party   []Act
}

// HeldRole is a role in an office, or in all ("*").
type HeldRole struct {
	Role   town.Role
	Office string
}

// OfficeSet is a set of offices: all, or some.
type OfficeSet struct {
	All     bool
	Offices []string
}

// Has reports whether the office belongs to the set.
func (s OfficeSet) Has(office string) bool {
	return s.All || slices.Contains(s.Offices, office)
}

// Empty reports whether the set has no office.
func (s OfficeSet) Empty() bool { return !s.All && len(s.Offices) == 0 }

// and is the offices of both sets.
func (s OfficeSet) and(more OfficeSet) OfficeSet {
	if s.All || more.All {
		return OfficeSet{All: true}
	}
	sum := append(slices.Clone(s.Offices), more.Offices...)
	slices.Sort(sum)
	return OfficeSet{Offices: slices.Compact(sum)}
}

var unlimited = &Scope{all: true}

// NewScope makes a scope from what each act is allowed in. It lets its holder read
// what they are a party to.
func NewScope(version int64, expires time.Time, roles []HeldRole, offices map[Act]OfficeSet) *Scope {
	return &Scope{PolicyVersion: version, Expires: expires, Roles: roles, offices: offices, party: partyActs}
}

// isAll reports whether this is the scope of the house's own work.
func (s *Scope) isAll() bool { return s != nil && s.all }

// Allows reports whether the act is allowed in the office. An office of "" asks
// for acts that concern no office: any grant will do.
func (s *Scope) Allows(act Act, office string) bool {
	if s == nil {
		return false
	}
	if s.all {
		return true
	}
	set := s.offices[act]
	if office == "" {
		return !set.Empty()
	}
	return set.Has(office)
}

// AllowsParty reports whether the act is allowed on what one is a party to.
func (s *Scope) AllowsParty(act Act) bool {
	return s != nil && (s.all || slices.Contains(s.party, act))
}

// Offices is the set of offices in which the act is allowed.
func (s *Scope) Offices(act Act) OfficeSet {
	if s == nil {
		return OfficeSet{}
	}
	if s.all {
		return OfficeSet{All: true}
	}
	return s.offices[act]
}

// Holds reports whether the viewer holds the role somewhere.
func (s *Scope) Holds(role town.Role) bool {
	if s == nil {
		return false
	}
	for _, held := range s.Roles {
		if held.Role == role {
			return true
		}
	}
	return false
}
