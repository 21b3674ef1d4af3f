// Package isee receives and checks ISEE certificates for municipal fees and
// grants the benefits of the town. What it offers is data; Go only works out the
// figures.
package isee

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
		sdk.WithComputation("isee_linear_fee", canteenFee),
		sdk.WithComputation("maternity_allowance", maternityAllowance),
		sdk.WithComputation("tari_outline", wasteBonus),
	)
}
