package casework

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"entgo.io/ent/dialect"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/ent/predicate"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
)

const (
	// maxNamesakes bounds how many persons a family name may stand for.
	maxNamesakes = 100
	// maxOfPersons bounds how many cases they may have together.
	maxOfPersons = 2000
)

// nobody stands for the persons where there are none: the same statements run.
const nobody = "-"

// applicants are the persons of the tax code or the family name; of both, those of the
// code who have the name. Only those may ask who receive citizens.
func (c *Cases) applicants(ctx context.Context, f CaseFilter) ([]string, error) {
	if f.TaxCode == nil && f.FamilyName == nil {
		return nil, nil
	}
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	if v.ActsFor != nil || !v.Can(access.PersonRead, "") {
		return nil, town.Errorf(town.Forbidden, "Only staff who receive citizens search by person.", "La ricerca per persona è riservata al personale che riceve i cittadini.")
	}
	var found []string
	if f.FamilyName != nil {
		if found, err = c.people.Namesakes(ctx, *f.FamilyName); err != nil {
			return nil, fmt.Errorf("look for a family name: %w", err)
		}
		if len(found) > maxNamesakes && f.TaxCode == nil {
			return nil, town.Errorf(town.BadUserInput, "More than 100 persons have this name: search by tax code.", "Più di 100 persone hanno questo cognome: cercare per codice fiscale.")
		}
	}
	if f.TaxCode != nil {
		id, err := c.people.Find(ctx, *f.TaxCode)
		if err != nil {
			return nil, fmt.Errorf("look for a tax code: %w", err)
		}
		if f.FamilyName != nil && !slices.Contains(found, id) {
			id = ""
		}
		found = []string{id}
	}
	found = slices.DeleteFunc(found, func(id string) bool { return id == "" })
	if len(found) == 0 {
		found = []string{nobody}
	}
	return found, nil
}

// fewIDs are the visible ones of the few cases that the filter leaves, in the direction
// of the page.
func (c *Cases) fewIDs(ctx context.Context, s *search, limit int) ([]string, error) {
	chosen, err := c.chosen(ctx, s)
	if err != nil {
		return nil, err
	}
	rows, err := c.store.Reader().CaseFile.Query().Where(chosen...).Select(casefile.FieldID, casefile.FieldDueOn).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list cases: %w", err)
	}
	rows = slices.DeleteFunc(rows, func(f *ent.CaseFile) bool { return !s.onPage(f) })
	slices.SortFunc(rows, func(a, b *ent.CaseFile) int { return s.compare(a.DueOn.String(), a.ID, b.DueOn.String(), b.ID) })
	ids := make([]string, min(limit, len(rows)))
	for i := range ids {
		ids[i] = rows[i].ID
	}
	return ids, nil
}

// chosen is the filter as conditions on the case, the few first.
func (c *Cases) chosen(ctx context.Context, s *search) ([]predicate.CaseFile, error) {
	f := s.filter
	var list []predicate.CaseFile
	if f.Protocol != nil {
		list = append(list, casefile.Protocol(*f.Protocol))
	}
	if s.applicants != nil {
		ids, err := c.casesOf(ctx, s.applicants)
		if err != nil {
			return nil, err
		}
		list = append(list, casefile.IDIn(ids...))
	}
	if f.OfficeCode != nil {
		list = append(list, casefile.OfficeID(*f.OfficeCode))
	}
	if f.ServiceCode != nil {
		list = append(list, casefile.ServiceID(*f.ServiceCode))
	}
	if f.Phase != nil {
		list = append(list, casefile.PhaseEQ(*f.Phase))
	}
	if is(f.Mine) {
		list = append(list, casefile.ResponsibleID(s.viewer.ID))
	}
	if is(f.ApplicantIsMe) {
		list = append(list, casefile.ApplicantID(s.viewer.Account()))
	}
	return list, nil
}

// casesOf are the ids of all cases of the persons, whoever may see them.
func (c *Cases) casesOf(ctx context.Context, persons []string) ([]string, error) {
	w := statement{sqlite: c.store.Dialect() == dialect.SQLite}
	k := among("c.applicant_id", padded(persons))
	from := w.from(source{table: ofCases(), index: byApplicant})
	ids, err := c.readIDs(ctx, "SELECT c.id FROM "+from+" WHERE "+k.sql+" LIMIT ?", append(k.args, maxOfPersons+1))
	if err != nil {
		return nil, err
	}
	if len(ids) > maxOfPersons {
		return nil, town.Errorf(town.BadUserInput, "These persons have too many cases: search by tax code.", "Queste persone hanno troppe pratiche: cercare per codice fiscale.")
	}
	if len(ids) == 0 {
		ids = []string{nobody}
	}
	return padded(ids), nil
}

// onPage reports whether the case lies beyond the cursor, within the days asked for.
func (s *search) onPage(f *ent.CaseFile) bool {
	if s.byDue() {
		day := f.DueOn
		if day.IsZero() || s.filter.DueFrom != nil && day.Before(*s.filter.DueFrom) || s.filter.DueTo != nil && day.After(*s.filter.DueTo) {
			return false
		}
	}
	return s.at() == "" || s.compare(f.DueOn.String(), f.ID, s.dueAt, s.at()) > 0
}

// compare is the order in which the page is read, of two due dates and ids.
func (s *search) compare(dueA, idA, dueB, idB string) int {
	order := cmp.Compare(idA, idB)
	if s.byDue() {
		order = cmp.Or(cmp.Compare(dueA, dueB), order)
	}
	if s.ascending() {
		return order
	}
	return -order
}
