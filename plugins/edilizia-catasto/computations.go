package edilizia

import (
	"fmt"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	"github.com/spazio-in-comune/sportello/plugins/sdk/tariff"
)

// housingCapacity is the number of people that the dwelling can hold, the one
// that the rules of the practice know as computed_capacity.
func housingCapacity(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	rules, err := sdk.HousingRules(figures)
	if err != nil {
		return nil, err
	}
	area, hasArea := in.Decimal("superficie_utile")
	bedrooms, hasBedrooms := in.Numbers("camere", "superficie_mq")
	if !hasArea || !hasBedrooms {
		return nil, nil
	}
	people := calc.HousingCapacity(rules, area, bedrooms)
	label := sdk.Text{IT: "Persone che l'alloggio può ospitare", EN: "People that the dwelling can hold"}
	return []sdk.Computed{sdk.ComputedNumber(label, decimal.NewFromInt(int64(people)), housingWorking(rules, area, bedrooms))}, nil
}

// housingWorking is what area and bedrooms allow, such as
// "75 m² → 5; 14.5 + 9.8 m² → 3"; a one-room flat has its areas for one and two.
func housingWorking(rules calc.HousingRules, area decimal.Decimal, bedrooms []decimal.Decimal) string {
	if len(bedrooms) == 0 {
		return fmt.Sprintf("%s m² / %s, %s m²", area, rules.OneRoom[0], rules.OneRoom[1])
	}
	each := make([]string, len(bedrooms))
	for i, bedroom := range bedrooms {
		each[i] = bedroom.String()
	}
	return fmt.Sprintf("%s m² → %d; %s m² → %d", area, calc.PeopleByArea(rules, area),
		strings.Join(each, " + "), calc.PeopleByBedrooms(rules, bedrooms))
}

// stampDuty is on request and act, but for the access to files: there the
// request is free, and only certified copies carry stamps.
func stampDuty(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	if in.Practice().Definition().ID == "accesso-atti-edilizi" {
		return copyStamp(in, figures)
	}
	exempt := func(in *sdk.Intake) bool { return !in.Charges("bollo") }
	return tariff.Stamps(tariff.RequestAndAct, exempt)(in, figures)
}

// copyStamp is the stamp of each sheet of a certified copy; nobody knows its
// pages before the file is found. Other copies carry none.
func copyStamp(in *sdk.Intake, figures sdk.Parameters) ([]sdk.Computed, error) {
	if !in.Charges("bollo") {
		return nil, nil
	}
	each, err := figures.Decimal("bollo.marca")
	if err != nil {
		return nil, err
	}
	label := sdk.Text{
		IT: "Imposta di bollo, ogni foglio della copia conforme",
		EN: "Stamp duty, each sheet of the certified copy",
	}
	return []sdk.Computed{sdk.ComputedMoney(label, each, "1 × "+each.StringFixed(2))}, nil
}
