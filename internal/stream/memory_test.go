package stream

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// memory is a log without a database.
type memory struct {
	mu     sync.Mutex
	events []town.Event
	oldest int64 // events before it are no longer kept
	broken bool
}

var errBroken = errors.New("the database is away")

// add appends events, numbered on from the last.
func (m *memory) add(events ...town.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, e := range events {
		if e.Seq == 0 {
			e.Seq = m.last() + 1
		}
		if e.ID == "" {
			e.ID = fmt.Sprintf("evt_%06d", e.Seq)
		}
		m.events = append(m.events, e)
	}
}

func (m *memory) last() int64 {
	if len(m.events) == 0 {
		return 0
	}
	return m.events[len(m.events)-1].Seq
}

// keepFrom forgets the events before one.
func (m *memory) keepFrom(oldest int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.oldest = oldest
}

func (m *memory) setBroken(broken bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.broken = broken
}

func (m *memory) Between(_ context.Context, f Filter, after, upTo int64, limit int) (page []town.Event, more bool, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return nil, false, errBroken
	}
	for _, e := range m.events {
		if e.Seq > after && e.Seq <= upTo && e.Seq >= m.oldest && f.matches(&e) && len(page) < limit {
			page = append(page, e)
		}
	}
	return page, len(page) == limit, nil
}

func (m *memory) newest(context.Context) (position, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.broken {
		return position{}, errBroken
	}
	if len(m.events) == 0 {
		return position{}, nil
	}
	return positionOf(&m.events[len(m.events)-1]), nil
}

func (m *memory) holds(_ context.Context, p position) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p.seq == 0 {
		return m.oldest <= 1, nil
	}
	for i := range m.events {
		if m.events[i].Seq == p.seq && m.events[i].Seq >= m.oldest {
			return positionOf(&m.events[i]) == p, nil
		}
	}
	return false, nil
}

func quiet() *slog.Logger { return slog.New(slog.DiscardHandler) }

func memoryHub(m *memory) *hub {
	last := m.last()
	return newHub(m, last, &Stats{}, quiet())
}
