package main

import (
	"context"
	"strings"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/audit"
	"github.com/spazio-in-comune/sportello/internal/audit/chain"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/orientation"
	"github.com/spazio-in-comune/sportello/internal/privacy"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// The rooms know each other only through the interfaces that they declare where
// they use them. Here the adapters meet.

// services is what the desk sees of the catalogue.
type services struct{ catalogue *catalogue.Catalogue }

// Service implements desk.Services.
func (s services) Service(code string) (desk.Service, bool) {
	published, ok := s.catalogue.Service(code)
	if !ok {
		return desk.Service{}, false
	}
	return queueFacts(published.Definition()), true
}

// queueFacts are what the desk wants to know of a service.
func queueFacts(def *sdk.Definition) desk.Service {
	facts := desk.Service{Letter: def.Series, Office: def.DefaultRoute, Minutes: map[string]float64{}}
	var minutes, volume float64
	for _, p := range def.Practices {
		facts.Minutes[p.ID] = float64(p.Handling.TypicalMinutes)
		minutes += float64(p.Handling.TypicalMinutes * p.Handling.WeeklyVolume)
		volume += float64(p.Handling.WeeklyVolume)
	}
	if volume > 0 {
		facts.TypicalMinutes = minutes / volume
	}
	return facts
}

// departments is what casework sees of the catalogue.
type departments struct{ catalogue *catalogue.Catalogue }

// Practice implements casework.Departments.
func (d departments) Practice(code string) (casework.Offer, bool) {
	for _, s := range d.catalogue.Services() {
		if p, ok := s.Practice(code); ok {
			return casework.Offer{Service: s.Service, Practice: p, Hash: s.Hash}, true
		}
	}
	return casework.Offer{}, false
}

// ByHash implements casework.Departments.
func (d departments) ByHash(ctx context.Context, hash string) (*sdk.Service, error) {
	s, err := d.catalogue.ByHash(ctx, hash)
	if err != nil {
		return nil, err
	}
	return s.Service, nil
}

// Serves implements casework.Departments.
func (d departments) Serves(hash string) bool { return d.catalogue.Serves(hash) }

// Review implements casework.Departments.
func (d departments) Review(ctx context.Context, service, hash string, req sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
	return d.catalogue.Review(ctx, service, hash, req)
}

// citizens is what casework sees of the persons' records.
type citizens struct{ people *identity.People }

// TaxCode implements casework.People.
func (c citizens) TaxCode(ctx context.Context, personID string) (string, error) {
	row, err := c.people.Person(ctx, personID)
	if err != nil {
		return "", err
	}
	data, err := c.people.Personal(ctx, row)
	if err != nil || data == nil {
		return "", err
	}
	return data.TaxCode, nil
}

// Find implements casework.People.
func (c citizens) Find(ctx context.Context, taxCode string) (string, error) {
	row, err := c.people.FindByTaxCode(access.System(ctx, "casework.applicant"), taxCode)
	if town.CodeOf(err) == town.NotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return row.ID, nil
}

// Namesakes implements casework.People.
func (c citizens) Namesakes(ctx context.Context, familyName string) ([]string, error) {
	rows, err := c.people.FindByFamilyName(ctx, familyName)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(rows))
	for i, row := range rows {
		ids[i] = row.ID
	}
	return ids, nil
}

// Ensure implements casework.People. Whether the request may be filed at all was
// decided before; a citizen who files from home enters nobody at a desk.
func (c citizens) Ensure(ctx context.Context, tx *store.Tx, who casework.Applicant) (string, error) {
	return c.people.CreateCitizen(access.System(ctx, "casework.applicant"), tx, identity.Personal{
		TaxCode: who.TaxCode, GivenName: who.GivenName, FamilyName: who.FamilyName,
		Email: who.Email, Phone: who.Phone,
	})
}

// hall is what casework sees of the waiting hall.
type hall struct{ desk *desk.Desk }

// Leg implements casework.Queue.
func (h hall) Leg(ctx context.Context, legID string) (casework.LegRef, error) {
	leg, err := h.desk.Leg(ctx, legID)
	if err != nil {
		return casework.LegRef{}, err
	}
	return casework.LegRef{VisitID: leg.VisitID, SiteID: leg.SiteID, OfficeID: leg.OfficeID}, nil
}

// Identify implements casework.Queue.
func (h hall) Identify(ctx context.Context, tx *store.Tx, legID, personID string) error {
	return h.desk.Identify(ctx, tx, legID, personID)
}

// Facts implements casework.Queue. What the hall does not know stays unknown.
func (h hall) Facts(ctx context.Context, personID, legID, _ string) casework.QueueFacts {
	var facts casework.QueueFacts
	if legID != "" {
		if leg, err := h.desk.Leg(ctx, legID); err == nil {
			facts.WaitMinutes = h.waitMinutes(ctx, leg)
		}
	}
	if personID == "" && legID == "" {
		return facts
	}
	history, err := h.desk.HistoryOf(ctx, personID, legID)
	if err != nil {
		return facts
	}
	facts.VisitsLast30Days = &history.Visits
	if history.PreviousOutcome != "" {
		facts.PreviousOutcome = &history.PreviousOutcome
	}
	return facts
}

// waitMinutes is the wait of who takes a number for the leg's office now.
func (h hall) waitMinutes(ctx context.Context, leg *ent.Leg) *int {
	board, err := h.desk.Board(ctx, leg.SiteID)
	if err != nil {
		return nil
	}
	for _, q := range board.Queues {
		if q.Office == leg.OfficeID {
			minutes := q.MedianSeconds / 60
			return &minutes
		}
	}
	return nil
}

// shelf is what the information point sees of the catalogue.
type shelf struct{ catalogue *catalogue.Catalogue }

// Published implements orientation.Catalogue.
func (s shelf) Published() []orientation.Published {
	services := s.catalogue.Services()
	list := make([]orientation.Published, len(services))
	for i, service := range services {
		list[i] = orientation.Published{Hash: service.Hash, Service: service.Service}
	}
	return list
}

// maxAccessPage is how many accesses are read at once.
const maxAccessPage = 100

// fileAccesses tells who opened the file of a person, from the audit.
func fileAccesses(trail *audit.Audit) privacy.Accesses {
	return func(ctx context.Context, personID string, n int) ([]privacy.AccessData, error) {
		var list []privacy.AccessData
		first, args := maxAccessPage, town.PageArgs{}
		args.First = &first
		for len(list) < n {
			page, err := trail.Accesses(ctx, args, personID)
			if err != nil {
				return nil, err
			}
			for _, a := range page.Items {
				list = append(list, accessData(a))
			}
			if !page.HasNext {
				break
			}
			after := town.Cursor(page.Items[len(page.Items)-1].Position())
			args.After = &after
		}
		return list[:min(len(list), n)], nil
	}
}

func accessData(a *audit.Access) privacy.AccessData {
	who := a.ActorKind
	switch {
	case a.ByYou:
		who = "tu · you"
	case a.Actor != nil:
		who = *a.Actor
	}
	if len(a.Offices) > 0 && !a.ByYou {
		who += ", " + strings.Join(a.Offices, ", ")
	}
	data := privacy.AccessData{At: a.At, Who: who, Action: a.Action}
	// The dossier is for the person, also where an auditor gathers it.
	if a.Reason != nil && (a.Kind == chain.Read || a.ByYou) {
		data.Reason = *a.Reason
	}
	return data
}
