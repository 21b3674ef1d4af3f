package weekly

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"strconv"
)

// JSON is the report as open data.
func (r *Report) JSON() ([]byte, error) {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("write the report: %w", err)
	}
	return append(text, '\n'), nil
}

// CSV is the report as open data (RFC 4180), a line for each figure; the value is empty
// where it is not published.
func (r *Report) CSV() ([]byte, error) {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	w.UseCRLF = true
	lines := [][]string{{"week", "table", "row", "row_it", "row_en", "figure", "unit", "value"}}
	for _, t := range r.Tables {
		for _, row := range t.Rows {
			for i, column := range t.Columns {
				value := ""
				if cell := row.Cells[i]; cell != nil {
					value = strconv.FormatFloat(*cell, 'f', -1, 64)
				}
				lines = append(lines, []string{r.Week, t.ID, row.ID, row.Title.IT, row.Title.EN, column.ID, column.Unit, value})
			}
		}
	}
	if err := w.WriteAll(lines); err != nil {
		return nil, fmt.Errorf("write the report: %w", err)
	}
	return out.Bytes(), nil
}
