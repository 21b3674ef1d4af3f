// Package sociali is the first level of the social services: a talk with a
// social worker, meals at home, emergency call device, social transport. What it
// offers is data; Go only works out fees and terms.
package sociali

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
		sdk.WithComputation("isee_linear_fee", serviceFee),
	)
}
