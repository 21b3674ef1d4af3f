package weekly

import (
	"bytes"
	_ "embed" // the page
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"

	"github.com/spazio-in-comune/sportello/internal/town"
)

//go:embed page.html
var pageText string

// Page is the report as a page in both languages, to be printed or read on a phone. It
// loads nothing from anywhere.
func (r *Report) Page() ([]byte, error) {
	page, err := template.New("week").Funcs(template.FuncMap{
		"figure": figure,
		"day":    func(d town.Date) string { return fmt.Sprintf("%d/%d/%d", d.Day, d.Month, d.Year) },
		"bars":   bars,
	}).Parse(pageText)
	if err != nil {
		return nil, fmt.Errorf("read the page of the week: %w", err)
	}
	var out bytes.Buffer
	if err := page.Execute(&out, r); err != nil {
		return nil, fmt.Errorf("write the page of the week: %w", err)
	}
	return out.Bytes(), nil
}

// figure is a number as Italians write it; a dash where there is none to publish.
func figure(cell *float64) string {
	if cell == nil {
		return "–"
	}
	return strings.Replace(strconv.FormatFloat(math.Round(*cell*10)/10, 'f', -1, 64), ".", ",", 1)
}

// Bar is one bar of a chart, in units of the drawing.
type Bar struct {
	Title  Words
	Figure string
	Y      int // of its text
	BarY   int
	Width  float64
	Beyond float64 // where its figure stands
}

// Chart is the drawing of one column.
type Chart struct {
	Title  Words
	Height int
	Bars   []Bar
}

const (
	barHeight = 38
	barWidth  = 280.0

	scoreUnit    = "1-5"
	highestScore = 5
)

// bars draws the table's column; nothing where no row has a figure to publish.
func bars(t Table) *Chart {
	at := -1
	for i, c := range t.Columns {
		if c.ID == t.Chart {
			at = i
		}
	}
	if at < 0 {
		return nil
	}
	highest := 0.0
	for _, row := range t.Rows {
		if cell := row.Cells[at]; cell != nil {
			highest = max(highest, *cell)
		}
	}
	if highest == 0 {
		return nil
	}
	if t.Columns[at].Unit == scoreUnit {
		highest = highestScore
	}
	chart := &Chart{Title: t.Columns[at].Title}
	for _, row := range t.Rows {
		cell := row.Cells[at]
		if cell == nil {
			continue
		}
		width, y := *cell/highest*barWidth, len(chart.Bars)*barHeight
		chart.Bars = append(chart.Bars, Bar{Title: row.Title, Figure: figure(cell), Y: y + 13, BarY: y + 18, Width: width, Beyond: width + 6})
	}
	chart.Height = len(chart.Bars) * barHeight
	return chart
}
