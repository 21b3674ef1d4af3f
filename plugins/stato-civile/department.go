// Package statocivile is the civil-status office: births, citizenship, marriages
// and civil unions, deaths, separations, extracts. What it offers is data; Go
// only works out the days that the forms settle and the stamp duty.
package statocivile

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
		sdk.WithComputation("deadline", terms),
		sdk.WithComputation("bollo", stamps),
	)
}
