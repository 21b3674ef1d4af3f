package catalogue

import (
	"cmp"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// testSeries are the letters of departments that run beside others.
func testSeries(service string) string {
	return cmp.Or(map[string]string{"two": "U", "three": "V", "anagrafe": "A", "isee": "I", "raw": "R", "neighbour": "N"}[service], "T")
}

// testDefinition is the smallest sound definition.
func testDefinition(service string) *sdk.Definition {
	text := sdk.Text{IT: "Prova", EN: "Test"}
	return &sdk.Definition{
		Service: service, Version: "1.0.0", Series: testSeries(service), Kind: "counter",
		Title: text, Description: text, Category: "anagrafe", DefaultRoute: "sportello",
		FieldGroups: map[string]sdk.FieldGroup{"richiedente": {Title: text, Fields: []sdk.Field{
			{Name: "nome", Label: text, Type: "string", Required: sdk.RequiredAlways},
		}}},
		CommonDocuments: []sdk.Document{},
		Practices: []sdk.Practice{{
			ID: "prova-" + service, Title: text, Summary: text, ForWhom: text, Outcome: text, LegalBasis: []string{"L. 241/1990"},
			Archetype: "certificate", Form: sdk.Form{Fields: []sdk.Field{}, Documents: []sdk.Document{}},
			Fees: []sdk.Fee{}, Deadline: sdk.Term{Unit: sdk.CalendarDays, From: "protocol"},
			Silence: "none", Handling: sdk.Handling{TypicalMinutes: 5, LongMinutes: 10, AtOnce: true},
			Rules: []sdk.Rule{}, Confidence: "high",
		}},
	}
}
