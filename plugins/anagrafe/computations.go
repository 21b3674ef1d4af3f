package anagrafe

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// cardExpiry is the expiry of an identity card issued today to the applicant or
// to the minor.
func cardExpiry(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	f := figures.Figures()
	rules := calc.CardRules{
		ChildYears: f.Whole("cie.anni.minori-di-3"), ChildAge: 3,
		MinorYears: f.Whole("cie.anni.minorenni"), AdultAge: 18,
		AdultYears: f.Whole("cie.anni.adulti"),
		// Before the law of 2026 there was no card without expiry, hence no figure.
		UnlimitedFrom: calc.Date{},
	}
	if _, inForce := figures["cie.illimitata.dal"]; inForce {
		rules.UnlimitedAge, rules.UnlimitedFrom = f.Whole("cie.illimitata.eta"), f.Day("cie.illimitata.dal")
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	holder := "data_nascita"
	if in.Bool("per_minore") {
		holder = "minore_nascita"
	}
	birth, ok := in.Date(holder)
	if !ok {
		return nil, nil
	}
	label := sdk.Text{IT: "Scadenza della carta", EN: "Expiry of the card"}
	working := fmt.Sprintf("%s → %s (%d)", birth, in.Today(), calc.Age(birth, in.Today()))
	expiry, unlimited := calc.CardExpiry(rules, birth, in.Today())
	if unlimited {
		return []sdk.Computed{sdk.ComputedText(label, "illimitata", working)}, nil
	}
	return []sdk.Computed{sdk.ComputedDate(label, expiry, working)}, nil
}

// residencePenalty is what a late declaration of residence made today costs.
func residencePenalty(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	moved, ok := in.Date("data_trasferimento")
	if !ok {
		return nil, nil
	}
	var from string
	switch origin, _ := in.Text("provenienza"); origin {
	case "altro_comune", "stesso_comune":
		from = "italia"
	case "estero":
		from = "estero"
	default:
		return nil, nil
	}
	f := figures.Figures()
	rules := calc.ResidencePenaltyRules{
		TermDays: f.Whole("residenza.giorni." + from),
		MildDays: f.Whole("residenza.ravvedimento.giorni"),
		Minimum:  f.Number("residenza.sanzione." + from + ".minimo"),
		Maximum:  f.Number("residenza.sanzione." + from + ".massimo"),
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	penalty, late := calc.ResidencePenalty(rules, in.Calendar(), moved, in.Today())
	label := sdk.Text{IT: "Sanzione per dichiarazione tardiva", EN: "Penalty for a late declaration"}
	working := fmt.Sprintf("%s + %d → %s: +%d", moved, rules.TermDays, in.Today(), late)
	return []sdk.Computed{sdk.ComputedMoney(label, penalty, working)}, nil
}

// certificateStamp is the stamp duty of all the certificates asked: one sheet
// for each type and copy.
func certificateStamp(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	types := in.Count("tipo_certificato")
	copies, ok := in.Int("copie")
	if types == 0 || !ok {
		return nil, nil
	}
	sheet, err := figures.Decimal("bollo.foglio")
	if err != nil {
		return nil, err
	}
	if !in.Is("uso", "bollo") {
		sheet = decimal.Zero
	}
	const pages = 1
	stamp := calc.StampOnPaper(sheet, pages).Mul(decimal.NewFromInt(int64(types * copies)))
	label := sdk.Text{IT: "Imposta di bollo in tutto", EN: "Stamp duty in all"}
	working := fmt.Sprintf("%d × %d × %s", types, copies, sheet.StringFixed(2))
	return []sdk.Computed{sdk.ComputedMoney(label, stamp, working)}, nil
}
