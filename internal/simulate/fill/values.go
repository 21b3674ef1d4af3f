package fill

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// sheet is a form being filled in, from top to bottom.
type sheet struct {
	rng    *rand.Rand
	today  calc.Date
	who    Person
	yes    float64           // share of the questions answered with yes
	others map[string]Person // by the prefix of their fields
	// dates and times (in minutes) are the answers so far that later ones may
	// have to come after.
	dates map[string]calc.Date
	times map[string]int
}

// value is a fitting answer, as a value to write in JSON.
func (s *sheet) value(f *sdk.Field) any {
	switch f.Type {
	case sdk.TypeBool:
		return s.rng.Float64() < s.yes
	case sdk.TypeInt:
		return s.number(f).IntPart()
	case sdk.TypeDecimal:
		return s.number(f).String()
	case sdk.TypeMoney:
		return s.number(f).StringFixed(2)
	case sdk.TypeDate:
		return s.date(f).String()
	case sdk.TypeTime:
		return s.time(f)
	case sdk.TypeEnum:
		return pick(s.rng, f.Enum).Code
	case sdk.TypeMultiEnum:
		return s.codes(f)
	case sdk.TypeList:
		return s.objects(f)
	case sdk.TypeFile:
		return []string{"documento.pdf"}
	default:
		return s.text(f)
	}
}

// text is an answer of one of the types that are written as text.
func (s *sheet) text(f *sdk.Field) string {
	switch f.Type {
	case sdk.TypeTaxCode:
		return s.person(f.Name).TaxCode
	case sdk.TypeVAT:
		return vat(s.rng)
	case sdk.TypeIBAN:
		return iban(s.rng)
	case sdk.TypeTown:
		if f.Name == "luogo_nascita" {
			return s.who.BirthPlace
		}
		return pick(s.rng, []string{"F205", "H501", "L219", "A794"})
	case sdk.TypeCountry:
		if f.Name == "cittadinanza" {
			return s.who.Citizenship
		}
		return pick(s.rng, []string{"FR", "DE", "CH", "GB", "RO"})
	case sdk.TypePhone:
		return "+39 3" + digits(s.rng, 9)
	case sdk.TypeEmail:
		return s.who.email()
	case sdk.TypeNotice:
		return notice(s.rng)
	}
	if f.Pattern != "" {
		return fromPattern(s.rng, f.Pattern)
	}
	return s.words(f)
}

// words are a name where the field asks for one, else a street, cut or padded to
// the limits.
func (s *sheet) words(f *sdk.Field) string {
	text := fmt.Sprintf("Via %s %d", pick(s.rng, familyNames()), 1+s.rng.IntN(120))
	switch {
	case f.Type == sdk.TypeISEE:
		return fmt.Sprintf("INPS-ISEE-%d-%sA-%s", s.today.Year, digits(s.rng, 8), digits(s.rng, 2))
	case f.Type == sdk.TypePlate:
		return "GA" + digits(s.rng, 3) + "LT"
	case f.Name == "nome" || strings.HasSuffix(f.Name, "_nome"):
		text = s.person(f.Name).GivenName
	case f.Name == "cognome" || strings.HasSuffix(f.Name, "_cognome"):
		text = s.person(f.Name).FamilyName
	}
	low, high := bounds(f, 0, 200)
	if missing := int(low.IntPart()) - len(text); missing > 0 {
		text += strings.Repeat("a", missing)
	}
	return text[:min(len(text), int(high.IntPart()))]
}

// person is whom a field is about: the interested person, or somebody whose
// fields begin with the same word.
func (s *sheet) person(field string) Person {
	prefix, _, found := strings.Cut(field, "_")
	if !found || field == "codice_fiscale" {
		return s.who
	}
	p, known := s.others[prefix]
	switch {
	case known:
		return p
	case prefix == "minore":
		p = newChild(s.rng, s.today)
	default:
		p = NewPerson(s.rng, s.today)
	}
	s.others[prefix] = p
	return p
}

// number is within the limits of the field and of an ordinary size; a year is
// this one or the last.
func (s *sheet) number(f *sdk.Field) decimal.Decimal {
	low, high := bounds(f, 0, 0)
	if f.Type == sdk.TypeInt && strings.Contains(f.Name, "anno") {
		year := decimal.NewFromInt(int64(s.today.Year - s.rng.IntN(2)))
		return decimal.Min(decimal.Max(year, low), orElse(f.Max, high, year))
	}
	span, places := int64(6), int32(0)
	switch f.Type {
	case sdk.TypeMoney:
		span, places = 30_000, 2
	case sdk.TypeDecimal:
		span, places = 120, 1
	}
	n := low.Add(decimal.New(s.rng.Int64N(span*100), -2)).Round(places)
	return decimal.Min(decimal.Max(n, low), orElse(f.Max, high, n))
}

func orElse(text string, n, fallback decimal.Decimal) decimal.Decimal {
	if text == "" {
		return fallback
	}
	return n
}

// bounds are the limits of a field, or the given ones.
func bounds(f *sdk.Field, low, high int64) (from, to decimal.Decimal) {
	read := func(text string, otherwise int64) decimal.Decimal {
		n, err := decimal.NewFromString(text)
		if err != nil {
			return decimal.NewFromInt(otherwise)
		}
		return n
	}
	return read(f.Min, low), read(f.Max, high)
}

// codes are one to three different codes, within the limits.
func (s *sheet) codes(f *sdk.Field) []string {
	low, high := bounds(f, 1, int64(len(f.Enum)))
	n := min(max(1+s.rng.IntN(3), int(low.IntPart())), int(high.IntPart()), len(f.Enum))
	codes := make([]string, 0, n)
	for _, i := range s.rng.Perm(len(f.Enum))[:n] {
		codes = append(codes, f.Enum[i].Code)
	}
	return codes
}

// objects are the lines of a list: people, where the keys are those of people.
func (s *sheet) objects(f *sdk.Field) []map[string]any {
	low, high := bounds(f, 0, 5)
	n := min(int(low.IntPart())+s.rng.IntN(3), int(high.IntPart()))
	lines := make([]map[string]any, n)
	for i := range lines {
		lines[i] = s.line(f.Item)
	}
	return lines
}

func (s *sheet) line(keys []string) map[string]any {
	p := NewPerson(s.rng, s.today)
	line := map[string]any{}
	for _, key := range keys {
		switch key {
		case "nome":
			line[key] = p.GivenName
		case "cognome":
			line[key] = p.FamilyName
		case "codice_fiscale":
			line[key] = p.TaxCode
		case "data_nascita":
			line[key] = p.Birth.String()
		default:
			line[key] = fmt.Sprint(9 + s.rng.IntN(12))
		}
	}
	return line
}
