// Package privacy keeps the promises about a person's data: how long they are kept, that
// a hold keeps a case from being erased, that a person can be forgotten, and that all
// that is kept about them can be handed over. It reads and erases across the rooms: what
// each of them keeps of a person is listed here, in one place, and a test compares the
// list with the schema.
package privacy

import (
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/privacy/retention"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// Config is what the room stands on.
type Config struct {
	Store     *store.Store
	Authority *access.Authority
	Vault     *vault.Vault
	Plan      *retention.Plan
	// Accesses tells who opened the file of a person.
	Accesses Accesses
	// Definitions say what the codes of a case mean.
	Definitions Definitions
}

// Privacy is the room.
type Privacy struct {
	store     *store.Store
	authority *access.Authority
	vault     *vault.Vault
	plan      *retention.Plan
	accesses  Accesses

	definition Definitions
}

// New makes the room.
func New(cfg Config) *Privacy {
	return &Privacy{store: cfg.Store, authority: cfg.Authority, vault: cfg.Vault, plan: cfg.Plan, accesses: cfg.Accesses, definition: cfg.Definitions}
}
