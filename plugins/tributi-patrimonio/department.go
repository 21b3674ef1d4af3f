// Package tributi is the office of local taxes and town property: IMU, TARI,
// canone unico, refunds, instalments. What it offers is data; Go only works out
// the figures, to the cent.
package tributi

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
		sdk.WithComputation("imu_due", imuDue),
		sdk.WithComputation("tari_outline", tariOutline),
		sdk.WithComputation("instalments", instalments),
		sdk.WithComputation("canone_suolo", groundFee),
		sdk.WithComputation("bollo", tariff.Stamps(tariff.RequestAndAct, nil)),
	)
}
