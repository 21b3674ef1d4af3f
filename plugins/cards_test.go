package plugins_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/plugins"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/town"
)

// Every practice of the house has a service card with all compulsory fields of the
// national model, in their order and in both languages.
func TestEveryCardIsComplete(t *testing.T) {
	t.Parallel()
	shared, err := town.Load()
	if err != nil {
		t.Fatal(err)
	}
	order := []string{
		sdk.SectionCategory, sdk.SectionTitle, sdk.SectionStatus, sdk.SectionSummary, sdk.SectionForWhom, sdk.SectionHowTo,
		sdk.SectionNeeds, sdk.SectionOutcome, sdk.SectionTimes, sdk.SectionAccess, sdk.SectionConditions, sdk.SectionContacts,
		sdk.SectionUnit, sdk.SectionTopics,
	}
	for _, bundled := range plugins.All() {
		t.Run(bundled.Name, func(t *testing.T) {
			t.Parallel()
			_, def := load(t, bundled)
			service, err := sdk.Compile(def, shared)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range def.Practices {
				card, ok := service.Card(p.ID, sdk.CardContext{Town: shared})
				if !ok {
					t.Fatalf("%s has no card", p.ID)
				}
				if missing := card.Missing(); len(missing) > 0 {
					t.Errorf("%s: the card lacks %q", p.ID, missing)
				}
				var compulsory []string
				for _, s := range card.Sections {
					if s.Compulsory {
						compulsory = append(compulsory, s.Name)
					}
				}
				if diff := cmp.Diff(order, compulsory); diff != "" {
					t.Errorf("%s: compulsory fields (-want +got):\n%s", p.ID, diff)
				}
			}
		})
	}
}
