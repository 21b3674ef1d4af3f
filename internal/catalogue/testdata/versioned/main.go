// Command versioned is a department from outside in as many versions as a test wants:
//
//	versioned VERSION [SERIES [PRACTICE]]
//
// Each review says which version made it.
package main

import (
	"context"
	"os"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
)

type versioned struct{ version, series, practice string }

func (v versioned) Describe(context.Context, sdk.DescribeRequest) (*sdk.DescribeResponse, error) {
	hall := sdk.Text{IT: "Sala civica " + v.version, EN: "Civic hall " + v.version}
	field := func(name string) sdk.Field {
		return sdk.Field{Name: name, Label: sdk.Text{IT: name, EN: name}, Type: "string", Required: sdk.RequiredAlways}
	}
	return &sdk.DescribeResponse{Definition: &sdk.Definition{
		Service: "sala-civica", Version: v.version, Series: v.series, Kind: "counter",
		Title: hall, Description: hall, Category: "cultura-tempo-libero", DefaultRoute: "sportello",
		FieldGroups: map[string]sdk.FieldGroup{"richiedente": {Title: hall, Fields: []sdk.Field{
			field("nome"), field("cognome"), field("codice_fiscale"),
		}}},
		CommonDocuments: []sdk.Document{},
		Practices: []sdk.Practice{{
			ID: v.practice, Title: hall, Summary: hall, ForWhom: hall, Outcome: hall, LegalBasis: []string{"L. 241/1990"},
			Archetype: "certificate", Form: sdk.Form{Fields: []sdk.Field{}, Documents: []sdk.Document{}},
			Fees: []sdk.Fee{}, Deadline: sdk.Term{Amount: 30, Unit: sdk.CalendarDays, From: "protocol"},
			Silence: "none", Handling: sdk.Handling{TypicalMinutes: 5, LongMinutes: 10},
			Rules: []sdk.Rule{}, Confidence: "high",
		}},
	}}, nil
}

func (v versioned) Review(context.Context, sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
	return &sdk.ReviewResponse{Computed: []sdk.Computed{{Name: "version", Value: v.version, Kind: "text"}}}, nil
}

func main() {
	v := versioned{"1.0.0", "J", "uso-sala"}
	for i, set := range []*string{&v.version, &v.series, &v.practice} {
		if i+1 < len(os.Args) {
			*set = os.Args[i+1]
		}
	}
	rpc.Serve(v)
}
