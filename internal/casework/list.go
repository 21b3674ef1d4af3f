package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// A list of cases is the union of what the viewer may see: the cases of each of
// their offices, those that an office of theirs handed over, those whose step of
// the ladder they hold, and their own. Each is a branch with an index of its own
// that gives its first ids; the union of the branches gives ids only, and the
// cases are then loaded through the rule of visibility like any other.

// Cases is a page of the cases that the viewer may see, newest first.
func (c *Cases) Cases(ctx context.Context, args town.PageArgs, filter CaseFilter) (town.Page[*ent.CaseFile], error) {
	spec, err := args.Spec(town.PrefixCase)
	if err != nil {
		return town.Page[*ent.CaseFile]{}, err
	}
	ids, err := c.visibleIDs(ctx, spec, filter, spec.Size+1)
	if err != nil {
		return town.Page[*ent.CaseFile]{}, err
	}
	byID, err := c.CasesByIDs(ctx, ids)
	if err != nil {
		return town.Page[*ent.CaseFile]{}, err
	}
	rows := make([]*ent.CaseFile, 0, len(ids))
	for _, id := range ids {
		if f := byID[id]; f != nil {
			rows = append(rows, f)
		}
	}
	return town.CutPage(spec, rows), nil
}

// maxCount is up to where cases are counted exactly.
const maxCount = 1000

// CountCases counts the cases that the viewer may see, up to 1,000.
func (c *Cases) CountCases(ctx context.Context, filter CaseFilter) (int, error) {
	ids, err := c.visibleIDs(ctx, town.PageSpec{}, filter, maxCount)
	return len(ids), err
}

// RecentOfOffice are the newest cases of an office that the viewer may see; at
// most 100.
func (c *Cases) RecentOfOffice(ctx context.Context, office string, n int) ([]*ent.CaseFile, error) {
	n = min(n, town.MaxPageSize)
	page, err := c.Cases(ctx, town.PageArgs{First: &n}, CaseFilter{OfficeCode: &office})
	return page.Items, err
}

// condition is a part of a WHERE with its arguments.
type condition struct {
	sql  string
	args []any
}

func all(conditions ...condition) condition {
	var sum condition
	for _, k := range conditions {
		if k.sql == "" {
			continue
		}
		if sum.sql != "" {
			sum.sql += " AND "
		}
		sum.sql += k.sql
		sum.args = append(sum.args, k.args...)
	}
	return sum
}

// origin is a table by which cases are reached, and its column with their ids:
// the one to bound and to sort by, because its index is the one that is walked. A case
// may stand in it more than once where there are several steps about it.
type origin struct{ from, id, distinct string }

func fromCases() origin { return origin{from: "case_files c", id: "c.id"} }
func fromFormer() origin {
	return origin{"former_offices f JOIN case_files c ON c.id = f.case_id", "f.case_id", "DISTINCT "}
}

func fromSteps() origin {
	return origin{"escalations s JOIN case_files c ON c.id = s.case_id", "s.case_id", "DISTINCT "}
}

// source is a branch: where it reads the cases from, under which condition.
type source struct {
	origin
	condition
}

