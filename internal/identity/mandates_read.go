package identity

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
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

// DocumentsOf are the papers on which mandates rest that the viewer has read; none where
// they were erased.
func (m *Mandates) DocumentsOf(ctx context.Context, rows []*ent.Mandate) (map[*ent.Mandate][]MandateDocument, error) {
	sealed := make([]vault.Sealed, len(rows))
	for i, row := range rows {
		sealed[i] = vault.Sealed{At: documentsPlace(row.ID), Data: row.Documents}
	}
	opened, err := m.vault.OpenAll(ctx, sealed)
	if err != nil {
		return nil, err
	}
	found := make(map[*ent.Mandate][]MandateDocument, len(rows))
	for i, row := range rows {
		var list []MandateDocument
		if len(opened[i]) > 0 {
			if err := json.Unmarshal(opened[i], &list); err != nil {
				return nil, fmt.Errorf("read the documents of a mandate: %w", err)
			}
		}
		found[row] = list
	}
	return found, nil
}

// InForce reports whether one may act under the mandate now.
func (m *Mandates) InForce(row *ent.Mandate) bool {
	_, ok := m.authority.Mandate(row.ID)
	return ok
}

// MandateNames are the names of both people of a mandate, empty where the house does not
// know them.
type MandateNames struct{ Principal, Delegate string }

// NamesOf are the names of the people of mandates that the viewer has read, for both of
// them and for whoever sees citizens; empty for others. A principal who gave the mandate
// alone, by a tax code, reads that tax code again: nobody learns so who a tax code is.
func (m *Mandates) NamesOf(ctx context.Context, rows []*ent.Mandate) (map[*ent.Mandate]MandateNames, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	found := make(map[*ent.Mandate]MandateNames, len(rows))
	var may []*ent.Mandate
	var ids []string
	for _, row := range rows {
		found[row] = MandateNames{}
		if v.Is(row.PrincipalID) || v.Is(row.DelegateID) || v.Can(access.PersonRead, "") {
			may, ids = append(may, row), append(ids, row.PrincipalID, row.DelegateID)
		}
	}
	if len(may) == 0 {
		return found, nil
	}
	names, err := m.people.names(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, row := range may {
		delegate := names[row.DelegateID]
		found[row] = MandateNames{Principal: names[row.PrincipalID].full(), Delegate: delegate.full()}
		if v.Is(row.PrincipalID) && row.GrantedBy == row.PrincipalID {
			found[row] = MandateNames{Principal: names[row.PrincipalID].full(), Delegate: delegate.TaxCode}
		}
	}
	return found, nil
}

// full is the name as one writes it.
func (p Personal) full() string { return strings.TrimSpace(p.GivenName + " " + p.FamilyName) }

// names opens the names of persons whose rows the viewer need not see, and notes that
// they were read.
func (p *People) names(ctx context.Context, ids []string) (map[string]Personal, error) {
	rows, err := p.PersonsByIDs(access.System(ctx, "identity.names-in-a-mandate"), ids)
	if err != nil {
		return nil, err
	}
	personal, err := openPersonal(ctx, p.vault, slices.Collect(maps.Values(rows)))
	if err != nil {
		return nil, err
	}
	names := make(map[string]Personal, len(rows))
	for row, data := range personal {
		names[row.ID] = *data
	}
	return names, nil
}
