// Package segretariato is the office of the social workers: public housing, home
// care, economic help, the foreigners' desk. What it offers is data; Go only
// works out fees and terms.
package segretariato

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
		sdk.WithComputation("isee_linear_fee", careHour),
	)
}
