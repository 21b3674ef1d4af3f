// Package atti is the service for documents of the town: collection of what is
// ready, access to documents, civic access, requests handed to the registry.
// What it offers is data; Go only works out terms and stamps.
package atti

import (
	"embed"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/town"
)

//go:embed service.yaml practices
var folder embed.FS

// New loads the department.
func New() (sdk.Department, error) {
	return town.Department(folder,
		sdk.WithComputation("deadline", sdk.Deadlines),
		sdk.WithComputation("bollo", stamps),
	)
}
