// Package mobilita is the office of mobility: badge of disabled people, parking
// permits, temporary use of public ground, fare support. What it offers is data;
// Go only works out fees, stamps and terms.
package mobilita

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
		sdk.WithComputation("canone_suolo", groundFee),
		sdk.WithComputation("bollo", stamps),
	)
}
