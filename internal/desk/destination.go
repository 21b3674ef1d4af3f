package desk

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// destination is where a person is sent, and the letter of the numbers there.
type destination struct {
	site     *ent.Site
	office   *ent.Office
	service  string
	practice string
	letter   string
}

// wish is what somebody asks for.
type wish struct{ site, service, practice, office string }

// destination resolves what somebody asks for: a service, an office, or both. Where that is
// depends on nobody.
func (d *Desk) destination(ctx context.Context, siteID string, service, practice, office *string) (destination, error) {
	return d.destinations.ask(wish{siteID, deref(service), deref(practice), deref(office)}, func() (destination, error) {
		return d.resolve(context.WithoutCancel(ctx), siteID, service, practice, office)
	})
}

func (d *Desk) resolve(ctx context.Context, siteID string, service, practice, office *string) (destination, error) {
	site, err := d.store.Reader().Site.Get(ctx, siteID)
	if ent.IsNotFound(err) {
		return destination{}, town.Errorf(town.Invalid, "There is no such site.", "La sede non esiste.").At("input", "siteId")
	}
	if err != nil {
		return destination{}, fmt.Errorf("read the site: %w", err)
	}
	to := destination{site: site, service: deref(service), practice: deref(practice)}
	code := deref(office)
	if to.service == "" && code == "" {
		return destination{}, town.Errorf(town.Required, "Say which service or which office.", "Indicare il servizio o l'ufficio.").At("input", "serviceCode")
	}
	facts, err := d.checkService(to.service, to.practice)
	if err != nil {
		return destination{}, err
	}
	if code == "" {
		code = facts.Office
	}
	if to.office, err = d.office(ctx, code); err != nil {
		return destination{}, err
	}
	to.letter = letterOf(site, to.service, code, facts.Letter)
	if to.letter == "" {
		return destination{}, town.Errorf(town.Invalid, "No numbers are given out for this office here.", "Per questo ufficio qui non si prendono numeri.").At("input", "officeCode")
	}
	return to, nil
}

// checkService gives the facts of a service, none for "".
func (d *Desk) checkService(service, practice string) (Service, error) {
	if service == "" {
		if practice != "" {
			return Service{}, town.Errorf(town.Required, "A practice needs its service.", "La pratica richiede il suo servizio.").At("input", "serviceCode")
		}
		return Service{}, nil
	}
	facts, found := d.services.Service(service)
	if !found {
		return Service{}, town.Errorf(town.Invalid, "There is no such service.", "Il servizio non esiste.").At("input", "serviceCode")
	}
	if _, known := facts.Minutes[practice]; practice != "" && !known {
		return Service{}, town.Errorf(town.Invalid, "The service has no such practice.", "Il servizio non ha questa pratica.").At("input", "practiceCode")
	}
	return facts, nil
}

// office gives an office to which a person may be sent: level 1 to 4, of the town
// hall.
func (d *Desk) office(ctx context.Context, code string) (*ent.Office, error) {
	office, err := d.store.Reader().Office.Get(ctx, code)
	if err != nil && !ent.IsNotFound(err) {
		return nil, fmt.Errorf("read the office: %w", err)
	}
	if err != nil || office.External || office.Level > town.LevelHelpPoint {
		return nil, town.Errorf(town.Invalid, "Nobody can be sent to this office with a number.", "A questo ufficio non si accede con un numero.").At("input", "officeCode")
	}
	return office, nil
}

// letterOf is the letter that the site gives to a service, or else to an office;
// a service that the site does not list brings its own.
func letterOf(site *ent.Site, service, office, fallback string) string {
	target := office
	if service != "" {
		target = service
	}
	for _, letter := range slices.Sorted(maps.Keys(site.Series)) {
		if site.Series[letter] == target {
			return letter
		}
	}
	return fallback
}

func deref[T any](p *T) (value T) {
	if p != nil {
		value = *p
	}
	return value
}
