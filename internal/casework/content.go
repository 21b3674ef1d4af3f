package casework

import (
	"context"
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casefile"
)

// Lists read cases without what is sealed in them, which is most of a row and seldom
// shown. A case that has neither a form nor a decision was read so, or was emptied: the
// column that is asked for is then read by itself, under the rule of visibility again.

// plainColumns are those of a case that are not sealed.
func plainColumns() []string {
	return slices.DeleteFunc(slices.Clone(casefile.Columns), func(column string) bool {
		switch column {
		case casefile.FieldAnswers, casefile.FieldDecision, casefile.FieldReasons, casefile.FieldOverrideNote:
			return true
		default:
			return false
		}
	})
}

// contentOf gives the sealed column of each case: from the row where it is there, and in
// one statement for all rows that were read without it.
func (c *Cases) contentOf(ctx context.Context, files []*ent.CaseFile, column string, of func(*ent.CaseFile) []byte) (func(*ent.CaseFile) []byte, error) {
	var without []string
	for _, file := range files {
		if file.Answers == nil && file.Decision == nil {
			without = append(without, file.ID)
		}
	}
	if len(without) == 0 {
		return of, nil
	}
	rows, err := c.store.Reader().CaseFile.Query().Where(casefile.IDIn(padded(without)...)).Select(casefile.FieldID, column).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read %s of %d cases: %w", column, len(without), err)
	}
	byID := keyed(rows, func(f *ent.CaseFile) string { return f.ID })
	return func(file *ent.CaseFile) []byte {
		if row := byID[file.ID]; row != nil {
			return of(row)
		}
		return of(file)
	}, nil
}
