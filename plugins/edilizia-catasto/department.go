// Package edilizia is the first level of building and cadastre: copies of
// building files, notices of works, planning certificates, housing suitability,
// house numbers. What it offers is data; Go only works out how many people a
// dwelling holds, the stamp duty and the last day of the terms.
package edilizia

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
		sdk.WithComputation("housing_capacity", housingCapacity),
		sdk.WithComputation("bollo", stampDuty),
	)
}
