package fill

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Person is somebody who fills in a form.
type Person struct {
	GivenName, FamilyName string
	Female                bool
	Birth                 calc.Date
	// BirthPlace is a Belfiore code, Citizenship a country code.
	BirthPlace, Citizenship string
	TaxCode                 string
}

// NewPerson invents an adult of 18 to 90 years.
func NewPerson(rng *rand.Rand, today calc.Date) Person {
	return invent(rng, today.AddDays(-1), 18, 90)
}

// newChild invents somebody under age.
func newChild(rng *rand.Rand, today calc.Date) Person { return invent(rng, today, 0, 17) }

// invent makes a person of from to upTo years, both included.
func invent(rng *rand.Rand, today calc.Date, from, upTo int) Person {
	years := from + rng.IntN(upTo-from+1)
	p := Person{
		Female:     rng.IntN(2) == 0,
		FamilyName: pick(rng, familyNames()),
		Birth:      today.AddMonths(-12 * years).AddDays(-rng.IntN(364)),
		BirthPlace: pick(rng, birthPlaces()),
	}
	if p.GivenName = pick(rng, menNames()); p.Female {
		p.GivenName = pick(rng, womenNames())
	}
	if p.Citizenship = "IT"; rng.IntN(10) == 0 {
		p.Citizenship = pick(rng, []string{"RO", "FR", "AL", "MA", "UA", "PE", "EG"})
	}
	p.TaxCode = taxCode(p)
	return p
}

func taxCode(p Person) string {
	code, err := calc.NewTaxCode(p.FamilyName, p.GivenName, p.Birth, p.Female, p.BirthPlace)
	if err != nil {
		panic(fmt.Sprintf("tax code of an invented person: %v", err))
	}
	return code
}

// email is an address at a domain that is kept for examples.
func (p Person) email() string {
	return strings.ToLower(strings.ReplaceAll(p.GivenName+"."+p.FamilyName, " ", "")) + "@example.org"
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

func womenNames() []string {
	return []string{"Giulia", "Anna", "Francesca", "Elena", "Chiara", "Teresa", "Lucia", "Ines", "Marta", "Rosa", "Sofia", "Adele"}
}

func menNames() []string {
	return []string{"Marco", "Luca", "Giovanni", "Paolo", "Andrea", "Pietro", "Carlo", "Enzo", "Davide", "Matteo", "Ugo", "Stefano"}
}

func familyNames() []string {
	return []string{
		"Rossi", "Colombo", "Ferrari", "Brambilla", "Fumagalli", "Galli", "Riva", "De Luca", "Villa", "Sala", "Bo", "Marchetti",
		"Popescu", "Haddad", "Conti", "Moretti", "Fo", "Cattaneo",
	}
}

// birthPlaces are Milan, the town itself, Rome, Naples, Turin, Bergamo, Romania
// and Morocco.
func birthPlaces() []string {
	return []string{"F205", "F205", "F205", "G488", "H501", "F839", "L219", "A794", "Z129", "Z330"}
}

// PersonOf is a person as known from names and tax code, on a day. The century is
// the last one that the person can be of age in.
func PersonOf(givenName, familyName, code string, today calc.Date) (Person, error) {
	parsed, err := calc.ParseTaxCode(code)
	if err != nil {
		return Person{}, fmt.Errorf("read the person of a tax code: %w", err)
	}
	birth := calc.Date{Year: 2000 + parsed.YearOfCentury, Month: time.Month(parsed.Month), Day: parsed.Day}
	if calc.Age(birth, today) < 18 {
		birth.Year -= 100
	}
	return Person{
		GivenName: givenName, FamilyName: familyName, Female: parsed.Female, Birth: birth,
		BirthPlace: parsed.Place, Citizenship: "IT", TaxCode: code,
	}, nil
}
