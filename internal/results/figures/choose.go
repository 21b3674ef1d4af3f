package figures

import (
	"github.com/spazio-in-comune/sportello/internal/results/tally"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Choice is what of the counts is asked for; an empty field asks for all.
type Choice struct {
	Office, Service string
	Level           town.Level
	// LevelOf is the access level of an office, for figures that do not tell of levels.
	LevelOf func(office string) town.Level
}

func (c Choice) holds(k tally.Key) bool {
	level := k.Level
	if level == 0 && c.LevelOf != nil {
		level = c.LevelOf(k.OfficeID)
	}
	return (c.Office == "" || k.OfficeID == c.Office) && (c.Service == "" || k.ServiceID == c.Service) && (c.Level == 0 || level == c.Level)
}
