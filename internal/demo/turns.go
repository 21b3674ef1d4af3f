package demo

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/counter"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice"
)

// justNow is the minute from which somebody who was called has not come yet.
const justNow = 118

// planHall plans the hall up to the present.
func (s *stage) planHall(house context.Context) error {
	counters, err := s.Store.Reader().Counter.Query().Where(counter.SiteID(SiteID)).Order(ent.Asc(counter.FieldPosition)).All(house)
	if err != nil {
		return fmt.Errorf("read the counters: %w", err)
	}
	free := map[string][]string{} // ids by office; of the five desks the last is kept for the rush
	for _, c := range counters {
		free[c.OfficeID] = append(free[c.OfficeID], c.ID)
	}
	all := arrivals()
	for n, a := range all {
		s.plan(s.minute(minuteOf(n, len(all))), "a number for "+a.service, func(ctx context.Context) error { return s.arrive(ctx, a) })
	}
	sessions := map[string]string{} // by who sits there
	for _, shift := range shifts() {
		office, isOfficer := strings.CutPrefix(shift.who, "officer.")
		if !isOfficer {
			office = counterOffice
		}
		if len(free[office]) == 0 {
			return fmt.Errorf("no counter is left for %s", shift.who)
		}
		s.planCounter(shift.who, free[office][0], sessions)
		free[office] = free[office][1:]
		for n, t := range shift.turns {
			call := shift.first + float64(n)*shift.every
			s.planTurn(&played{stage: s, turn: t, who: shift.who, call: call, end: call + shift.every - 1, sessions: sessions})
		}
	}
	return nil
}

func (s *stage) planCounter(who, counterID string, sessions map[string]string) {
	s.plan(s.minute(0), who+" opens a counter", func(ctx context.Context) error {
		ctx, err := s.as(ctx, who)
		if err != nil {
			return err
		}
		session, err := s.Desk.OpenCounter(ctx, desk.OpenCounterInput{IdempotencyKey: s.key(), CounterID: counterID})
		if err != nil {
			return err
		}
		sessions[who] = session.ID
		return nil
	})
}

// arrive gives out a number; the information point does where it knows more than
// the kiosk.
func (s *stage) arrive(ctx context.Context, a arrival) error {
	from, priority := "kiosk", cmp.Or(a.priority, town.P3)
	if priority == town.P0 || priority == town.P2 {
		from = "info"
	}
	ctx, err := s.as(ctx, from)
	if err != nil {
		return err
	}
	_, err = s.Desk.IssueTicket(ctx, desk.IssueTicketInput{
		IdempotencyKey: s.key(), SiteID: SiteID, ServiceCode: &a.service, Priority: &priority,
	})
	return err
}

// played is a turn as it goes on.
type played struct {
	*stage
	turn
	who       string
	call, end float64 // minutes
	sessions  map[string]string
	leg       *ent.Leg // nil before the call, and where nobody waited
}

// planTurn plans the call, the person's coming, the paperwork, the end and the
// citizen's word, as far as they are past.
func (s *stage) planTurn(p *played) {
	s.plan(s.minute(p.call), p.who+" calls", p.atCounter(p.callNext))
	if p.call >= justNow {
		return
	}
	if p.then != nobodyCame {
		s.plan(s.minute(p.call+1), p.who+" begins", p.atCounter(p.start))
	}
	if p.end >= hallHours.Minutes() {
		return
	}
	if p.file != nothing {
		s.plan(s.minute(p.call+4), p.who+" files", p.atCounter(p.paperwork))
	}
	s.plan(s.minute(p.end), p.who+" ends", p.atCounter(p.finish))
	if p.score > 0 {
		s.plan(s.minute(p.end+.5), "a word about "+p.who, p.rate)
	}
}

// atCounter does something as who sits at the counter.
func (p *played) atCounter(do func(ctx context.Context) error) func(ctx context.Context) error {
	return func(ctx context.Context) error {
		ctx, err := p.as(ctx, p.who)
		if err != nil {
			return err
		}
		return do(ctx)
	}
}

func (p *played) callNext(ctx context.Context) (err error) {
	session, open := p.sessions[p.who]
	if !open {
		return errLeftOut
	}
	p.leg, err = p.Desk.CallNext(ctx, desk.CallNextInput{IdempotencyKey: p.key(), SessionID: session})
	return err
}

func (p *played) start(ctx context.Context) error {
	return p.move(func(seen desk.LegInput) (*ent.Leg, error) { return p.Desk.StartLeg(ctx, seen) })
}

// move does something with the leg as it was seen last.
func (p *played) move(do func(seen desk.LegInput) (*ent.Leg, error)) error {
	if p.leg == nil {
		return errLeftOut
	}
	moved, err := do(desk.LegInput{LegID: p.leg.ID, ExpectedVersion: p.leg.Version})
	if err == nil {
		p.leg = moved
	}
	return err
}

func (p *played) finish(ctx context.Context) error {
	return p.move(func(seen desk.LegInput) (*ent.Leg, error) {
		switch p.then {
		case goesToTaxes:
			return p.Desk.TransferLeg(ctx, desk.TransferLegInput{
				IdempotencyKey: p.key(), LegID: seen.LegID, ExpectedVersion: seen.ExpectedVersion, OfficeCode: taxOffice,
			})
		case parked:
			return p.Desk.ParkLeg(ctx, desk.LegNoteInput{
				LegID: seen.LegID, ExpectedVersion: seen.ExpectedVersion, Note: "Torna con la fototessera · Comes back with a photograph",
			})
		case nobodyCame:
			gone, err := p.Desk.NoShowLeg(ctx, seen)
			if refused(err) { // the day is too young to have waited long enough
				return p.Desk.ReturnLeg(ctx, seen)
			}
			return gone, err
		case papersMissing:
			return p.Desk.CompleteLeg(ctx, desk.CompleteLegInput{LegID: seen.LegID, ExpectedVersion: seen.ExpectedVersion, Outcome: town.OutcomeIncompleteDocs})
		default:
			return p.Desk.CompleteLeg(ctx, desk.CompleteLegInput{LegID: seen.LegID, ExpectedVersion: seen.ExpectedVersion, Outcome: town.OutcomeServed})
		}
	})
}

// rate is the word of whoever holds the ticket. The one who came without the right
// papers asks for the Help Point.
func (p *played) rate(ctx context.Context) error {
	if p.leg == nil {
		return errLeftOut
	}
	ctx = access.With(ctx, p.Authority.Ticket(p.leg.VisitID))
	in := voice.GiveFeedbackInput{IdempotencyKey: p.key(), LegID: &p.leg.ID, Score: p.score}
	if p.cause != "" {
		in.Cause = &p.cause
	}
	given, err := p.Voice.GiveFeedback(ctx, in)
	if err != nil || p.then != papersMissing || given.Offer == nil {
		return err
	}
	_, err = p.Voice.RaiseEscalation(ctx, voice.RaiseEscalationInput{
		IdempotencyKey: p.key(), EscalationID: &given.Offer.ID,
		Text: "Nessuno mi aveva detto quali documenti portare. · Nobody had told me which papers to bring.",
	})
	return err
}
