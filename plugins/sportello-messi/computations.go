package messi

import (
	"fmt"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// days are the last days of the terms. An act left at the town hall is collected
// on the spot: what counts there is the day on which it was served by law.
func days(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	notice, left := in.Date("data_avviso")
	if !left {
		return sdk.Deadlines(in, figures)
	}
	f := figures.Figures()
	term := f.Whole("notifica.giacenza.giorni")
	if err := f.Err(); err != nil {
		return nil, err
	}
	served := in.Calendar().LastUsefulDay(notice, term, calc.CalendarDays)
	label := sdk.Text{IT: "Notifica compiuta (art. 140 c.p.c.)", EN: "Service complete (art. 140 c.p.c.)"}
	return []sdk.Computed{sdk.ComputedDate(label, served, fmt.Sprintf("%s + %d", notice, term))}, nil
}

// reward is what the owner owes the finder who asks for it (c.c. art. 930). For
// a thing that has no price a court fixes it: there is nothing to compute.
func reward(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	value, ok := in.Decimal("valore_stimato")
	if !ok || !value.IsPositive() || !in.Is("azione_oggetto", "ritiro_proprietario") {
		return nil, nil
	}
	step, err := figures.Decimal("oggetti.premio.scaglione")
	if err != nil {
		return nil, err
	}
	first := decimal.Min(value, step)
	working := fmt.Sprintf("%s / 10 + %s / 20", first.StringFixed(2), value.Sub(first).StringFixed(2))
	label := sdk.Text{IT: "Premio a chi ha trovato l'oggetto, se lo chiede", EN: "Reward for the finder, if they ask for it"}
	return []sdk.Computed{sdk.ComputedMoney(label, calc.LostPropertyReward(value, step), working)}, nil
}
