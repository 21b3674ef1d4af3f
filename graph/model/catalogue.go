package model

import "github.com/spazio-in-comune/sportello/plugins/sdk"

// Service is a department's definition with what the host knows of it.
type Service struct {
	*sdk.Definition
	// DefinitionHash is the SHA-256 under which the definition is stored.
	DefinitionHash string
	State          PluginState
}

// Practice is one practice type of a service.
type Practice struct {
	*sdk.Practice
	Service *Service
}

// Form is the form of a practice.
type Form struct {
	Practice *Practice
}

// RoutingDecision is what the rules said, and whether the department was down.
type RoutingDecision struct {
	*sdk.Decision
	Degraded bool
}
