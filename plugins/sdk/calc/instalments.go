package calc

import (
	"errors"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
)

// InstalmentBand says how many monthly instalments a debt allows.
type InstalmentBand struct {
	// UpTo is the highest debt of the band, included; zero means no limit.
	UpTo decimal.Decimal
	// Min and Max instalments; zero means none.
	Min, Max int
}

// InstalmentPlan is a debt in equal monthly parts; the last takes the cents.
type InstalmentPlan struct {
	Count      int
	Each, Last decimal.Decimal
}

// ErrInstalments says that a debt does not allow the instalments asked.
var ErrInstalments = errors.New("instalments not allowed for that debt")

// ParseInstalmentBands reads "100.00:0-0 500.00:2-4 … *:37-72".
func ParseInstalmentBands(text string) ([]InstalmentBand, error) {
	var bands []InstalmentBand
	for _, word := range strings.Fields(text) {
		var band InstalmentBand
		limit, counts, ok := strings.Cut(word, ":")
		_, err := fmt.Sscanf(counts, "%d-%d", &band.Min, &band.Max)
		if ok && err == nil && limit != "*" {
			band.UpTo, err = decimal.NewFromString(limit)
		}
		if !ok || err != nil || band.Min > band.Max || limit != "*" && !band.UpTo.IsPositive() {
			return nil, fmt.Errorf("read the instalments %q: want LIMIT:MIN-MAX", word)
		}
		bands = append(bands, band)
	}
	return bands, nil
}

// AllowedInstalments gives the band of a debt; none if no band holds it.
func AllowedInstalments(bands []InstalmentBand, debt decimal.Decimal) InstalmentBand {
	for _, band := range bands {
		if band.UpTo.IsZero() || debt.Cmp(band.UpTo) <= 0 {
			return band
		}
	}
	return InstalmentBand{}
}

// Instalments divides a debt (L. 160/2019 art. 1 c. 796).
func Instalments(bands []InstalmentBand, debt decimal.Decimal, count int) (InstalmentPlan, error) {
	band := AllowedInstalments(bands, debt)
	if count < 1 || count < band.Min || count > band.Max {
		return InstalmentPlan{}, fmt.Errorf("%w: %d to %d, not %d", ErrInstalments, band.Min, band.Max, count)
	}
	each := Cents(debt.Div(whole(count)))
	return InstalmentPlan{count, each, debt.Sub(each.Mul(whole(count - 1)))}, nil
}
