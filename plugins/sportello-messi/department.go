// Package messi is the process servers' desk: acts left at the town hall, service
// for other bodies, notice board, lost property. What it offers is data; Go only
// works out days and the finder's reward.
package messi

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
		sdk.WithComputation("deadline", days),
		sdk.WithComputation("lost_property_reward", reward),
	)
}
