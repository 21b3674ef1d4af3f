package results

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/results/figures"
	"github.com/spazio-in-comune/sportello/internal/results/weekly"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Config is what the room needs.
type Config struct {
	Store *store.Store
	// Names reads the titles of offices, services and practices, and the terms set.
	Names func(ctx context.Context) (weekly.Names, error)
}

// Results is the room. Its methods may be called at the same time.
type Results struct {
	store *store.Store
	names func(ctx context.Context) (weekly.Names, error)

	mu    sync.Mutex // guards what follows
	known *weekly.Names
	until time.Time // real time
}

// New makes the room.
func New(cfg Config) *Results { return &Results{store: cfg.Store, names: cfg.Names} }

// Filter is what is asked for, field by field as the API documents it.
type Filter struct {
	From, To        town.Date
	By              *figures.Step
	Service, Office *string
	Level           *town.Level
}

// Answer is what was counted in a span.
type Answer struct {
	Total   *figures.Period
	Periods []figures.Period
}

// longest is how many days may be asked for at once: a year and its weeks' edges.
const longest = 373

func (f Filter) check() error {
	switch {
	case f.To.Before(f.From):
		return town.Errorf(town.BadUserInput, "The first day comes after the last one.", "Il primo giorno segue l'ultimo.")
	case f.From.DaysUntil(f.To) >= longest:
		return town.Errorf(town.BadUserInput, "At most 373 days at once.", "Al massimo 373 giorni alla volta.")
	}
	return nil
}

// Results are the figures of the offices that the viewer answers for, small counts
// included. FORBIDDEN for who answers for none, or not for the office asked for;
// BAD_USER_INPUT for a span that ends before it begins or is longer than 373 days.
func (r *Results) Results(ctx context.Context, f Filter) (*Answer, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	choice := figures.Choice{Office: deref(f.Office), Service: deref(f.Service), Level: deref(f.Level)}
	if err := viewer.Require(access.ResultsRead, choice.Office); err != nil {
		return nil, err
	}
	if err := f.check(); err != nil {
		return nil, err
	}
	if choice.LevelOf, err = r.levels(ctx); err != nil {
		return nil, err
	}
	names, err := r.titles(ctx)
	if err != nil {
		return nil, err
	}
	set := figures.SetTerms{}
	for code, p := range names.Practices {
		set[code] = figures.SetTerm{Amount: p.Amount, Unit: string(p.Unit)}
	}
	counts, err := read(ctx, r.store, f.From, f.To, choice.Office, choice.Service)
	if err != nil {
		return nil, err
	}
	total, periods := figures.Over(counts, f.From, f.To, deref(f.By), choice, set)
	return &Answer{Total: &total, Periods: periods}, nil
}

// Published is what everybody may see of a week that is over: no small count, and none
// that would give one away. BAD_USER_INPUT for what is no week, or not over.
func (r *Results) Published(ctx context.Context, week string) (*weekly.Report, error) {
	from, to, err := weekly.ParseWeek(week)
	if err != nil {
		return nil, town.Errorf(town.BadUserInput, "A week is written like 2026-W47.", "Una settimana si scrive come 2026-W47.")
	}
	if !to.Before(town.Today(r.store.Clock().Now())) {
		return nil, town.Errorf(town.BadUserInput, "The week is not over.", "La settimana non è finita.")
	}
	counts, err := Stored(ctx, r.store, from, to)
	if err != nil {
		return nil, err
	}
	names, err := r.titles(ctx)
	if err != nil {
		return nil, err
	}
	return weekly.New(week, counts, names)
}

// levels tells the access level of each office.
func (r *Results) levels(ctx context.Context) (func(string) town.Level, error) {
	rows, err := r.store.Reader().Office.Query().All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the offices: %w", err)
	}
	levels := make(map[string]town.Level, len(rows))
	for _, row := range rows {
		levels[row.ID] = row.Level
	}
	return func(office string) town.Level { return levels[office] }, nil
}

// titlesFor is how long titles are taken from memory: departments seldom publish anew.
const titlesFor = time.Minute

func (r *Results) titles(ctx context.Context) (weekly.Names, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known == nil || time.Now().After(r.until) {
		names, err := r.names(access.System(ctx, "titles of what is counted"))
		if err != nil {
			return names, err
		}
		r.known, r.until = &names, time.Now().Add(titlesFor)
	}
	return *r.known, nil
}

func deref[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}
