package access

import (
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
	if s.All {
		return true
	}
	for _, o := range s.Offices {
		if o == office {
			return true
		}
	}
	return false
}

// Empty reports whether the set has no office.
func (s OfficeSet) Empty() bool { return !s.All && len(s.Offices) == 0 }

var unlimited = &Scope{all: true}

// NewScope makes a scope from what each act is allowed in.
func NewScope(version int64, expires time.Time, roles []HeldRole, offices map[Act]OfficeSet) *Scope {
	return &Scope{PolicyVersion: version, Expires: expires, Roles: roles, offices: offices}
}

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
