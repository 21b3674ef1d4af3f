package alerts

import (
	"context"
	"log/slog"
	"time"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/alerts/post"
	"github.com/spazio-in-comune/sportello/internal/alerts/rule"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// Config is what the room needs.
type Config struct {
	Store *store.Store
	// Vault seals addresses and secrets.
	Vault *vault.Vault
	// Rules say when somebody is told.
	Rules *rule.Table
	// Rights know who may see what.
	Rights Rights
	// Hall tells the waits, Departments who is up. Either may be left out.
	Hall        Hall
	Departments Departments
	// Replica is the name of this server among those on one database.
	Replica string
	// Webhooks and Mail take messages out of the house. Without Mail nobody can ask for it.
	Webhooks Webhooks
	Mail     Mailer
	Logger   *slog.Logger
}

// Rights are who may see what, as far as alerts ask.
type Rights interface {
	// Viewer is a person as of now; an error where they may not come in any more.
	Viewer(personID string, expires time.Time) (*access.Viewer, error)
}

// Wait is how long whoever takes a number now waits, in the median.
type Wait struct {
	Site, Office string
	Minutes      float64
}

// Hall knows the waits of every office at every site, also where nobody waits.
type Hall interface {
	Waits(ctx context.Context) ([]Wait, error)
}

// Department is one that should be up.
type Department struct {
	Service, Office string
	Down            bool
}

// Departments knows the departments that should be up.
type Departments interface {
	Departments(ctx context.Context) ([]Department, error)
}

// Webhooks sends signed messages.
type Webhooks interface {
	// Check refuses, as INVALID, an address to which nothing is sent.
	Check(address string) error
	Send(ctx context.Context, m post.Message) error
}

// Mailer sends letters.
type Mailer interface {
	Send(ctx context.Context, l post.Letter) error
}

// Alerts is the room. Its methods may be called at the same time.
type Alerts struct {
	store       *store.Store
	vault       *vault.Vault
	rules       *rule.Table
	rights      Rights
	hall        Hall
	departments Departments
	replica     string
	webhooks    Webhooks
	mail        Mailer
	logger      *slog.Logger
}

// New makes the room.
func New(cfg Config) *Alerts {
	return &Alerts{
		store: cfg.Store, vault: cfg.Vault, rules: cfg.Rules, rights: cfg.Rights, hall: cfg.Hall, departments: cfg.Departments, replica: cfg.Replica,
		webhooks: cfg.Webhooks, mail: cfg.Mail, logger: cfg.Logger,
	}
}

// actor is who raises and resolves.
const actor = "system:alerts"

// house is the context of the room's own work.
func house(ctx context.Context) context.Context { return access.System(ctx, "alerts") }

// given is what an optional field holds; the zero value if nothing.
func given[T any](p *T) T {
	var zero T
	if p == nil {
		return zero
	}
	return *p
}
