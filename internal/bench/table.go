package main

import (
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"
)

// report gathers the rows in the order in which they are measured.
type report struct{ rows []*row }

// row is one path: what was measured of the house and of its limit, once a round.
type row struct {
	path, unit, target string
	// rate says that more is better; otherwise the figures are costs.
	rate bool
	// against names the limit; empty for a path that has none.
	against     string
	ours, limit []float64
}

func (t *report) add(r *row) *row {
	t.rows = append(t.rows, r)
	return r
}

// pair adds what one round gave.
func (r *row) pair(ours, limit float64) {
	r.ours, r.limit = append(r.ours, ours), append(r.limit, limit)
}

// worst is the ratio of the round in which the house did worst beside its limit; 0 where rounds are no pairs.
func (r *row) worst() float64 {
	if len(r.ours) != len(r.limit) || len(r.ours) < 2 {
		return 0
	}
	worst := math.Inf(1)
	for i, ours := range r.ours {
		worst = min(worst, r.speed(ours, r.limit[i]))
	}
	return worst
}

// ratio is the speed of the house against its limit's.
func (r *row) ratio() float64 {
	return r.speed(median(r.ours), median(r.limit))
}

func (r *row) speed(ours, limit float64) float64 {
	if r.rate {
		return ours / limit
	}
	return limit / ours
}

func (t *report) print(w io.Writer) {
	out := table.NewWriter()
	out.SetOutputMirror(w)
	out.SetStyle(table.StyleLight)
	out.AppendHeader(table.Row{"path", "ours", "limit", "unit", "ratio", "worst", "against", "target"})
	out.SetColumnConfigs([]table.ColumnConfig{{Number: 2, Align: text.AlignRight}, {Number: 3, Align: text.AlignRight}, {Number: 5, Align: text.AlignRight}, {Number: 6, Align: text.AlignRight}})
	for _, r := range t.rows {
		if len(r.ours) == 0 {
			continue
		}
		line := table.Row{r.path, figure(median(r.ours)), "", r.unit, "", "", r.against, r.target}
		if len(r.limit) > 0 {
			line[2], line[4] = figure(median(r.limit)), strconv.FormatFloat(r.ratio(), 'f', 2, 64)
		}
		if worst := r.worst(); worst > 0 {
			line[5] = strconv.FormatFloat(worst, 'f', 2, 64)
		}
		out.AppendRow(line)
	}
	out.Render()
}

// figure shows three digits that count.
func figure(v float64) string {
	switch {
	case v >= 100:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	default:
		return strconv.FormatFloat(v, 'f', 2, 64)
	}
}

func median(values []float64) float64 { return quantile(values, 0.5) }

// quantile is the value below which the given share of the values lies.
func quantile(values []float64, share float64) float64 {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(int(share*float64(len(sorted))), len(sorted)-1)]
}
