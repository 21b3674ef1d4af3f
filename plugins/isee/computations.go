package isee

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	"github.com/spazio-in-comune/sportello/plugins/sdk/tariff"
)

// canteenFee is the fee of a school meal, for every child of the household.
func canteenFee(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	if !in.Has("servizi_richiesti", "mensa") {
		return nil, nil
	}
	children, _ := in.Int("figli_minori")
	return tariff.Canteen().ComputeForChildren(in, figures, children)
}

// maternityAllowance is what the mother would get.
func maternityAllowance(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	value, ok := in.Decimal("isee_valore")
	if !ok {
		return nil, nil
	}
	f := figures.Figures()
	rules := calc.MaternityRules{
		Monthly: f.Number("maternita.mese"), Months: f.Whole("maternita.mesi"), Limit: f.Number("maternita.isee"),
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	whole := rules.Monthly.Mul(decimal.NewFromInt(int64(rules.Months)))
	other, _ := in.Decimal("altra_indennita_importo")
	if in.Is("altra_indennita", "superiore") {
		other = whole
	}
	allowance := calc.MaternityAllowance(rules, value, other)
	label := sdk.Text{IT: "Assegno di maternità", EN: "Maternity allowance"}
	working := fmt.Sprintf("ISEE %s / %s; %d × %s − %s", value.StringFixed(2), rules.Limit, rules.Months, rules.Monthly.StringFixed(2), other.StringFixed(2))
	return []sdk.Computed{sdk.ComputedMoney(label, allowance, working)}, nil
}

// wasteBonus is the discount on the waste tax that the household is entitled to,
// the year after; zero if it is not.
func wasteBonus(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	value, ok := in.Decimal("isee_valore")
	if !ok || !in.Has("bonus_tipo", "rifiuti") {
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
	children, _ := in.Int("figli_a_carico")
	if !bonus.Due(value, children) {
		percentage = decimal.Zero
	}
	label := sdk.Text{IT: "Bonus sociale rifiuti, % della TARI", EN: "Social waste bonus, % of the waste tax"}
	working := fmt.Sprintf("ISEE %s / %s; %d / %d: %s", value.StringFixed(2), bonus.Limit, children, bonus.LargeFrom, bonus.LargeLimit)
	return []sdk.Computed{sdk.ComputedNumber(label, percentage, working)}, nil
}
