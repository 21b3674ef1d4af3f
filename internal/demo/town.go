// Package demo furnishes a town hall: its offices and its site, and for a
// demonstration a part-filled day. Everything is made once; a second start finds
// it in place.
package demo

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// SiteID is the id of the first site. It is fixed, so that examples can name it.
const SiteID = "site_spazio-in-comune"

// counterOffice is the multi-purpose counter, with its five reserved desks.
const (
	counterOffice = "sportello"
	reservedDesks = 5
)

// letters are the series of offices, beside those of the services.
func letters() map[string]string {
	return map[string]string{
		"X": "info-point", "Z": counterOffice, "H": "help-point",
		"T": "tributi-patrimonio", "G": "segretariato-sociale", "N": "sportello-messi", "V": "stato-civile",
		"Y": "back-office-tecnico", "L": "polizia-locale",
	}
}

// Hours are the opening hours of a site by weekday, as spans.
type Hours map[string][]string

// AlwaysOpen are the hours of a demonstration.
func AlwaysOpen() Hours {
	hours := Hours{}
	for _, day := range []string{"mon", "tue", "wed", "thu", "fri", "sat", "sun"} {
		hours[day] = []string{"00:00-24:00"}
	}
	return hours
}

// Furnish makes the offices, the site and its counters where they are missing.
func Furnish(ctx context.Context, s *store.Store, town *sdk.Town, hours Hours) error {
	ctx = access.System(ctx, "furnish")
	return s.InTx(ctx, "furnish the town hall", func(ctx context.Context, tx *store.Tx) error {
		if err := furnishOffices(ctx, tx, town.Destinations); err != nil {
			return err
		}
		return furnishSite(ctx, tx, town.Destinations, hours)
	})
}

func furnishOffices(ctx context.Context, tx *store.Tx, destinations []sdk.Destination) error {
	known, err := tx.Office.Query().IDs(ctx)
	if err != nil {
		return fmt.Errorf("read the offices: %w", err)
	}
	have := make(map[string]bool, len(known))
	for _, id := range known {
		have[id] = true
	}
	var missing []*ent.OfficeCreate
	for i, d := range destinations {
		if have[d.ID] {
			continue
		}
		missing = append(missing, tx.Office.Create().SetID(d.ID).SetLevel(town.Level(d.Level)).
			SetTitleIt(d.Label.IT).SetTitleEn(d.Label.EN).SetExternal(d.External).SetPosition(i))
	}
	if err := tx.Office.CreateBulk(missing...).Exec(ctx); err != nil {
		return fmt.Errorf("make %d offices: %w", len(missing), err)
	}
	return nil
}

func furnishSite(ctx context.Context, tx *store.Tx, destinations []sdk.Destination, hours Hours) error {
	sites, err := tx.Site.Query().Limit(1).All(ctx)
	if err != nil {
		return fmt.Errorf("look for a site: %w", err)
	}
	if len(sites) > 0 {
		return nil
	}
	err = tx.Site.Create().SetID(SiteID).SetName("Spazio In Comune").SetOpenHours(hours).SetSeries(letters()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("make the site: %w", err)
	}
	counters := counterRows(tx, destinations)
	if err := tx.Counter.CreateBulk(counters...).Exec(ctx); err != nil {
		return fmt.Errorf("make %d counters: %w", len(counters), err)
	}
	return nil
}

// counterRows are the five reserved desks and one for each other office of the
// house where people are received.
func counterRows(tx *store.Tx, destinations []sdk.Destination) []*ent.CounterCreate {
	var rows []*ent.CounterCreate
	add := func(office, label string) {
		rows = append(rows, tx.Counter.Create().SetID(town.NewID(town.PrefixCounter, tx.Now)).SetSiteID(SiteID).
			SetOfficeID(office).SetLabel(label).SetPosition(len(rows)+1))
	}
	for desk := 1; desk <= reservedDesks; desk++ {
		add(counterOffice, fmt.Sprint(desk))
	}
	for _, d := range destinations {
		if d.ID == counterOffice || d.Level > int(town.LevelHelpPoint) || d.External {
			continue
		}
		add(d.ID, d.Label.IT)
	}
	return rows
}
