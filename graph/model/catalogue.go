package model

import (
	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Service is a published definition with the state of its department's process.
type Service struct {
	*sdk.Definition
	Compiled *catalogue.Service
	State    PluginState
}

// DefinitionHash is the SHA-256 under which the definition is stored.
func (s *Service) DefinitionHash() string { return s.Compiled.Hash }

// Practice is one practice type of a service.
type Practice struct {
	*sdk.Practice
	Service *Service
}

// Form is the form of a practice.
type Form struct {
	Practice *Practice
}
