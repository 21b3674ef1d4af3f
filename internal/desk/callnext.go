package desk

import (
	"context"
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/countersession"
	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/ent/predicate"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/desk/rules"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// CallNext calls the next person to the session's counter in one action; nil when
// nobody waits. However many counters ask at once, a leg goes to one of them.
func (d *Desk) CallNext(ctx context.Context, in CallNextInput) (*ent.Leg, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	var called *ent.Leg
	once := store.Once{Actor: v.ID, Mutation: "callNext", Key: in.IdempotencyKey, Input: in}
	id, replayed, err := d.store.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		called = nil
		at, err := station(ctx, tx, in.SessionID)
		if err != nil {
			return "", err
		}
		if called, err = d.callNext(at); err != nil || called == nil {
			return "", err
		}
		return called.ID, nil
	})
	if err != nil || replayed {
		return d.movedBefore(access.System(ctx, "desk.repeat-call"), id, err)
	}
	return called, nil
}

// deskSession is a counter session that is about to call, with its counter.
type deskSession struct {
	ctx     context.Context
	tx      *store.Tx
	actor   string
	session *ent.CounterSession
	counter *ent.Counter
	busy    bool
}

// station reads a session at which the viewer may call, and holds it until the
// commit, so that nobody closes it under the call.
func station(ctx context.Context, tx *store.Tx, sessionID string) (*deskSession, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	s, err := tx.CounterSession.Get(ctx, sessionID)
	if err != nil {
		return nil, fmt.Errorf("read the session: %w", err)
	}
	if err := v.Require(access.LegHandle, s.OfficeID); err != nil {
		return nil, err
	}
	if !mayUse(v, s.OperatorID, s.OfficeID) {
		return nil, errNotYours()
	}
	house := access.System(ctx, "desk.call")
	c, err := tx.Counter.Get(house, s.CounterID)
	if err != nil {
		return nil, fmt.Errorf("read the counter: %w", err)
	}
	if err := hold(house, tx, s); err != nil {
		return nil, err
	}
	busy, err := tx.Leg.Query().Where(leg.BusyKey(s.ID)).Exist(house)
	if err != nil {
		return nil, fmt.Errorf("see whether the counter is busy: %w", err)
	}
	return &deskSession{ctx: house, tx: tx, actor: v.ID, session: s, counter: c, busy: busy}, nil
}

// hold takes the row of the session by writing it as it is.
func hold(ctx context.Context, tx *store.Tx, s *ent.CounterSession) error {
	held, err := tx.CounterSession.Update().Where(countersession.ID(s.ID), countersession.StateEQ(s.State)).SetState(s.State).Save(ctx)
	if err != nil {
		return fmt.Errorf("hold the session: %w", err)
	}
	if held == 0 {
		return town.Errorf(town.Conflict, "The counter was just changed. Read it again and repeat.", "Lo sportello è stato appena modificato. Rileggere e ripetere.").At("input", "sessionId")
	}
	return nil
}

// facts for calling a leg of that service here.
func (s *deskSession) facts(service string) rules.Facts {
	return rules.Facts{
		SessionOpen: s.session.State == town.SessionOpen,
		SessionFree: !s.busy,
		SkillFits:   service == "" || len(s.counter.Skills) == 0 || slices.Contains(s.counter.Skills, service),
	}
}

// callNext tries the candidates in their order. One that another counter takes at
// this moment is left out, as if the two had come one after the other.
func (d *Desk) callNext(s *deskSession) (*ent.Leg, error) {
	if err := s.mayCall(); err != nil {
		return nil, err
	}
	policy := d.policy(s.tx.Now)
	for {
		choice, waiting, err := s.choose(policy)
		if err != nil || len(choice.Order) == 0 {
			return nil, err
		}
		for ; len(choice.Order) > 0; choice, waiting = policy.Without(choice), waiting-1 {
			called, err := s.call(choice.Order[0].LegID)
			if isConflict(err) {
				continue
			}
			if err != nil {
				return nil, err
			}
			return called, s.record(called, choice.Rule, waiting, policy.Candidates(choice))
		}
	}
}

// mayCall asks the guards of a call before anybody is chosen.
func (s *deskSession) mayCall() error {
	t, _ := rules.Find(town.LegWaiting, rules.Call)
	return t.Check(s.facts(""))
}

