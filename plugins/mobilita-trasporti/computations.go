package mobilita

import (
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	"github.com/spazio-in-comune/sportello/plugins/sdk/tariff"
)

// groundFee is the fee of a temporary use of public ground, first and last day
// included, without the surcharge for urgency. A longer use is permanent: the
// tax office has its fee by years. The form does not ask the zone: the first
// counts.
func groundFee(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	purpose, hasPurpose := in.Text("scopo_occupazione")
	area, hasArea := in.Decimal("mq")
	first, hasFirst := in.Date("dal")
	last, hasLast := in.Date("al")
	if !hasPurpose || !hasArea || !hasFirst || !hasLast {
		return nil, nil
	}
	f := figures.Figures()
	longest := f.Whole("canone.suolo.giorni-temporanea")
	use := calc.GroundUse{
		Area: area, Periods: first.DaysUntil(last) + 1, Unit: f.Number("canone.suolo.giorno"),
		Zone: f.Number("canone.zona.prima"), Kind: f.Number("canone.coefficiente." + purpose),
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	if first.DaysUntil(last) > longest {
		return nil, nil
	}
	fee, working := use.Fee()
	label := sdk.Text{IT: "Canone dell'occupazione", EN: "Fee of the use"}
	return []sdk.Computed{sdk.ComputedMoney(label, fee, working)}, nil
}

// stamps are those of a badge or of a use of public ground. A permanent badge
// (DPR 642/1972 tab. B art. 13-bis) and third-sector bodies (D.Lgs. 117/2017
// art. 82 c. 5) are exempt; who gives a badge back asks for nothing.
func stamps(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	if in.Is("tipo_cude", "restituzione") {
		return nil, nil
	}
	exempt := func(in *sdk.Intake) bool { return in.Is("durata_certificato", "permanente") || in.Bool("onlus") }
	return tariff.Stamps(tariff.RequestAndAct, exempt)(in, figures)
}
