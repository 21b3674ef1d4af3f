package demo

import (
	"context"
	"fmt"
	"time"

	"github.com/spazio-in-comune/sportello/ent/visit"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// hallHours is how long the hall has been open when a demonstration starts.
const hallHours = 2 * time.Hour

// FillDay gives a demo town the day so far: the cases of the last weeks where
// there are none, and the morning in the waiting hall where nobody has taken a
// number today. All is done by the demo people through the rooms, as they would
// do it; a second call on the same day does nothing.
func FillDay(ctx context.Context, h House, now time.Time) error {
	global, err := sdk.CompileGlobal(h.Town)
	if err != nil {
		return fmt.Errorf("read the rules of the town: %w", err)
	}
	s := &stage{House: h, global: global, now: now, today: town.Today(now), people: map[string]string{}}
	h.Clock.Set(now)
	if _, err := h.Desk.CloseDue(ctx); err != nil { // yesterday's counters
		return fmt.Errorf("close past days before the demonstration: %w", err)
	}
	house := system(ctx)
	visited, err := h.Store.Reader().Visit.Query().Where(visit.DayEQ(s.today)).Exist(house)
	if err != nil {
		return fmt.Errorf("look for visits of today: %w", err)
	}
	if visited {
		return nil
	}
	worked, err := h.Store.Reader().CaseFile.Query().Exist(house)
	if err != nil {
		return fmt.Errorf("look for cases: %w", err)
	}
	if !worked {
		s.planCases()
	}
	if err := s.planHall(house); err != nil {
		return err
	}
	return s.play(ctx)
}

// minute is a moment of today: the hall opened at 0, and 120 is the present. Soon
// after midnight the day is told faster.
func (s *stage) minute(m float64) time.Time {
	opening := s.now.Add(-hallHours)
	if midnight := s.today.At(0, 0, town.Rome()); opening.Before(midnight) {
		opening = midnight
	}
	return opening.Add(time.Duration(m / hallHours.Minutes() * float64(s.now.Sub(opening))))
}
