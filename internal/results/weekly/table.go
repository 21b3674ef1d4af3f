// Package weekly is what the town hall publishes of a week: tables made of daily counts,
// without any count that is so small that it could tell of somebody, as a page and as open
// data. It reads no database and no clock.
package weekly

import (
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Words are a text in both languages.
type Words struct {
	IT string `json:"it"`
	EN string `json:"en"`
}

// Report is a week that is over.
type Report struct {
	// Week is the ISO week, such as "2026-W47"; From and To are its Monday and Sunday.
	Week   string    `json:"week"`
	From   town.Date `json:"from"`
	To     town.Date `json:"to"`
	Tables []Table   `json:"tables"`
}

// Table has a row for each thing of its kind.
type Table struct {
	ID      string   `json:"id"`
	Title   Words    `json:"title"`
	Note    Words    `json:"note"`
	Columns []Column `json:"columns"`
	Rows    []Row    `json:"rows"`
	// Chart is the column that is drawn; empty for none.
	Chart string `json:"-"`
}

// Column is one figure of the table. Unit is empty for counts.
type Column struct {
	ID    string `json:"id"`
	Title Words  `json:"title"`
	Unit  string `json:"unit,omitempty"`
}

// Row is one thing with its figures, in the order of the columns. A figure that is too
// small to be published, or was not met, is null.
type Row struct {
	ID    string     `json:"id"`
	Title Words      `json:"title"`
	Cells []*float64 `json:"cells"`
}

// Names are the titles of offices and services, by id. What has none goes by its id.
type Names struct {
	Offices, Services map[string]Words
	Practices         map[string]Practice
}

// Practice is a kind of practice with the term set for it; an amount of 0 is none.
type Practice struct {
	Title  Words
	Amount int
	Unit   sdk.TermUnit
}

// in is the term in a unit; null where it is set in another, or none is set.
func (p Practice) in(unit sdk.TermUnit) *float64 {
	if p.Amount == 0 || p.Unit != unit {
		return nil
	}
	return number(float64(p.Amount))
}

func named(names map[string]Words, id string) Words {
	if w, ok := names[id]; ok {
		return w
	}
	return Words{id, id}
}
