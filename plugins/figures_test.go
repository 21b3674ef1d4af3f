package plugins_test

import (
	"regexp"
	"testing"

	"github.com/spazio-in-comune/sportello/plugins"
)

// Every amount that somebody pays is dated and says which law or act sets it; one
// that comes from an act of the town is marked until the town has confirmed it.
func TestEveryFixedFeeIsDatedAndSourced(t *testing.T) {
	t.Parallel()
	// The words of an act of the town, in Italian.
	local := regexp.MustCompile(`(?i)delibera|comunale|da confermare|esempio|canone unico`)
	for _, bundled := range plugins.All() {
		_, def := load(t, bundled)
		for _, p := range def.Practices {
			for _, f := range p.Fees {
				if f.AmountEUR == "0.00" {
					continue
				}
				if f.Source == "" {
					t.Errorf("%s: fee %s has no source", p.ID, f.Code)
				}
				if !f.Variable && f.From == "" {
					t.Errorf("%s: fee %s does not say from when it is due", p.ID, f.Code)
				}
				if local.MatchString(f.Source) && !f.ToVerify {
					t.Errorf("%s: fee %s comes from %q and is not marked as to be confirmed", p.ID, f.Code, f.Source)
				}
			}
		}
		for _, p := range def.Parameters {
			if local.MatchString(p.Source) && !p.ToVerify {
				t.Errorf("%s: %s comes from %q and is not marked as to be confirmed", def.Service, p.Name, p.Source)
			}
		}
	}
}
