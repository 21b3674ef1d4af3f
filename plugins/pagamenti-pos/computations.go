package pagamenti

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// notice reads a notice number: its payment reference and, for a notice of the
// town, the text of the QR code to print again. Old layouts are read and never
// written, and a stale amount is not printed. A payment without a notice has
// nothing to read: whoever keeps the register of the numbers gives it one.
func notice(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	number, ok := in.Text("numero_avviso")
	if !ok || !calc.ValidNotice(number) {
		return nil, nil
	}
	iuv, err := calc.IUV(number)
	if err != nil {
		return nil, err
	}
	label := sdk.Text{IT: "Codice di versamento (IUV)", EN: "Payment reference (IUV)"}
	results := []sdk.Computed{sdk.ComputedText(label, iuv, fmt.Sprintf("%s → %s", number, iuv))}
	amount, hasAmount := in.Decimal("importo")
	if !in.Is("ente_creditore", "comune") || in.Bool("importo_variato") || !hasAmount || !strings.HasPrefix(number, "3") {
		return results, nil
	}
	body, err := figures.Text("pagopa.ente.codice-fiscale")
	if err != nil {
		return nil, err
	}
	code, err := calc.NoticeQR(number, body, amount)
	if err != nil {
		return nil, err
	}
	qr := sdk.Text{IT: "Testo del codice QR", EN: "Text of the QR code"}
	return append(results, sdk.ComputedText(qr, code, fmt.Sprintf("%s × 100", amount.StringFixed(2)))), nil
}

// wholeStamps is the stamp duty nearest to the amount that the person wants to
// pay: duty is paid by whole stamps, so 40.00 is short of the third one. Who
// says why nothing is due pays nothing (DPR 642/1972, tab. B).
func wholeStamps(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	amount, ok := in.Decimal("importo_spontaneo")
	if !ok || !in.Is("causale", "bollo_virtuale") {
		return nil, nil
	}
	each, err := figures.Decimal("bollo.marca")
	if err != nil {
		return nil, err
	}
	if !each.IsPositive() {
		return nil, fmt.Errorf("count the stamps in %s: one stamp is %s", amount, each)
	}
	count := amount.Div(each).Ceil()
	if _, exempt := in.Text("esenzione"); exempt {
		count = decimal.Zero
	}
	label := sdk.Text{IT: "Imposta di bollo in marche intere", EN: "Stamp duty in whole stamps"}
	working := fmt.Sprintf("%s → %s × %s", amount.StringFixed(2), count, each.StringFixed(2))
	return []sdk.Computed{sdk.ComputedMoney(label, count.Mul(each), working)}, nil
}

// fine is what a fine costs today, costs of service apart. After the term the
// amount depends on the maximum, which the form does not ask: the share due is
// told instead.
func fine(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	served, ok := in.Date("data_notifica")
	if !ok || in.Is("azione", "gia_pagato") {
		return nil, nil
	}
	f := figures.Figures()
	rules := calc.FineRules{
		EarlyDays: f.Whole("multa.riduzione.giorni"), EarlyDiscount: f.Number("multa.riduzione.percentuale"),
		TermDays: f.Whole("multa.termine.giorni"), LateShare: f.Number("multa.oltre.percentuale"),
	}
	if err := f.Err(); err != nil {
		return nil, err
	}
	if rules.Late(in.Calendar(), served, in.Today()) {
		label := sdk.Text{IT: "Dovuto, % del massimo della sanzione", EN: "Due, % of the maximum of the fine"}
		working := fmt.Sprintf("%s + %d < %s", served, rules.TermDays, in.Today())
		return []sdk.Computed{sdk.ComputedNumber(label, rules.LateShare, working)}, nil
	}
	minimum, ok := in.Decimal("importo_minimo")
	if !ok {
		return nil, nil
	}
	label := sdk.Text{IT: "Dovuto oggi, senza le spese di notifica", EN: "Due today, without the costs of service"}
	if !rules.Early(in.Calendar(), served, in.Today()) {
		return []sdk.Computed{sdk.ComputedMoney(label, minimum, minimum.StringFixed(2))}, nil
	}
	working := fmt.Sprintf("%s − %s%%", minimum.StringFixed(2), rules.EarlyDiscount)
	return []sdk.Computed{sdk.ComputedMoney(label, rules.EarlyAmount(minimum), working)}, nil
}
