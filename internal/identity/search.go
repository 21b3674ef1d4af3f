package identity

import (
	"context"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Search finds citizens by tax code or by exact family name; empty is not asked, and
// of both those who have both. Only those may ask who receive citizens; more than 100
// is BAD_USER_INPUT.
func (p *People) Search(ctx context.Context, taxCode, familyName string) ([]*ent.Person, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	if err := v.Require(access.PersonRead, ""); err != nil {
		return nil, err
	}
	if taxCode == "" && familyName == "" {
		return nil, town.Errorf(town.BadUserInput, "Give a tax code or a family name.", "Indicare il codice fiscale o il cognome.")
	}
	var named []*ent.Person
	if familyName != "" {
		if named, err = p.FindByFamilyName(ctx, familyName); err != nil {
			return nil, err
		}
		if taxCode == "" && len(named) > maxNamesakes {
			return nil, town.Errorf(town.BadUserInput, "More than 100 persons have this name: search by tax code.", "Più di 100 persone hanno questo cognome: cercare per codice fiscale.")
		}
	}
	if taxCode == "" {
		return named, nil
	}
	row, err := p.FindByTaxCode(ctx, taxCode)
	if town.CodeOf(err) == town.NotFound {
		return []*ent.Person{}, nil
	}
	if err != nil {
		return nil, err
	}
	found := []*ent.Person{row}
	if familyName == "" {
		return found, nil
	}
	for _, other := range named {
		if other.ID == row.ID {
			return found, nil
		}
	}
	return []*ent.Person{}, nil
}
