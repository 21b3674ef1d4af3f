package sdk_test

import (
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

func TestTownValidate(t *testing.T) {
	t.Parallel()
	right := func() *sdk.Town {
		return &sdk.Town{
			Destinations:    []sdk.Destination{{ID: "sportello", Level: 2, Label: both("Sportello")}},
			CommonDocuments: []sdk.Document{{ID: "delega-firmata", Label: both("Delega")}},
			FieldGroups:     definition().FieldGroups,
			Calendar:        calc.Calendar{Fixed: []calc.MonthDay{"02-29"}},
			GlobalRules:     []sdk.Rule{{ID: "global/a", Words: both("a"), When: "nome == 'Ada'", Effect: sdk.Effect{To: "sportello"}}},
		}
	}
	if err := right().Validate(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*sdk.Town){
		`repeated destination "sportello"`:   func(town *sdk.Town) { town.Destinations = append(town.Destinations, town.Destinations[0]) },
		"level 6":                            func(town *sdk.Town) { town.Destinations[0].Level = 6 },
		"label of sportello":                 func(town *sdk.Town) { town.Destinations[0].Label.EN = "" },
		"common document delega-firmata":     func(town *sdk.Town) { town.CommonDocuments[0].Label.IT = "" },
		"group richiedente: field nome":      func(town *sdk.Town) { town.FieldGroups[sdk.Applicant].Fields[0].Type = "blob" },
		`"02-30" is no day`:                  func(town *sdk.Town) { town.Calendar.Local = []calc.MonthDay{"02-30"} },
		"global rules: rule global/a":        func(town *sdk.Town) { town.GlobalRules[0].When = "boh" },
		`unknown destination "altrove"`:      func(town *sdk.Town) { town.GlobalRules[0].Effect.To = "altrove" },
		"title of group isee is not in both": func(town *sdk.Town) { town.FieldGroups["isee"] = sdk.FieldGroup{} },
	} {
		town := right()
		change(town)
		if err := town.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}
