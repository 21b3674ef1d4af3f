package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/ent/visit"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/demo"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// matrixCell is a question with who asks it and what it is about.
type matrixCell struct {
	question
	login, person string // who asks; empty for the holder of a ticket
	ticket        string // of whoever holds one
	office        string // of the thing
	id            string // of the thing
	// taxCode, delegate and service are for acts on citizens.
	taxCode, delegate, service string
}

// matrixFacts collects what the cells need, and writes it at once.
type matrixFacts struct {
	town  *gtown
	spare string // a ticket of a visit that nobody asks about
	// counters, sites and ended are beside what a generated town has: the office of a
	// counter, the leg that waits at a site, and legs that are over.
	counters, sites map[string]string
	ended           []string
}

func newMatrixFacts(now time.Time, service string) *matrixFacts {
	return &matrixFacts{
		town:     &gtown{now: now, service: service, rng: rand.New(rand.NewPCG(1, 1))},
		counters: map[string]string{}, sites: map[string]string{},
	}
}

// hall is a visit with one stop in the office, of nobody in particular.
func (f *matrixFacts) hall(office string, state town.LegState) *gvisit {
	v := &gvisit{
		id: f.town.id(town.PrefixVisit), at: f.town.moment(),
		code: fmt.Sprintf("mcode%021d", len(f.town.visits)),
	}
	v.legs = []*gleg{{
		id: f.town.id(town.PrefixLeg), visit: v.id, office: office, state: state,
		intervals: []gmoment{f.town.gmoment(town.PrefixInterval)},
	}}
	f.town.visits = append(f.town.visits, v)
	return v
}

// mine makes the visit that of whoever asks: the citizen's, the ticket's, or one whose
// number they issued.
func (c *matrixCell) mine(v *gvisit) {
	switch c.role {
	case town.RoleTicket:
		c.ticket = v.code
	case town.RoleCitizen:
		v.person = c.person
	default:
		v.issuer = c.person
	}
}

func (f *matrixFacts) visit(c *matrixCell) {
	v := f.hall(c.office, town.LegWaiting)
	if c.relation == access.Party {
		c.mine(v)
	}
	c.id = v.id
}

func (f *matrixFacts) stop(c *matrixCell) {
	f.visit(c)
	c.id = f.town.visits[len(f.town.visits)-1].legs[0].id
}

// pastStop is a stop of one's own that is over, in whatever office: rating, and going up
// the ladder, are about nothing else.
func (f *matrixFacts) pastStop(c *matrixCell) {
	v := f.hall(c.office, town.LegCompleted)
	c.mine(v)
	if c.act == access.FeedbackGive && c.role != town.RoleTicket {
		v.person = c.person // or staff would be refused for not being concerned
	}
	c.id = v.legs[0].id
	f.ended = append(f.ended, c.id)
}

func (f *matrixFacts) counter(c *matrixCell) {
	c.id = f.town.id(town.PrefixCounter)
	f.counters[c.id] = c.office
}

// site is a place with one waiting person, so that closing its day closes nothing else.
func (f *matrixFacts) site(c *matrixCell) {
	c.id = f.town.id(town.PrefixSite)
	f.sites[c.id] = f.hall(c.office, town.LegWaiting).legs[0].id
}

func (f *matrixFacts) file(c *matrixCell) { f.addFile(c) }

func (f *matrixFacts) addFile(c *matrixCell) *gcase {
	file := &gcase{
		id: f.town.id(town.PrefixCase), protocol: fmt.Sprintf("2025/%06d", len(f.town.cases)+1), office: c.office,
		phase: town.PhaseInProgress,
	}
	if c.relation == access.Party {
		switch c.role {
		case town.RoleCitizen:
			file.applicant = c.person
		case town.RoleTicket:
			v := f.hall(c.office, town.LegCompleted)
			c.mine(v)
			file.visit = v.id
		}
		file.filer = c.person
	}
	f.town.cases = append(f.town.cases, file)
	c.id = file.id
	return file
}

func (f *matrixFacts) secretFile(c *matrixCell) { f.addFile(c).confidential = true }

// complainedFile is a case on which the Help Point, or the holder of a remedy of law who
// asks, holds a step: whose data they need.
func (f *matrixFacts) complainedFile(c *matrixCell) {
	s := &gstep{owner: town.OfficeHelpPoint, step: town.StepHelpPoint}
	switch c.role {
	case town.RoleSubstitute:
		s.owner, s.step = town.OfficeSecretary, town.StepSubstitute
	case town.RoleRPCT:
		s.owner, s.step = town.OfficeRPCT, town.StepAccessReview
	}
	file := f.addFile(c)
	s.file, s.origin = file.id, file.office
	f.addStep(s)
}

