package casework_test

import (
	"slices"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// A stored request is decided again from what was kept, though the registers say
// something else by now.
func TestAFilingIsDecidedAgainAsItWas(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		h.registers.facts = casework.RegisterFacts{Resident: ptr(false), DebtsOpen: ptr(true)}
		filed := h.file(t, "cambio-residenza", nil)
		want, err := h.Decision(h.system(), filed)
		if err != nil {
			t.Fatal(err)
		}
		h.file(t, "tari-riduzioni-rateizzazione", nil) // another service's
		h.registers.facts = casework.RegisterFacts{Resident: ptr(true)}

		if n, err := casework.CountFilings(t.Context(), h.store, "anagrafe"); err != nil || n != 1 {
			t.Errorf("%d filings, %v", n, err)
		}
		found := 0
		for filing, err := range casework.Filings(t.Context(), h.store, h.vault, "anagrafe") {
			if err != nil {
				t.Fatal(err)
			}
			found++
			if filing.Protocol != filed.Protocol || string(filing.Facts["resident"]) != "false" || string(filing.Facts["debts_open"]) != "true" {
				t.Errorf("kept %s with %s", filing.Protocol, filing.Facts)
			}
			offer, _ := h.departments.Practice(filing.Practice)
			in := offer.Practice.Bind(filing.Answers, sdk.Facts{Now: filing.At, Ambient: filing.Facts, Calendar: h.departments.common.Calendar})
			if got := offer.Practice.Fire(in); !slices.EqualFunc(got, want.Fired[:len(got)], func(a, b sdk.Fired) bool { return a.RuleID == b.RuleID }) {
				t.Errorf("fires %v, then %v", got, want.Fired)
			}
		}
		if found != 1 {
			t.Errorf("%d filings", found)
		}
	})
}
