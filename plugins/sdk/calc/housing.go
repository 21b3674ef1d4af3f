package calc

import "github.com/shopspring/decimal"

// HousingRules are the smallest areas, in square metres, of a dwelling (D.M. 5 July
// 1975 artt. 2 and 3 for those of the law).
type HousingRules struct {
	// PerPerson is asked for each of the first FullPeople people, PerOther for
	// each one after.
	PerPerson, PerOther decimal.Decimal
	FullPeople          int64
	// OneRoom is the area of a one-room flat for one person and for two.
	OneRoom [2]decimal.Decimal
	// Single and Double are the areas of a bedroom for one and for two.
	Single, Double decimal.Decimal
}

// HousingCapacity is the number of people that a dwelling can hold, the smaller
// of what its area and its bedrooms allow. A dwelling without bedrooms is a
// one-room flat.
func HousingCapacity(rules HousingRules, area decimal.Decimal, bedrooms []decimal.Decimal) int {
	if len(bedrooms) == 0 {
		return countReached(area, rules.OneRoom[:])
	}
	return min(PeopleByArea(rules, area), PeopleByBedrooms(rules, bedrooms))
}

// PeopleByArea is the number of people that the whole area allows.
func PeopleByArea(rules HousingRules, area decimal.Decimal) int {
	full := rules.PerPerson.Mul(decimal.NewFromInt(rules.FullPeople))
	if area.LessThan(full) {
		return int(area.Div(rules.PerPerson).Floor().IntPart())
	}
	return int(rules.FullPeople + area.Sub(full).Div(rules.PerOther).Floor().IntPart())
}

// PeopleByBedrooms is the number of people that the bedrooms allow.
func PeopleByBedrooms(rules HousingRules, bedrooms []decimal.Decimal) int {
	people := 0
	for _, bedroom := range bedrooms {
		people += countReached(bedroom, []decimal.Decimal{rules.Single, rules.Double})
	}
	return people
}

func countReached(area decimal.Decimal, steps []decimal.Decimal) int {
	reached := 0
	for _, step := range steps {
		if area.GreaterThanOrEqual(step) {
			reached++
		}
	}
	return reached
}