// complained is what one goes up the ladder about: a stop of one's own, or, for whoever
// holds the substitute power, anybody's case.
func (f *matrixFacts) complained(c *matrixCell) {
	if c.role == town.RoleSubstitute {
		f.addFile(c)
		return
	}
	f.pastStop(c)
}

func (f *matrixFacts) addStep(s *gstep) *gstep {
	s.id, s.state = f.town.id(town.PrefixEscalation), town.EscalationOpen
	s.ladder = s.id
	f.town.steps = append(f.town.steps, s)
	return s
}

// step is one that the office holds, about a third office's answer.
func (f *matrixFacts) step(c *matrixCell, rung town.EscalationStep) {
	v := f.hall(matrixThird, town.LegCompleted)
	s := f.addStep(&gstep{visit: v.id, origin: matrixThird, owner: c.office, step: rung})
	if c.relation == access.Party {
		switch c.role {
		case town.RoleTicket:
			c.ticket = v.code
		case town.RoleCitizen:
			s.behalf = c.person
		}
		s.opener = c.person
	}
	c.id = s.id
}

// stepAbout is one about the office's answer, which a third office holds.
func (f *matrixFacts) stepAbout(c *matrixCell) {
	v := f.hall(matrixThird, town.LegCompleted)
	c.id = f.addStep(&gstep{visit: v.id, origin: c.office, owner: matrixThird, step: town.StepSectorHead}).id
}

// reportAsked is a report that the Help Point asks of the office, about a third office's
// answer.
func (f *matrixFacts) reportAsked(c *matrixCell) {
	v := f.hall(matrixThird, town.LegCompleted)
	s := f.addStep(&gstep{visit: v.id, origin: matrixThird, owner: town.OfficeHelpPoint, step: town.StepHelpPoint})
	n := &gnote{id: f.town.id(town.PrefixStepNote), step: s.id, office: c.office}
	f.town.notes = append(f.town.notes, n)
	c.id = n.id
}

// alert is one on a term of the office.
func (f *matrixFacts) alert(c *matrixCell) {
	a := &galert{id: f.town.id(town.PrefixAlert), office: c.office, level: town.LevelOffice}
	f.town.alerts = append(f.town.alerts, a)
	c.id = a.id
}

func (f *matrixFacts) word(c *matrixCell) {
	v := f.hall(c.office, town.LegCompleted)
	w := &gword{id: f.town.id(town.PrefixFeedback), office: c.office, visit: v.id, level: town.LevelCounter}
	if c.relation == access.Party {
		w.author = c.person
		if c.role == town.RoleTicket {
			c.ticket = v.code
		}
	}
	f.town.words = append(f.town.words, w)
	c.id = w.id
}

// citizen is somebody of whom nothing is kept.
func (f *matrixFacts) citizen(c *matrixCell) {
	p := f.town.addPerson(fmt.Sprintf("matrix.citizen%d", len(f.town.people)), town.PersonCitizen)
	c.id, c.taxCode = p.id, p.taxCode
}

// colleague is somebody without a role.
func (f *matrixFacts) colleague(c *matrixCell) {
	c.id = f.town.addPerson(fmt.Sprintf("matrix.colleague%d", len(f.town.people)), town.PersonStaff).id
}

// write writes all of it into the house.
func (f *matrixFacts) write(t testing.TB, h *matrixHall) {
	t.Helper()
	furnishTown(t, h.app, f.town, h.practice, h.hash)
	err := h.app.store.InTx(access.System(context.Background(), "test.matrix"), "furnish the truth table", func(ctx context.Context, tx *store.Tx) error {
		if err := tx.Leg.Update().Where(leg.IDIn(f.ended...)).SetEndedAt(tx.Now).Exec(ctx); err != nil {
			return err
		}
		for id, office := range f.counters {
			if err := tx.Counter.Create().SetID(id).SetSiteID(demo.SiteID).SetOfficeID(office).SetLabel("C").Exec(ctx); err != nil {
				return err
			}
		}
		for id, legID := range f.sites {
			if err := tx.Site.Create().SetID(id).SetName("piazza").SetOpenHours(demo.AlwaysOpen()).SetSeries(map[string]string{}).Exec(ctx); err != nil {
				return err
			}
			stop, err := tx.Leg.UpdateOneID(legID).SetSiteID(id).Save(ctx)
			if err != nil {
				return err
			}
			if err := tx.Visit.Update().Where(visit.ID(stop.VisitID)).SetSiteID(id).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	must(t, err)
}
