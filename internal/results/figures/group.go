package figures

import (
	"cmp"
	"maps"
	"slices"

	"github.com/spazio-in-comune/sportello/internal/results/tally"
)

// table are the counts of one span.
type table tally.Counts

// row tells the rows of a list from each other.
type row struct {
	a, b, c string
	n       int
}

func compareRows(x, y row) int {
	return cmp.Or(cmp.Compare(x.n, y.n), cmp.Compare(x.a, y.a), cmp.Compare(x.b, y.b), cmp.Compare(x.c, y.c))
}

// group is the counts of one row.
type group struct {
	row
	tally.Counts
}

// groups sorts the counts of the figures into rows.
func (t table) groups(of func(tally.Key) row, figures ...tally.Figure) []group {
	rows := map[row]tally.Counts{}
	for key, n := range t {
		if !slices.Contains(figures, key.Figure) {
			continue
		}
		r := of(key)
		if rows[r] == nil {
			rows[r] = tally.Counts{}
		}
		rows[r][key] = n
	}
	all := make([]group, 0, len(rows))
	for _, r := range slices.SortedFunc(maps.Keys(rows), compareRows) {
		all = append(all, group{r, rows[r]})
	}
	return all
}

// detail is how often the figure was met with a detail.
func (g group) detail(f tally.Figure, detail string) int {
	return int(g.Sum(f, func(k tally.Key) bool { return k.Detail == detail }))
}

func (g group) all(f tally.Figure) int { return int(g.Sum(f, anything)) }

func anything(tally.Key) bool { return true }

// part is what share of the whole the first is; nil of nothing.
func part(of, whole int) *float64 {
	if whole == 0 {
		return nil
	}
	share := float64(of) / float64(whole)
	return &share
}

func mean(s tally.Spread) *float64 {
	if m, ok := s.Mean(); ok {
		return &m
	}
	return nil
}

func median(s tally.Spread) *float64 {
	m, ok := s.Reached(50)
	if !ok {
		return nil
	}
	days := float64(m)
	return &days
}
