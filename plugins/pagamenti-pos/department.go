// Package pagamenti is the desk of payments: pagoPA notices, fees of the town,
// traffic fines. What it offers is data; Go only reads the numbers of the
// notices and works out what is due today.
package pagamenti

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
		sdk.WithComputation("pagopa_nav", notice),
		sdk.WithComputation("bollo", wholeStamps),
		sdk.WithComputation("fine_reduction", fine),
	)
}
