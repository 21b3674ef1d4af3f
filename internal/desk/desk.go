// Package desk is the room of the waiting hall: visits and their numbers, the
// legs of a visit, counters and their shifts, who is called next and how long one
// will wait.
//
// Its rules are in desk/rules; here they meet the database. Every change of a leg
// goes through one table of transitions, keeps exactly one open interval while
// the leg lives, and appends its event in the same transaction.
package desk

import (
	"github.com/spazio-in-comune/sportello/internal/desk/rules"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// Services is what the desk must know of the catalogue. It must answer at once,
// also while a department is down.
type Services interface {
	// Service gives the facts of a published service.
	Service(code string) (Service, bool)
}

// Service are the facts of a service that matter in the hall.
type Service struct {
	// Letter of its ticket numbers, unless the site says otherwise.
	Letter string
	// Office that serves who asks for it.
	Office string
	// TypicalMinutes of a practice of the service, in the mean; 0 if unknown.
	TypicalMinutes float64
	// Minutes that each practice typically takes, by code.
	Minutes map[string]float64
}

// Desk is the room. Its methods may be called at the same time.
type Desk struct {
	store    *store.Store
	vault    *vault.Vault
	services Services
	ageCaps  []rules.AgeCap

	// Whoever asks for a number at the same time is sent and promised together.
	promises     together[place, rules.Promise]
	destinations together[wish, destination]
}

// New makes the room. ageCaps are the dated longest waits; none stands for
// [rules.DefaultAgeCaps].
func New(s *store.Store, v *vault.Vault, services Services, ageCaps ...rules.AgeCap) *Desk {
	if len(ageCaps) == 0 {
		ageCaps = rules.DefaultAgeCaps()
	}
	return &Desk{store: s, vault: v, services: services, ageCaps: ageCaps}
}
