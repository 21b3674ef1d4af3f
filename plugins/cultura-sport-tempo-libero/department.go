// Package cultura is the office of culture and sport: halls and gyms, patronage
// and grants, courses and the library. What it offers is data; Go only counts
// the stamp of a request and the last day of the terms.
package cultura

import (
	"embed"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/tariff"
	"github.com/spazio-in-comune/sportello/plugins/town"
)

//go:embed service.yaml practices
var folder embed.FS

// New loads the department.
func New() (sdk.Department, error) {
	return town.Department(folder,
		sdk.WithComputation("deadline", sdk.Deadlines),
		sdk.WithComputation("bollo", tariff.Stamps(tariff.Request, thirdSector)),
	)
}

// thirdSector reports a body in the national register, which is exempt from
// stamp duty (D.Lgs. 117/2017 art. 82 c. 5).
func thirdSector(in *sdk.Intake) bool { return in.Bool("runts") }
