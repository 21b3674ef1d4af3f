// Package ecologia is ecology and waste: bulky waste, recycling centre, bags and
// bins, environmental reports, gardens and trees. It is all data; the only
// figures are the last days of the terms.
package ecologia

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
	)
}
