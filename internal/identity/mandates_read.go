package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/mandate"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// Mine are the mandates that the viewer has given and received, newest first; those that
// have ended, too. At most 200.
func (m *Mandates) Mine(ctx context.Context) ([]*ent.Mandate, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	if v.Kind != access.KindPerson {
		return nil, nil
	}
	return m.of(ctx, v.ID)
}

// Of are the mandates of a person, as principal and as delegate, as [Mandates.Mine]. It
// needs mandate:grant or person:read.
func (m *Mandates) Of(ctx context.Context, personID string) ([]*ent.Mandate, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	if !v.Can(access.MandateGrant, "") {
		if err := v.Require(access.PersonRead, ""); err != nil {
			return nil, err
		}
	}
	return m.of(ctx, personID)
}

// maxMandates bounds the list of the mandates of one person: the newest count.
const maxMandates = 200

func (m *Mandates) of(ctx context.Context, personID string) ([]*ent.Mandate, error) {
	rows, err := m.store.Reader().Mandate.Query().
		Where(mandate.Or(mandate.PrincipalID(personID), mandate.DelegateID(personID))).
		Order(ent.Desc(mandate.FieldID)).Limit(maxMandates).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the mandates of a person: %w", err)
	}
	return rows, nil
}

// Usable are the mandates in force under which the viewer may act, by age.
func (m *Mandates) Usable(ctx context.Context, v *access.Viewer) ([]*ent.Mandate, error) {
	held := m.authority.MandatesOf(v.ID)
	if v.Kind != access.KindPerson || len(held) == 0 {
		return nil, nil
	}
	ids := make([]string, len(held))
	for i, one := range held {
		ids[i] = one.ID
	}
	rows, err := m.store.Reader().Mandate.Query().Where(mandate.IDIn(ids...)).Order(ent.Asc(mandate.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the mandates of the viewer: %w", err)
	}
	return rows, nil
}

// MandatesByIDs are those of the mandates that the viewer may see, by id, in one query.
func (m *Mandates) MandatesByIDs(ctx context.Context, ids []string) (map[string]*ent.Mandate, error) {
	rows, err := m.store.Reader().Mandate.Query().Where(mandate.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read %d mandates: %w", len(ids), err)
	}
	found := make(map[string]*ent.Mandate, len(rows))
	for _, row := range rows {
		found[row.ID] = row
	}
	return found, nil
}

// Documents are the papers on which a mandate rests that the viewer has read; none where
// they were erased.
func (m *Mandates) Documents(ctx context.Context, row *ent.Mandate) ([]MandateDocument, error) {
	opened, err := m.vault.OpenAll(ctx, []vault.Sealed{{At: documentsPlace(row.ID), Data: row.Documents}})
	if err != nil {
		return nil, err
	}
	if len(opened[0]) == 0 {
		return nil, nil
	}
	var list []MandateDocument
	if err := json.Unmarshal(opened[0], &list); err != nil {
		return nil, fmt.Errorf("read the documents of a mandate: %w", err)
	}
	return list, nil
}

// InForce reports whether one may act under the mandate now.
func (m *Mandates) InForce(row *ent.Mandate) bool {
	_, ok := m.authority.Mandate(row.ID)
	return ok
}

// NameOf is the name of a person of the mandate, for both of them and for whoever sees
// citizens; empty for others, and where the house does not know it.
func (m *Mandates) NameOf(ctx context.Context, row *ent.Mandate, personID string) (string, error) {
	v, err := access.From(ctx)
	if err != nil {
		return "", err
	}
	if !v.Is(row.PrincipalID) && !v.Is(row.DelegateID) && !v.Can(access.PersonRead, "") {
		return "", nil
	}
	data, err := m.people.open(ctx, personID)
	if err != nil || data == nil {
		return "", err
	}
	return strings.TrimSpace(data.GivenName + " " + data.FamilyName), nil
}

// open opens the personal data of a person whose row the viewer need not see, and notes
// that they were read; nil if there is no such person.
func (p *People) open(ctx context.Context, id string) (*Personal, error) {
	row, err := p.store.Reader().Person.Get(access.System(ctx, "identity.name-in-a-mandate"), id)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a person of a mandate: %w", err)
	}
	found, err := openPersonal(ctx, p.vault, []*ent.Person{row})
	return found[row], err
}
