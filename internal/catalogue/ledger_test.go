package catalogue

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Whatever is done to registrations, in whatever order: a department has at most one
// current and one next version, a version is registered once, no two departments that
// serve share a letter or a practice, and what is current can be rolled back to
// something that is there.
func TestLedgerStaysInOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var rows []Instance
		names := rapid.SampledFrom([]string{"isee", "caf", "museo"})
		versions := rapid.SampledFrom([]string{"1.0.0", "1.1.0", "2.0.0"})
		letters := rapid.SampledFrom([]string{"I", "J", "X"})
		for step := range 40 {
			l := newLedger(rows, map[string]string{"X": "info-point"}, time.Unix(int64(step), 0).UTC())
			err := anyChange(t, l, names.Draw(t, "name"), versions.Draw(t, "version"), letters.Draw(t, "letter"))
			if err != nil {
				if !town.IsUserError(err) {
					t.Fatalf("not for a person to mend: %v", err)
				}
				continue
			}
			rows = nil
			for _, row := range l.rows {
				rows = append(rows, *row)
			}
			checkOrder(t, rows)
		}
	})
}

func anyChange(t *rapid.T, l *Ledger, name, version, letter string) (err error) {
	is := Introduction{Version: version, SHA256: letter, DefinitionHash: name + version + letter, Series: letter, Practices: []string{strings.ToLower(letter)}}
	switch rapid.IntRange(0, 8).Draw(t, "change") {
	case 0:
		l.Furnish([]Registration{Bundled("isee")})
	case 1, 2:
		_, err = l.Register(Registration{Name: name, Version: version, SHA256: letter}, nil, "per_1")
	case 3, 4:
		if len(l.rows) == 0 {
			return nil
		}
		row := l.rows[rapid.IntRange(0, len(l.rows)-1).Draw(t, "row")]
		if !row.Bundled {
			is.Version = row.Version
			if rapid.Bool().Draw(t, "the registered file") {
				is.SHA256 = row.SHA256
			}
		}
		_, err = l.Introduce(row.ID, is)
	case 5:
		_, err = l.RollBack(name, rapid.SampledFrom([]string{"", version}).Draw(t, "to"), "per_1")
	case 6:
		_, err = l.Disable(name, "", "per_1")
	case 7:
		_, err = l.Enable(name, "per_1")
	default:
		for _, row := range l.rows {
			l.Retire(row.ID)
		}
	}
	return err
}

func checkOrder(t *rapid.T, rows []Instance) {
	seen, ids, owner := map[string]bool{}, map[string]bool{}, map[string]string{}
	once := func(key string) {
		if seen[key] {
			t.Fatalf("twice: %s in %+v", key, rows)
		}
		seen[key] = true
	}
	for _, row := range rows {
		once("version " + row.Name + " " + row.Version)
		ids[row.ID] = true
		if row.Standing == Current || row.Standing == Next {
			once(string(row.Standing) + " " + row.Name)
		}
		for _, what := range append([]string{row.Series}, row.Practices...) {
			if what == "" || !row.Standing.serves() {
				continue
			}
			if other := owner[what]; other != "" && other != row.Name {
				t.Fatalf("%s belongs to %s and %s", what, other, row.Name)
			}
			owner[what] = row.Name
			if what == "X" {
				t.Fatalf("%s has the letter of the information point", row.Name)
			}
		}
	}
	for _, row := range rows {
		if row.Standing == Current && row.Previous != "" && (!ids[row.Previous] || row.Previous == row.ID) {
			t.Fatalf("%s %s rolls back to nothing", row.Name, row.Version)
		}
	}
}

func TestRefusedRegistrations(t *testing.T) {
	t.Parallel()
	reg := func(name, version, sum string) Registration {
		return Registration{Name: name, Version: version, SHA256: sum}
	}
	anagrafe := Instance{ID: "plg_1", Name: "anagrafe", Version: "1.0.0", SHA256: "a", Bundled: true, Standing: Current, Series: "A", Practices: []string{"cie"}}
	museo := Instance{ID: "plg_2", Name: "museo", Version: "1.0.0", SHA256: "b", Standing: Current, Series: "M", Practices: []string{"visita"}}
	tests := map[string]struct {
		reg   Registration
		known *Introduction
		want  string
	}{
		"a version of the house":         {reg("anagrafe", "1.0.0", "c"), nil, "came with the platform"},
		"a version that is in use":       {reg("museo", "1.0.0", "c"), nil, "another executable"},
		"the letter of another":          {reg("teatro", "1.0.0", "c"), &Introduction{Series: "A"}, "letter A of the numbers belongs to anagrafe"},
		"the letter of an office":        {reg("teatro", "1.0.0", "c"), &Introduction{Series: "X"}, "letter X of the numbers belongs to info-point"},
		"the practice of another":        {reg("teatro", "1.0.0", "c"), &Introduction{Series: "Q", Practices: []string{"cie"}}, "practice cie belongs to anagrafe"},
		"the same again, which is fine":  {reg("museo", "1.0.0", "b"), nil, ""},
		"one's own letter, also fine":    {reg("museo", "1.1.0", "c"), &Introduction{Series: "M", Practices: []string{"visita"}}, ""},
		"over a department of the house": {reg("anagrafe", "2.0.0", "c"), &Introduction{Series: "A", Practices: []string{"cie"}}, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLedger([]Instance{anagrafe, museo}, map[string]string{"X": "info-point", "A": "anagrafe"}, time.Unix(0, 0))
			_, err := l.Register(tt.reg, tt.known, "per_1")
			if tt.want == "" && err != nil || tt.want != "" && (!town.IsUserError(err) || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}
