package tributi

import (
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// imuDue is the tax of one property for the year asked, or what was paid too
// much where a refund is asked. The rates are those in force on the day of the
// request: for a past year the operator checks them against the working.
func imuDue(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	if paid, ok := in.Decimal("importo_versato"); ok {
		return overpaid(in, paid), nil
	}
	income, hasIncome := in.Decimal("rendita")
	year, hasYear := in.Int("anno_imposta")
	category, hasCategory := imuCategory(in)
	if !hasIncome || !hasYear || !hasCategory {
		return nil, nil
	}
	if exempt(in, category) {
		return []sdk.Computed{sdk.ComputedMoney(imuLabel(year), decimal.Zero, category)}, nil
	}
	rules, err := imuRules(figures)
	if err != nil {
		return nil, err
	}
	base, err := rules.Base(category, income)
	if errors.Is(err, calc.ErrIMUCategory) {
		return nil, nil // such as F/2: the office looks at it
	}
	if err != nil {
		return nil, err
	}
	property, err := imuProperty(in, figures, category, base)
	if err != nil {
		return nil, err
	}
	property.Months = imuMonths(in, year)
	due, working := property.Due()
	first, balance := calc.IMUDates(year, in.Calendar())
	return []sdk.Computed{
		sdk.ComputedMoney(imuLabel(year), due, working),
		sdk.ComputedDate(sdk.Text{IT: "Acconto entro il", EN: "First instalment by"}, first, ""),
		sdk.ComputedDate(sdk.Text{IT: "Saldo entro il", EN: "Balance by"}, balance, ""),
	}, nil
}

func overpaid(in *sdk.Intake, paid decimal.Decimal) []sdk.Computed {
	due, ok := in.Decimal("importo_dovuto")
	if !ok {
		return nil
	}
	label := sdk.Text{IT: "IMU versata in più", EN: "IMU paid too much"}
	working := fmt.Sprintf("%s − %s", paid.StringFixed(2), due.StringFixed(2))
	return []sdk.Computed{sdk.ComputedMoney(label, paid.Sub(due), working)}
}

func imuLabel(year int) sdk.Text {
	return sdk.Text{IT: fmt.Sprintf("IMU dovuta per il %d", year), EN: fmt.Sprintf("IMU due for %d", year)}
}

// imuCategory is the category that sets the multiplier; false where the form
// alone gives none: building land has a market value, and what is built to be
// sold or is squatted is looked at by the office.
func imuCategory(in *sdk.Intake) (string, bool) {
	use, _ := in.Text("utilizzo")
	switch use {
	case "area_fabbricabile", "bene_merce", "occupato_abusivamente":
		return "", false
	case "terreno":
		return calc.FarmLand, true
	}
	return in.Text("categoria_catastale")
}

// exempt are the main home that is no luxury and its annexes.
func exempt(in *sdk.Intake, category string) bool {
	return (in.Is("utilizzo", "abitazione_principale") || in.Is("utilizzo", "pertinenza")) && !luxury(category)
}

func luxury(category string) bool {
	return category == "A/1" || category == "A/8" || category == "A/9"
}

func imuRules(figures sdk.Parameters) (calc.IMURules, error) {
	f := figures.Figures()
	rules := calc.IMURules{
		Revaluation:     f.Number("imu.rivalutazione.fabbricati"),
		LandRevaluation: f.Number("imu.rivalutazione.terreni"),
		Multipliers:     map[string]decimal.Decimal{},
	}
	const prefix = "imu.moltiplicatore."
	for name := range figures {
		if category, ok := strings.CutPrefix(name, prefix); ok {
			rules.Multipliers[category] = f.Number(name)
		}
	}
	return rules, f.Err()
}

// imuProperty sets rate, share and reductions by the use of the property.
func imuProperty(in *sdk.Intake, figures sdk.Parameters, category string, base decimal.Decimal) (calc.IMU, error) {
	f := figures.Figures()
	share, _ := in.Decimal("quota_possesso")
	property := calc.IMU{Base: base, SharePercent: share, RatePercent: f.Number("imu.aliquota.altri")}
	switch use, _ := in.Text("utilizzo"); use {
	case "terreno":
		property.RatePercent = f.Number("imu.aliquota.terreni")
	case "abitazione_principale":
		property.RatePercent = f.Number("imu.aliquota.prima-casa-lusso")
		// The share of the deduction follows the share of the owner.
		property.Deduction = f.Number("imu.detrazione.prima-casa-lusso").Mul(share).Shift(-2)
	case "inagibile", "storico":
		property.Base = base.Mul(f.Number("imu.riduzione.base"))
	case "comodato_genitori_figli":
		if in.Bool("comodato_registrato") && in.Bool("unico_immobile") && !luxury(category) {
			property.Base = base.Mul(f.Number("imu.riduzione.base"))
		}
	case "locato_concordato":
		property.TaxFactor = f.Number("imu.riduzione.canone-concordato")
	}
	if in.Bool("pensionato_estero") && property.TaxFactor.IsZero() {
		property.TaxFactor = f.Number("imu.riduzione.pensionato-estero")
	}
	return property, f.Err()
}

func imuMonths(in *sdk.Intake, year int) int {
	from, _ := in.Date("possesso_dal")
	until, _ := in.Date("possesso_al")
	return calc.PossessionMonths(year, from, until)
}
