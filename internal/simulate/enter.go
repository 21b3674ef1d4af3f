package simulate

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/internal/simulate/fill"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// citizens can sign in.
func citizens() []string {
	return []string{"citizen", "citizen2", "citizen3", "citizen4", "citizen5", "citizen6"}
}

// The offices that the simulator names.
const (
	counterOffice = "sportello"
	infoPoint     = "info-point"
	operators     = 5
)

// enter reads the town hall as it is published, draws the week, opens the live
// connections and fills the agenda.
func (w *week) enter() error {
	if err := w.mustBeEmpty(); err != nil {
		return err
	}
	var err error
	if w.practices, err = w.catalogue(); err != nil {
		return err
	}
	if err := w.place(); err != nil {
		return err
	}
	w.plan = draw(w.profile, w.practices, w.open, w.scale, w.options.Seed, len(citizens()))
	w.furnishDesks()
	if err := w.connect(); err != nil {
		return err
	}
	w.enterDays()
	w.enterPeople()
	w.enterCuts()
	w.enterMidnights()
	return nil
}

// mustBeEmpty refuses a database on which something happened before: the series of
// numbers would not begin with one.
func (w *week) mustBeEmpty() error {
	var list caseList
	if err := w.field(w.person("auditor"), queryCases, variables{"first": 1}, &list); err != nil {
		return fmt.Errorf("see whether the database is empty: %w", err)
	}
	if len(list.Edges) > 0 {
		return errors.New("the database holds cases already: the simulator wants an empty one")
	}
	return nil
}

// catalogue reads the services and the forms of their practices.
func (w *week) catalogue() ([]Practice, error) {
	var services []struct {
		Code, Kind, State string
		Practices         []struct {
			Code           string
			TypicalMinutes float64
			Online         bool
		}
	}
	if err := w.field(actor{}, queryServices, nil, &services); err != nil {
		return nil, fmt.Errorf("read the services: %w", err)
	}
	var all []Practice
	for _, s := range services {
		for _, p := range s.Practices {
			handling, known := w.options.Handling[p.Code]
			if !known {
				return nil, fmt.Errorf("nothing says how often %s is asked for", p.Code)
			}
			all = append(all, Practice{
				Code: p.Code, Service: s.Code, Kind: s.Kind, Minutes: p.TypicalMinutes, Weekly: handling.WeeklyVolume, Online: p.Online,
			})
			if err := w.readForm(p.Code); err != nil {
				return nil, err
			}
		}
	}
	if len(all) == 0 {
		return nil, errors.New("no service is published")
	}
	slices.SortFunc(all, func(a, b Practice) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Code, b.Code))
	})
	return all, nil
}

// readForm takes the form of a practice as it is published.
func (w *week) readForm(practice string) error {
	var published struct {
		Form struct {
			Fields []struct {
				sdk.Field
				Choices []sdk.Choice
			}
		}
	}
	if err := w.field(actor{}, queryForm, variables{"code": practice}, &published); err != nil {
		return fmt.Errorf("read the form of %s: %w", practice, err)
	}
	fields := make([]sdk.Field, len(published.Form.Fields))
	for i, f := range published.Form.Fields {
		fields[i] = f.Field
		fields[i].Enum = f.Choices
	}
	form, err := fill.New(practice, fields)
	w.forms[practice] = form
	return err
}

// place reads the site and the offices.
func (w *week) place() error {
	var sites []site
	if err := w.field(actor{}, querySites, nil, &sites); err != nil {
		return fmt.Errorf("read the sites: %w", err)
	}
	if len(sites) != 1 {
		return fmt.Errorf("%d sites: the simulator plays at one", len(sites))
	}
	w.site = sites[0]
	var offices []office
	if err := w.field(actor{}, queryOffices, nil, &offices); err != nil {
		return fmt.Errorf("read the offices: %w", err)
	}
	for _, o := range offices {
		w.offices[o.Code] = o
	}
	var err error
	if w.open, err = openings(w.profile, w.site.OpenHours, w.options.Days); err != nil {
		return err
	}
	w.working, err = openings(w.profile, w.site.OpenHours, w.options.Days+w.profile.DaysAfter)
	return err
}

// enterDays has the desks opened and closed, and the days closed.
func (w *week) enterDays() {
	for _, s := range w.open {
		w.at(s.from.Add(-2*time.Minute), w.openDesks)
		w.at(s.to, w.closeIdle)
		if s.last {
			w.at(s.to.Add(lastCall), w.endDay)
		}
	}
	w.enterBreaks()
}

func (w *week) enterPeople() {
	for i := range w.plan.visits {
		v := &w.plan.visits[i]
		w.at(v.at, func() { w.arrive(v) })
	}
	for i := range w.plan.filings {
		f := &w.plan.filings[i]
		w.at(f.at, func() { w.file(f) })
	}
}

// enterMidnights has the house do at each midnight what fell due, before anybody acts.
func (w *week) enterMidnights() {
	for day := range w.options.Days + w.profile.DaysAfter {
		w.at(w.profile.FirstDay.AddDays(day+1).At(0, 0, town.Rome()), func() {
			if err := w.server.Settle(w.ctx); err != nil {
				w.fault("what falls due at midnight: %v", err)
			}
		})
	}
}

// enterCuts has every live connection cut off at moments of the week.
func (w *week) enterCuts() {
	for i, f := range w.streams.cuttable() {
		rng := rand.New(rand.NewPCG(w.options.Seed, uint64(1000+i)))
		for _, moment := range cuts(rng, w.open, w.profile.Cuts) {
			w.at(moment, f.cut)
		}
	}
}
