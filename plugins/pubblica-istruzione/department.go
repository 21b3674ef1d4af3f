// Package istruzione is the office of education: canteen, nursery, school bus,
// before and after school, study grants. What it offers is data; Go only works
// out the fees by ISEE and the day of the ranking.
package istruzione

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
		sdk.WithComputation("deadline", rankingDay),
		sdk.WithComputation("isee_linear_fee", fees),
	)
}
