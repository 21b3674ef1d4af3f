package rule

import (
	"slices"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// About is what an alert is about, as far as somebody may choose by it.
type About struct {
	Kind            town.AlertKind
	Level           town.Level
	Service, Office string
}

// Filter chooses alerts; an empty list chooses all.
type Filter struct {
	Levels            []town.Level
	Services, Offices []string
	Kinds             []town.AlertKind
}

// Wants reports whether the filter chooses what is about this.
func (f Filter) Wants(a About) bool {
	return among(f.Levels, a.Level) && among(f.Services, a.Service) && among(f.Offices, a.Office) && among(f.Kinds, a.Kind)
}

func among[T comparable](list []T, value T) bool {
	return len(list) == 0 || slices.Contains(list, value)
}
