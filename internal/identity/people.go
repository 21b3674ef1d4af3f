package identity

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// loginPrefix begins the login of citizens who never signed in: they were entered at
// a desk. The key of their tax code follows, so that nobody is entered twice.
const loginPrefix = "citizen:"

// People reads and enters persons.
type People struct {
	store *store.Store
	vault *vault.Vault
}

// NewPeople makes the keeper of persons.
func NewPeople(s *store.Store, v *vault.Vault) *People { return &People{store: s, vault: v} }

// Person is one person that the viewer may see, or NOT_FOUND.
func (p *People) Person(ctx context.Context, id string) (*ent.Person, error) {
	found, err := p.store.Reader().Person.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, town.ErrNotFound()
	}
	if err != nil {
		return nil, fmt.Errorf("read a person: %w", err)
	}
	return found, nil
}

// PersonsByIDs are those of the persons that the viewer may see, by id, in one query.
func (p *People) PersonsByIDs(ctx context.Context, ids []string) (map[string]*ent.Person, error) {
	rows, err := p.store.Reader().Person.Query().Where(person.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read %d persons: %w", len(ids), err)
	}
	found := make(map[string]*ent.Person, len(rows))
	for _, row := range rows {
		found[row.ID] = row
	}
	return found, nil
}

// Label is the name that colleagues see of the viewer; empty for citizens, tickets and
// the public.
func (p *People) Label(ctx context.Context, v *access.Viewer) (string, error) {
	if v.Kind != access.KindPerson && v.Kind != access.KindDevice {
		return "", nil
	}
	row, err := p.Person(ctx, v.ID)
	if err != nil {
		return "", err
	}
	return row.Label, nil
}

// PersonalOf are the personal data of persons whose rows the viewer has read. Those
// whom the viewer may not know are missing, as are staff, whose names are labels, and
// who was erased.
func (p *People) PersonalOf(ctx context.Context, rows []*ent.Person) (map[*ent.Person]*Personal, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	var may []*ent.Person
	for _, row := range rows {
		if v.Is(row.ID) || v.ActsWhollyFor(row.ID) || v.Scope.OpensPerson(row.ID) || row.Kind == town.PersonCitizen && v.Allow(access.PersonRead, "") {
			may = append(may, row)
		}
	}
	return openPersonal(ctx, p.vault, may)
}

// Personal are the personal data of one person; nil where [People.PersonalOf] gives
// none.
func (p *People) Personal(ctx context.Context, row *ent.Person) (*Personal, error) {
	found, err := p.PersonalOf(ctx, []*ent.Person{row})
	return found[row], err
}

// FindByTaxCode finds a citizen whom the viewer may see by the exact tax code, in any
// case of letters; NOT_FOUND if there is none.
func (p *People) FindByTaxCode(ctx context.Context, taxCode string) (*ent.Person, error) {
	row, err := p.find(ctx, p.store.Reader(), taxCode)
	if ent.IsNotFound(err) {
		return nil, town.ErrNotFound()
	}
	return row, err
}

// maxNamesakes is how many people of one name are told apart by it.
const maxNamesakes = 100

// FindByFamilyName finds the citizens whom the viewer may see by the exact family name,
// whatever its accents, apostrophes, spaces and case of letters: all up to 100, in the
// order in which they were entered, and 101 where there are more.
func (p *People) FindByFamilyName(ctx context.Context, name string) ([]*ent.Person, error) {
	key := familyNameKey(p.vault, name)
	if key == "" {
		return nil, nil
	}
	rows, err := p.store.Reader().Person.Query().Where(person.FamilyNameKey(key)).
		Order(ent.Asc(person.FieldID)).Limit(maxNamesakes + 1).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("find persons by family name: %w", err)
	}
	return rows, nil
}

// CreateCitizen enters a citizen who stands at a desk, in the caller's transaction, and
// returns the person's id; somebody who is known already is found by the tax code and
// left as they are. It needs case:file_for or person:read somewhere, and a valid tax
// code.
func (p *People) CreateCitizen(ctx context.Context, tx *store.Tx, data Personal) (string, error) {
	v, err := access.From(ctx)
	if err != nil {
		return "", err
	}
	if !v.Allow(access.CaseFileFor, "") {
		if err := v.Require(access.PersonRead, ""); err != nil {
			return "", err
		}
	}
	data.TaxCode = cleanTaxCode(data.TaxCode)
	if !calc.ValidTaxCode(data.TaxCode) {
		return "", town.Errorf(town.Invalid, "This is not a valid Italian tax code.", "Il codice fiscale non è valido.").At("input", "taxCode")
	}
	house := access.System(ctx, "identity.enter-citizen")
	known, err := p.find(house, tx.Client, data.TaxCode)
	if err == nil {
		return known.ID, nil
	}
	if !ent.IsNotFound(err) {
		return "", err
	}
	id, err := enter(house, tx, p.vault, loginPrefix+taxCodeKey(p.vault, data.TaxCode), data)
	if !ent.IsConstraintError(err) {
		return id, err
	}
	known, err = p.find(house, tx.Client, data.TaxCode) // somebody else was quicker
	if err != nil {
		return "", err
	}
	return known.ID, nil
}

func (p *People) find(ctx context.Context, db *ent.Client, taxCode string) (*ent.Person, error) {
	row, err := db.Person.Query().Where(person.TaxCodeKey(taxCodeKey(p.vault, taxCode))).First(ctx)
	if err != nil {
		return nil, fmt.Errorf("find a person by tax code: %w", err)
	}
	return row, nil
}

// enter writes a citizen.
func enter(ctx context.Context, tx *store.Tx, v *vault.Vault, login string, data Personal) (string, error) {
	id := town.NewID(town.PrefixPerson, tx.Now)
	sealed, err := sealPersonal(ctx, tx, v, id, data)
	if err != nil {
		return "", err
	}
	err = tx.Person.Create().SetID(id).SetLogin(login).SetKind(town.PersonCitizen).
		SetTaxCodeKey(taxCodeKey(v, data.TaxCode)).SetFamilyNameKey(familyNameKey(v, data.FamilyName)).SetSealed(sealed).SetCreatedAt(tx.Now).Exec(ctx)
	if err != nil {
		return "", fmt.Errorf("enter a citizen: %w", err)
	}
	return id, nil
}
