package access

import (
	"context"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/roleassignment"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// RoleAssignmentFilter narrows a list of assignments; nil fields do not.
type RoleAssignmentFilter struct {
	PersonID   *string
	OfficeCode *string
	Role       *string
	// At keeps what held at that moment.
	At *time.Time
}

// RoleAssignments are the roles that people hold, held or will hold, newest first: for
// whoever gives roles there, for auditors, and one's own for everybody.
func (a *Authority) RoleAssignments(ctx context.Context, args town.PageArgs, filter RoleAssignmentFilter) (town.Page[*ent.RoleAssignment], error) {
	spec, err := args.Spec(town.PrefixAssignment)
	if err != nil {
		return town.Page[*ent.RoleAssignment]{}, err
	}
	query := a.store.Reader().RoleAssignment.Query()
	if filter.PersonID != nil {
		query.Where(roleassignment.PersonID(*filter.PersonID))
	}
	if filter.OfficeCode != nil {
		query.Where(roleassignment.OfficeID(*filter.OfficeCode))
	}
	if filter.Role != nil {
		query.Where(roleassignment.RoleEQ(town.Role(*filter.Role)))
	}
	if filter.At != nil {
		query.Where(roleassignment.FromLTE(*filter.At), roleassignment.Or(roleassignment.ToIsNil(), roleassignment.ToGT(*filter.At)))
	}
	if spec.Below != "" {
		query.Where(roleassignment.IDLT(spec.Below))
	}
	if spec.Above != "" {
		query.Where(roleassignment.IDGT(spec.Above))
	}
	order := roleassignment.ByID(sql.OrderDesc())
	if spec.Backward {
		order = roleassignment.ByID()
	}
	rows, err := query.Order(order).Limit(spec.Size + 1).All(ctx)
	if err != nil {
		return town.Page[*ent.RoleAssignment]{}, fmt.Errorf("list the roles held: %w", err)
	}
	return town.CutPage(spec, rows), nil
}

// AssignmentsByIDs are those of the assignments that the viewer may see, by id, in one
// query.
func (a *Authority) AssignmentsByIDs(ctx context.Context, ids []string) (map[string]*ent.RoleAssignment, error) {
	rows, err := a.store.Reader().RoleAssignment.Query().Where(roleassignment.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the roles held: %w", err)
	}
	found := make(map[string]*ent.RoleAssignment, len(rows))
	for _, row := range rows {
		found[row.ID] = row
	}
	return found, nil
}