// visibleIDs gives the first ids of the union, in the direction of the page.
func (c *Cases) visibleIDs(ctx context.Context, spec town.PageSpec, filter CaseFilter, limit int) ([]string, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	sources := branches(v, filter)
	if len(sources) == 0 {
		return nil, nil
	}
	query, args := union(sources, narrow(v, filter), spec, limit)
	rows, err := c.store.Reader().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("list cases: %w", err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	return ids, nil
}

// union writes the statement. A branch with a limit must stand in a query of its
// own; so it does in every dialect.
func union(sources []source, common condition, spec town.PageSpec, limit int) (string, []any) {
	direction := "DESC"
	if spec.Backward {
		direction = "ASC"
	}
	var parts []string
	var args []any
	for i, s := range sources {
		where := all(s.condition, common, bounds(s.id, spec))
		if where.sql == "" {
			where.sql = "1 = 1"
		}
		parts = append(parts, fmt.Sprintf("SELECT id FROM (SELECT %s%s AS id FROM %s WHERE %s ORDER BY %s %s LIMIT %d) b%d",
			s.distinct, s.id, s.from, where.sql, s.id, direction, limit, i))
		args = append(args, where.args...)
	}
	return fmt.Sprintf("SELECT id FROM (%s) u ORDER BY id %s LIMIT %d", strings.Join(parts, " UNION "), direction, limit), args
}

// narrow is the filter of the caller.
func narrow(v *access.Viewer, f CaseFilter) condition {
	equals := func(column string, value *string) condition {
		if value == nil {
			return condition{}
		}
		return condition{"c." + column + " = ?", []any{*value}}
	}
	k := all(equals("office_id", f.OfficeCode), equals("service_id", f.ServiceCode), equals("phase", (*string)(f.Phase)))
	if f.Mine != nil && *f.Mine {
		k = all(k, condition{"c.responsible_id = ?", []any{v.ID}})
	}
	if f.ApplicantIsMe != nil && *f.ApplicantIsMe {
		k = all(k, condition{"c.applicant_id = ?", []any{v.Account()}})
	}
	return k
}

func bounds(id string, spec town.PageSpec) condition {
	var k condition
	if spec.Below != "" {
		k = all(k, condition{id + " < ?", []any{spec.Below}})
	}
	if spec.Above != "" {
		k = all(k, condition{id + " > ?", []any{spec.Above}})
	}
	return k
}

// branches are the ways in which the viewer may see cases.
func branches(v *access.Viewer, f CaseFilter) []source {
	var list []source
	if v.ActsFor != nil {
		if !v.CanAsParty(access.CaseRead) {
			return nil
		}
		return append(list, source{fromCases(), all(condition{"c.applicant_id = ?", []any{v.Account()}}, covered(v.ActsFor.Services))})
	}
	if (v.Kind == access.KindPerson || v.Kind == access.KindService) && v.CanAsParty(access.CaseRead) {
		list = append(list, source{fromCases(), condition{"c.applicant_id = ?", []any{v.ID}}})
		if f.ApplicantIsMe != nil && *f.ApplicantIsMe {
			return list
		}
		list = append(list, source{fromCases(), condition{"c.submitted_by = ?", []any{v.ID}}})
	}
	readers, secret := v.Scope.Offices(access.CaseRead), v.Scope.Offices(access.CaseConfidential)
	if readers.All {
		return append(list, source{fromCases(), open(secret)})
	}
	for _, office := range readers.Offices {
		own := condition{"c.office_id = ?", []any{office}}
		if !secret.Has(office) {
			own = all(own, condition{"c.confidential = ?", []any{false}})
		}
		list = append(list,
			source{fromCases(), own},
			source{fromFormer(), all(condition{"f.office_id = ?", []any{office}}, open(secret))})
	}
	for _, office := range holders(v) {
		list = append(list, source{fromSteps(), all(condition{"s.owner_office = ?", []any{office}}, open(secret))})
	}
	for _, id := range v.Scope.OpenCases() {
		list = append(list, source{fromCases(), all(condition{"c.id = ?", []any{id}}, open(secret))})
	}
	return list
}

// covered keeps the services of a mandate; all where it names none.
func covered(services []string) condition {
	if len(services) == 0 {
		return condition{}
	}
	k := condition{sql: "c.service_id IN (?" + strings.Repeat(", ?", len(services)-1) + ")"}
	for _, service := range services {
		k.args = append(k.args, service)
	}
	return k
}

// holders are the offices whose steps of the ladder the viewer answers.
func holders(v *access.Viewer) []string {
	offices := slices.Concat(v.Scope.Offices(access.EscalationHelp).Offices, v.Scope.Offices(access.EscalationReview).Offices)
	slices.Sort(offices)
	return slices.Compact(offices)
}

// open leaves out confidential cases but in the offices of the grant.
func open(secret access.OfficeSet) condition {
	if secret.All {
		return condition{}
	}
	k := condition{"c.confidential = ?", []any{false}}
	if len(secret.Offices) == 0 {
		return k
	}
	k.sql = "(" + k.sql + " OR c.office_id IN (?" + strings.Repeat(", ?", len(secret.Offices)-1) + "))"
	for _, office := range secret.Offices {
		k.args = append(k.args, office)
	}
	return k
}
