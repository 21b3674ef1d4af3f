package main

import (
	"context"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/audit"
	"github.com/spazio-in-comune/sportello/internal/store"
)

// openBeside opens the database of the flags to change something beside its server, or
// without one: in the sight of the audit, as the server does.
func openBeside(ctx context.Context, flags databaseFlags) (*store.Store, error) {
	scribe, err := audit.NewScribe()
	if err != nil {
		return nil, err
	}
	cfg := flags.config()
	cfg.Attach, cfg.Sign, cfg.Audit = access.Attach, access.Sign, scribe.Unit
	return store.OpenBeside(ctx, cfg)
}
