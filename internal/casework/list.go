package casework

import (
	"context"
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// A list of cases is the union of what the viewer may see: the cases of each of
// their offices, those that an office of theirs handed over, those whose step of
// the ladder they hold, and their own. Each is a branch with an index of its own
// that gives its first ids in order (list_branches.go); the union of the branches
// gives ids only (list_union.go), and the cases are then loaded through the rule of
// visibility like any other. A filter either has an index in every branch or is
// refused (list_filter.go). Filters that leave a few cases, such as a tax code, are
// read the other way round: first the few, then the rule (list_few.go).

// Cases is a page of the cases that the viewer may see, newest first unless ordered
// otherwise. Filters that no index serves together are BAD_USER_INPUT.
func (c *Cases) Cases(ctx context.Context, args town.PageArgs, filter CaseFilter, order *CaseOrder) (town.Page[*ent.CaseFile], error) {
	none := town.Page[*ent.CaseFile]{}
	s, err := c.newSearch(ctx, filter, order)
	if err != nil {
		return none, err
	}
	if err := s.cut(args); err != nil {
		return none, err
	}
	ids, err := c.visibleIDs(ctx, s, s.page.Size+1)
	if err != nil {
		return none, err
	}
	if len(ids) == 0 {
		return town.CutPage(s.page, []*ent.CaseFile{}), nil
	}
	byID, err := c.CasesByIDs(ctx, padded(ids))
	if err != nil {
		return none, err
	}
	rows := make([]*ent.CaseFile, 0, len(ids))
	for _, id := range ids {
		if f := byID[id]; f != nil {
			rows = append(rows, f)
		}
	}
	return town.CutPage(s.page, rows), nil
}

// maxCount is up to where cases are counted exactly.
const maxCount = 1000

// CountCases counts the cases that the viewer may see, up to 1,000.
func (c *Cases) CountCases(ctx context.Context, filter CaseFilter, order *CaseOrder) (int, error) {
	s, err := c.newSearch(ctx, filter, order)
	if err != nil {
		return 0, err
	}
	ids, err := c.visibleIDs(ctx, s, maxCount)
	return len(ids), err
}

// RecentOfOffice are the newest cases of an office that the viewer may see; at
// most 100.
func (c *Cases) RecentOfOffice(ctx context.Context, office string, n int) ([]*ent.CaseFile, error) {
	n = min(n, town.MaxPageSize)
	page, err := c.Cases(ctx, town.PageArgs{First: &n}, CaseFilter{OfficeCode: &office}, nil)
	return page.Items, err
}

// visibleIDs gives the first ids in the direction of the page.
func (c *Cases) visibleIDs(ctx context.Context, s *search, limit int) ([]string, error) {
	if s.few() {
		return c.fewIDs(ctx, s, limit)
	}
	sources := s.branches()
	if len(sources) == 0 {
		return nil, nil
	}
	query, args := s.union(sources, c.store.Dialect(), limit)
	if s.byDue() {
		return c.readIDs(ctx, query, args, new(any))
	}
	return c.readIDs(ctx, query, args)
}

// readIDs gives the first column; the rest goes where nobody looks.
func (c *Cases) readIDs(ctx context.Context, query string, args []any, rest ...any) ([]string, error) {
	rows, err := c.store.Reader().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var ids []string
	var id string
	columns := append([]any{&id}, rest...)
	for rows.Next() {
		if err := rows.Scan(columns...); err != nil {
			return nil, fmt.Errorf("list cases: %w", err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	return ids, nil
}

// padded repeats the last id up to a power of two, so that statements about lists of
// ids have few texts and stay prepared.
func padded(ids []string) []string {
	if len(ids) == 0 {
		return ids
	}
	size := 1
	for size < len(ids) {
		size *= 2
	}
	full := slices.Grow(slices.Clone(ids), size-len(ids))
	for len(full) < size {
		full = append(full, ids[len(ids)-1])
	}
	return full
}

// holders are the offices whose steps of the ladder the viewer answers.
func holders(v *access.Viewer) []string {
	var offices []string
	for _, act := range access.Answering() {
		offices = append(offices, v.Scope.Offices(act).Offices...)
	}
	slices.Sort(offices)
	return slices.Compact(offices)
}
