// Package anagrafe is the civil registry: residence, identity card,
// certificates, electoral card, Italians abroad. What it offers is data; Go only
// works out the figures that an operator would otherwise reckon by hand.
package anagrafe

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
		sdk.WithComputation("cie_expiry", cardExpiry),
		sdk.WithComputation("residence_penalty", residencePenalty),
		sdk.WithComputation("bollo", certificateStamp),
	)
}
