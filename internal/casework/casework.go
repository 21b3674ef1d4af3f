// Package casework turns a filled form into a case and leads the case to its
// outcome: intake, routing, terms, documents, decision.
//
// An intake is checked against its form here, reviewed by its department (one
// call, never inside a transaction), merged with the rules of the whole town, and
// then becomes a case in one short transaction. What may be done with a case is
// one table, in casework/life; how its terms run is in clocks.
package casework

import (
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Config is what casework needs. Queue, Registers and Parameters may be left out.
type Config struct {
	Store *store.Store
	// Vault seals what a case holds about people.
	Vault       *vault.Vault
	Departments Departments
	People      People
	// Queue tells what the waiting hall knows; without it those names are missing.
	Queue Queue
	// Registers tell what the town's registers know; without them those names are
	// missing.
	Registers Registers
	// Town has the calendar, the destinations and the common documents.
	Town *sdk.Town
	// Global are the rules of every practice.
	Global *sdk.GlobalRules
	// Parameters are the figures that the town has set for a service, in force on
	// a day, by name.
	Parameters func(service string, day town.Date) map[string]string
}

// Cases is the room. Its methods may be called at the same time.
type Cases struct {
	store       *store.Store
	vault       *vault.Vault
	departments Departments
	people      People
	queue       Queue
	registers   Registers
	town        *sdk.Town
	global      *sdk.GlobalRules
	parameters  func(service string, day town.Date) map[string]string
}

// New makes the room.
func New(cfg Config) *Cases {
	c := &Cases{
		store: cfg.Store, vault: cfg.Vault, departments: cfg.Departments, people: cfg.People,
		queue: cfg.Queue, registers: cfg.Registers, town: cfg.Town, global: cfg.Global,
		parameters: cfg.Parameters,
	}
	if c.queue == nil {
		c.queue = noQueue{}
	}
	if c.registers == nil {
		c.registers = noRegisters{}
	}
	if c.parameters == nil {
		c.parameters = func(string, town.Date) map[string]string { return nil }
	}
	return c
}