// choose reads the first of those who could be called here. The first by class
// and the first by seniority together hold the first of the order, whatever the
// age cap, so that a long line is not read whole.
func (s *deskSession) choose(policy rules.Policy) (rules.Choice, int, error) {
	callable := s.callable()
	waiting, err := s.tx.Leg.Query().Where(callable).Count(s.ctx)
	if err != nil {
		return rules.Choice{}, 0, fmt.Errorf("count who waits: %w", err)
	}
	if waiting == 0 {
		return rules.Choice{}, 0, nil
	}
	byClass, err := onlyWaiter(s.tx.Leg.Query().Where(callable).
		Order(ent.Asc(leg.FieldPriority, leg.FieldSeniorAt, leg.FieldLabel, leg.FieldID)).Limit(rules.MaxCandidates)).All(s.ctx)
	if err != nil {
		return rules.Choice{}, 0, fmt.Errorf("read who waits, by class: %w", err)
	}
	bySeniority, err := onlyWaiter(s.tx.Leg.Query().Where(callable).
		Order(ent.Asc(leg.FieldSeniorAt, leg.FieldLabel, leg.FieldID)).Limit(rules.MaxCandidates)).All(s.ctx)
	if err != nil {
		return rules.Choice{}, 0, fmt.Errorf("read who waits, by seniority: %w", err)
	}
	return policy.Choose(union(waiters(byClass), waiters(bySeniority))), waiting, nil
}

func (s *deskSession) callable() predicate.Leg {
	here := waitingAt(s.session.SiteID, s.session.OfficeID)
	if len(s.counter.Skills) == 0 {
		return here
	}
	return leg.And(here, leg.Or(leg.ServiceID(""), leg.ServiceIDIn(s.counter.Skills...)))
}

func union(a, b []rules.Waiter) []rules.Waiter {
	all := slices.Clone(a)
	for _, w := range b {
		if !slices.ContainsFunc(a, func(known rules.Waiter) bool { return known.LegID == w.LegID }) {
			all = append(all, w)
		}
	}
	return all
}

// call brings one waiting leg to this counter; a conflict if another one has it.
func (s *deskSession) call(legID string) (*ent.Leg, error) {
	l, err := s.tx.Leg.Get(s.ctx, legID)
	if err != nil {
		return nil, fmt.Errorf("read the leg to call: %w", err)
	}
	if _, can := rules.Find(l.State, rules.Call); !can {
		return nil, errStale()
	}
	of, err := s.tx.Visit.Get(s.ctx, l.VisitID)
	if err != nil {
		return nil, fmt.Errorf("read the visit to call: %w", err)
	}
	m := &moving{ctx: s.ctx, tx: s.tx, actor: s.actor, visit: of, leg: l}
	return m.move(step{
		action: rules.Call, facts: s.facts(l.ServiceID), session: s.session,
		data: map[string]string{"counter": s.counter.Label},
	})
}

// record keeps why the leg was called.
func (s *deskSession) record(l *ent.Leg, rule string, waiting int, candidates []town.Candidate) error {
	err := s.tx.Call.Create().SetID(town.NewID(town.PrefixCall, s.tx.Now)).
		SetLegID(l.ID).SetSessionID(s.session.ID).SetCounterID(s.counter.ID).SetOperatorID(s.session.OperatorID).
		SetAt(deref(l.CalledAt)).SetRule(rule).SetCandidates(candidates).SetWaiting(waiting).Exec(s.ctx)
	if err != nil {
		return fmt.Errorf("keep why leg %s was called: %w", l.ID, err)
	}
	return nil
}

// ResumeLeg calls a parked person back to a counter of the same office.
func (d *Desk) ResumeLeg(ctx context.Context, in ResumeLegInput) (*ent.Leg, error) {
	var resumed *ent.Leg
	err := d.store.InTx(ctx, "resume a leg", func(ctx context.Context, tx *store.Tx) error {
		m, _, err := grasp(ctx, tx, in.LegID, in.ExpectedVersion)
		if err != nil {
			return err
		}
		s, err := station(ctx, tx, in.SessionID)
		if err != nil {
			return err
		}
		if s.session.OfficeID != m.leg.OfficeID || s.session.SiteID != m.leg.SiteID {
			return town.Errorf(town.PreconditionFailed, "This counter belongs to another office.", "Questo sportello è di un altro ufficio.").At("input", "sessionId")
		}
		if resumed, err = m.move(step{
			action: rules.Resume, facts: s.facts(m.leg.ServiceID), session: s.session,
			data: map[string]string{"counter": s.counter.Label},
		}); err != nil {
			return err
		}
		return s.record(resumed, rules.RuleChosen, 0, []town.Candidate{chosen(resumed, d.policy(tx.Now))})
	})
	if err != nil {
		return nil, err
	}
	return resumed, nil
}

func chosen(l *ent.Leg, policy rules.Policy) town.Candidate {
	return policy.Candidates(rules.Choice{Order: []rules.Waiter{waiter(l)}})[0]
}
