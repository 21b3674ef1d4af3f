package tributi

import (
	"errors"
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// tariOutline is the yearly waste tax of a declared household, or the social
// bonus where a reduction is asked.
func tariOutline(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	area, hasArea := in.Decimal("superficie_mq")
	people, hasPeople := in.Int("occupanti")
	if !hasArea || !hasPeople {
		return wasteBonus(in, figures)
	}
	f := figures.Figures()
	ka, _ := calc.ByPeople(f.Numbers("tari.ka"), people)
	kb, _ := calc.ByPeople(f.Numbers("tari.kb"), people)
	tax := calc.TARI{
		FixedTariff: f.Number("tari.quota-fissa"), VariableTariff: f.Number("tari.quota-variabile"),
		Ka: ka, Kb: kb, Area: area, Days: 365,
		ProvincePercent: f.Number("tari.tefa"), Perequation: f.Number("tari.perequazione"),
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	result := tax.Outline()
	label := sdk.Text{IT: "TARI di un anno, in via indicativa", EN: "Waste tax of a year, indicative"}
	return []sdk.Computed{sdk.ComputedMoney(label, result.Total, result.Working)}, nil
}

// wasteBonus is the social bonus on a debt of the waste tax; zero if the ISEE is
// above the limit.
func wasteBonus(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	value, hasValue := in.Decimal("isee_valore")
	debt, hasDebt := in.Decimal("debito_totale")
	if !hasValue || !hasDebt || !in.Is("tributo", "tari") || !in.Is("richiesta_tipo", "bonus_sociale") {
		return nil, nil
	}
	f := figures.Figures()
	bonus := calc.WasteBonus{
		Limit:      f.Number("bonus-rifiuti.isee"),
		LargeLimit: f.Number("bonus-rifiuti.isee.famiglie-numerose"),
		LargeFrom:  f.Whole("bonus-rifiuti.figli"),
	}
	percentage := f.Number("bonus-rifiuti.percentuale")
	if err := f.Err(); err != nil {
		return nil, err
	}
	// The form does not ask for the children: the limit is the ordinary one.
	if !bonus.Due(value, 0) {
		percentage = decimal.Zero
	}
	label := sdk.Text{IT: "Bonus sociale rifiuti sul debito", EN: "Social waste bonus on the debt"}
	working := fmt.Sprintf("ISEE %s / %s; %s × %s%%", value.StringFixed(2), bonus.Limit, debt.StringFixed(2), percentage)
	return []sdk.Computed{sdk.ComputedMoney(label, debt.Mul(percentage).Shift(-2), working)}, nil
}

// instalments is the plan asked, or the number of instalments that the law
// allows where it is another one.
func instalments(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	debt, hasDebt := in.Decimal("debito_totale")
	count, hasCount := in.Int("rate_chieste")
	if !hasDebt || !hasCount {
		return nil, nil
	}
	text, err := figures.Text("rate.fasce")
	if err != nil {
		return nil, err
	}
	bands, err := calc.ParseInstalmentBands(text)
	if err != nil {
		return nil, err
	}
	plan, err := calc.Instalments(bands, debt, count)
	if errors.Is(err, calc.ErrInstalments) {
		band := calc.AllowedInstalments(bands, debt)
		label := sdk.Text{IT: "Rate ammesse", EN: "Instalments allowed"}
		return []sdk.Computed{sdk.ComputedText(label, fmt.Sprintf("%d-%d", band.Min, band.Max), debt.StringFixed(2))}, nil
	}
	if err != nil {
		return nil, err
	}
	working := fmt.Sprintf("%s / %d = %d × %s + %s", debt.StringFixed(2), plan.Count, plan.Count-1, plan.Each.StringFixed(2), plan.Last.StringFixed(2))
	return []sdk.Computed{
		sdk.ComputedMoney(sdk.Text{IT: "Rata mensile", EN: "Monthly instalment"}, plan.Each, working),
		sdk.ComputedMoney(sdk.Text{IT: "Ultima rata", EN: "Last instalment"}, plan.Last, working),
	}, nil
}

// groundFee is the yearly fee of a driveway or of a permanent use of public
// ground; the other fees of the form have no formula of area.
func groundFee(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	kind, _ := in.Text("tipo_canone")
	zone, hasZone := in.Text("zona")
	area, hasArea := in.Decimal("mq_canone")
	if kind != "passo_carrabile" && kind != "suolo_permanente" || !hasZone || !hasArea {
		return nil, nil
	}
	f := figures.Figures()
	use := calc.GroundUse{
		Area: area, Periods: 1, Unit: f.Number("canone.suolo.anno"),
		Zone: f.Number("canone.zona." + zone), Kind: f.Number("canone.coefficiente." + kind),
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	fee, working := use.Fee()
	return []sdk.Computed{sdk.ComputedMoney(sdk.Text{IT: "Canone di un anno", EN: "Fee of a year"}, fee, working)}, nil
}
