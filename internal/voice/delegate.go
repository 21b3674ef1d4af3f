package voice

import (
	"context"
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/ent/roleassignment"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// delegateFor is the Assessore to whom the service is delegated at this moment; empty
// where it is nobody's or several people's: then the Mayor's office says who answers.
func delegateFor(ctx context.Context, tx *store.Tx, service string) (string, error) {
	ctx = access.System(ctx, "who answers for a subject")
	rows, err := tx.RoleAssignment.Query().Where(
		roleassignment.RoleEQ(town.RoleAssessore), roleassignment.OfficeIDIn(town.OfficeMayor, "*"), roleassignment.FromLTE(tx.Now),
		roleassignment.Or(roleassignment.ToIsNil(), roleassignment.ToGT(tx.Now)),
	).All(ctx)
	if err != nil {
		return "", fmt.Errorf("look for who answers for %s: %w", service, err)
	}
	var people []string
	for _, row := range rows {
		if slices.Contains(row.Services, service) {
			people = append(people, row.PersonID)
		}
	}
	slices.Sort(people)
	people = slices.Compact(people)
	if len(people) != 1 {
		return "", nil
	}
	here, err := tx.Person.Query().Where(person.ID(people[0]), person.Disabled(false)).Exist(ctx)
	if err != nil || !here {
		return "", err
	}
	return people[0], nil
}
