package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// House is what a day is played in: the rooms, on a store that is stamped by a
// clock of its own ([store.Store.WithClock]), so that the past can be told while
// the house itself lives in the present.
type House struct {
	Store     *store.Store
	Clock     *town.ManualClock
	Authority *access.Authority
	People    *identity.People
	Desk      *desk.Desk
	Cases     *casework.Cases
	Voice     *voice.Voice
	// Practice gives the form of a practice; false where its department has never
	// been up.
	Practice func(code string) (*sdk.CompiledPractice, bool)
	Town     *sdk.Town
	Logger   *slog.Logger
}

// stage is a house in which scenes are played in the order of their time.
type stage struct {
	House
	global *sdk.GlobalRules
	now    time.Time // the present, where the day ends
	today  town.Date
	people map[string]string // ids by login
	scenes []scene
	keys   int
}

// scene is something that somebody does at a moment.
type scene struct {
	at   time.Time
	what string
	play func(ctx context.Context) error
}

func (s *stage) plan(at time.Time, what string, play func(ctx context.Context) error) {
	s.scenes = append(s.scenes, scene{at, what, play})
}

// play plays what was planned. What the rooms refuse is left out: a department may
// be down, or the day too young for it. Faults end it.
func (s *stage) play(ctx context.Context) error {
	slices.SortStableFunc(s.scenes, func(a, b scene) int { return a.at.Compare(b.at) })
	for _, scene := range s.scenes {
		s.Clock.Set(scene.at)
		err := scene.play(ctx)
		if refused(err) {
			s.Logger.DebugContext(ctx, "the demonstration leaves something out", "what", scene.what, "why", err)
			continue
		}
		if err != nil {
			return fmt.Errorf("play the demonstration: %s: %w", scene.what, err)
		}
	}
	return nil
}

// errLeftOut is the refusal of a scene that misses an earlier one.
var errLeftOut = errors.New("what comes before it was left out")

func refused(err error) bool {
	var problems town.Problems
	return errors.Is(err, errLeftOut) || errors.As(err, &problems) || err != nil && town.IsUserError(err)
}

// as is the context of a demo person.
func (s *stage) as(ctx context.Context, login string) (context.Context, error) {
	id, err := s.id(ctx, login)
	if err != nil {
		return nil, err
	}
	viewer, err := s.Authority.Viewer(id, time.Time{})
	if err != nil {
		return nil, fmt.Errorf("act as %s: %w", login, err)
	}
	return access.With(ctx, viewer), nil
}

// id is the person with that login.
func (s *stage) id(ctx context.Context, login string) (string, error) {
	if id, known := s.people[login]; known {
		return id, nil
	}
	id, err := s.Store.Reader().Person.Query().Where(person.Login(login)).OnlyID(system(ctx))
	if err != nil {
		return "", fmt.Errorf("find %s: %w", login, err)
	}
	s.people[login] = id
	return id, nil
}

// key is an idempotency key of its own.
func (s *stage) key() string {
	s.keys++
	return fmt.Sprintf("demo-%s-%d", s.today, s.keys)
}

// workingDay is a moment n working days before today.
func (s *stage) workingDay(n, hour int) time.Time {
	day := s.today
	for n > 0 {
		if day = day.AddDays(-1); s.Town.Calendar.IsWorkingDay(day) {
			n--
		}
	}
	return day.At(hour, 10, town.Rome())
}

// system is the house's own view, for what no person's screen shows.
func system(ctx context.Context) context.Context { return access.System(ctx, "demo.fill-day") }
