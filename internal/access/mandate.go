package access

import (
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Mandate is what lets a viewer act for somebody else.
type Mandate struct {
	ID string
	// PrincipalID is the person for whom one acts.
	PrincipalID string
	// DelegateID is the person who may act.
	DelegateID string
	Class      town.MandateClass
	// Services are the codes of the services in which one may act; empty for all.
	Services []string
	From     time.Time
	// To is when it ends; zero means no end.
	To time.Time
}

// Covers reports whether one may act in the service under the mandate.
func (m *Mandate) Covers(service string) bool {
	return m != nil && (len(m.Services) == 0 || slices.Contains(m.Services, service))
}

// holds reports whether the mandate is in force.
func (m *Mandate) holds(now time.Time) bool {
	return !now.Before(m.From) && (m.To.IsZero() || now.Before(m.To))
}
