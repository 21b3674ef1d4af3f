// Package autentiche is the authentications: signatures, certified copies,
// photographs, sales of vehicles. What it offers is data; Go only works out the
// stamp duty and the last day to register a sale.
package autentiche

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
		sdk.WithComputation("bollo", stampDuty),
		sdk.WithComputation("deadline", registration),
	)
}
