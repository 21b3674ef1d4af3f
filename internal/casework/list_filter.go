package casework

import (
	"context"
	"encoding/base64"
	"strings"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// CaseOrderField is what a list of cases is ordered by.
type CaseOrderField string

// The orders of a list of cases.
const (
	// OrderFiled is the order of filing.
	OrderFiled CaseOrderField = "FILED"
	// OrderDue is the order of the last useful days; cases without a term are left out.
	OrderDue CaseOrderField = "DUE"
)

// OrderDirection says which end comes first.
type OrderDirection string

// The directions.
const (
	Ascending  OrderDirection = "ASC"
	Descending OrderDirection = "DESC"
)

// CaseOrder is the order of a list of cases.
type CaseOrder struct {
	Field     CaseOrderField
	Direction OrderDirection
}

// search is a list that was asked for: who asks, a filter that indexes serve, an order
// and a page.
type search struct {
	viewer *access.Viewer
	filter CaseFilter
	order  CaseOrder
	// applicants are the persons of the tax code or family name; see few.
	applicants []string

	page town.PageSpec
	// dueAt is the day at which the cursor stands, in the order of due dates.
	dueAt string
}

// newSearch checks the filter and looks up the persons that it names.
func (c *Cases) newSearch(ctx context.Context, filter CaseFilter, order *CaseOrder) (*search, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	s := &search{viewer: v, filter: filter, order: orderOf(filter, order)}
	if err := s.check(); err != nil {
		return nil, err
	}
	s.applicants, err = c.applicants(ctx, filter)
	return s, err
}

// orderOf is the order asked for, else newest first; by due date, soonest first.
func orderOf(f CaseFilter, order *CaseOrder) CaseOrder {
	switch {
	case order != nil:
		return *order
	case f.DueFrom != nil || f.DueTo != nil:
		return CaseOrder{OrderDue, Ascending}
	default:
		return CaseOrder{OrderFiled, Descending}
	}
}

// byDue reports whether due dates matter.
func (s *search) byDue() bool { return s.order.Field == OrderDue }

// few reports whether the filter itself leaves only a few cases.
func (s *search) few() bool {
	return s.filter.Protocol != nil || s.filter.TaxCode != nil || s.filter.FamilyName != nil
}

func is(flag *bool) bool { return flag != nil && *flag }

// check refuses what no index serves.
func (s *search) check() error {
	f := s.filter
	if !s.byDue() && (f.DueFrom != nil || f.DueTo != nil) {
		return town.Errorf(town.BadUserInput, "dueFrom and dueTo go with the order DUE.", "dueFrom e dueTo richiedono l'ordinamento DUE.")
	}
	if s.few() || is(f.ApplicantIsMe) || s.indexed() {
		return nil
	}
	return town.Errorf(town.BadUserInput,
		"These filters do not go together. What goes: protocol, taxCode, familyName or applicantIsMe with anything; officeCode with phase and serviceCode; mine with officeCode and phase; by due date, an officeCode of yours with phase, or mine with officeCode.",
		"Questi filtri non si combinano. Si può usare: protocol, taxCode, familyName o applicantIsMe con qualunque altro; officeCode con phase e serviceCode; mine con officeCode e phase; per scadenza, un officeCode di propria competenza con phase, oppure mine con officeCode.")
}

// indexed reports whether every branch of the list has an index for the filter.
func (s *search) indexed() bool {
	f := s.filter
	switch {
	case is(f.Mine):
		return f.ServiceCode == nil && (!s.byDue() || f.Phase == nil)
	case f.OfficeCode != nil:
		return !s.byDue() || f.ServiceCode == nil && s.readers().Has(*f.OfficeCode)
	default:
		return !s.byDue() && f.Phase == nil && f.ServiceCode == nil
	}
}

// cut reads the page's arguments. In the order of due dates a cursor holds the day
// before the id.
func (s *search) cut(args town.PageArgs) (err error) {
	if s.byDue() {
		if args.After, s.dueAt, err = splitCursor(args.After, s.dueAt); err != nil {
			return err
		}
		if args.Before, s.dueAt, err = splitCursor(args.Before, s.dueAt); err != nil {
			return err
		}
	}
	s.page, err = args.Spec(town.PrefixCase)
	return err
}

// daySeparator stands between the day and the id of a cursor by due date.
const daySeparator = " "

// CaseCursor is the opaque position of a case in a list of the order.
func CaseCursor(filter CaseFilter, order *CaseOrder, id string, due town.Date) string {
	if orderOf(filter, order).Field != OrderDue {
		return town.Cursor(id)
	}
	return town.Cursor(due.String() + daySeparator + id)
}

// splitCursor takes the day off a cursor; nil stays nil, and the day known so far.
func splitCursor(cursor *string, known string) (*string, string, error) {
	if cursor == nil {
		return nil, known, nil
	}
	text, err := base64.RawURLEncoding.DecodeString(*cursor)
	day, id, ok := strings.Cut(string(text), daySeparator)
	if _, dateErr := calc.ParseDate(day); err != nil || !ok || dateErr != nil {
		return nil, "", town.Errorf(town.BadUserInput, "This cursor is not from this list.", "Questo cursore non appartiene a questo elenco.")
	}
	inner := town.Cursor(id)
	return &inner, day, nil
}

// ascending reports whether the page is read from the oldest, or the soonest.
func (s *search) ascending() bool { return (s.order.Direction == Ascending) != s.page.Backward }

// at is the id beyond which the page begins; empty for the first page.
func (s *search) at() string {
	if s.page.Backward {
		return s.page.Above
	}
	return s.page.Below
}
