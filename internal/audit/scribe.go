package audit

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/audit/chain"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/policies"
)

// Scribe writes entries from what a context tells of who asks.
type Scribe struct {
	policy *access.Policy
	// vault seals reasons; nil until there is one, because the vault stands on the store,
	// which has the scribe.
	vault atomic.Pointer[Vault]
}

// NewScribe reads the policy, from which entries name the rules.
func NewScribe() (*Scribe, error) {
	policy, err := access.NewPolicy(policies.Model, policies.Policy)
	if err != nil {
		return nil, err
	}
	return &Scribe{policy: policy}, nil
}

// SealWith gives the scribe the vault that seals reasons. Before that, a unit with a reason
// fails.
func (s *Scribe) SealWith(v Vault) { s.vault.Store(&v) }

// errNoVault says that a reason would be lost, or stand in clear.
var errNoVault = errors.New("a reason was given and there is no vault yet to seal it")

// Unit implements store.Audit: the entry of a unit that is about to be committed.
func (s *Scribe) Unit(ctx context.Context, unit store.Written) (*chain.Entry, error) {
	v := access.Behind(ctx)
	if v == nil || v.Kind == access.KindPublic {
		if len(unit.Events) == 0 {
			return nil, nil
		}
		if v == nil {
			v = access.Asker(ctx)
		}
	}
	noted := access.Traces(ctx)
	e := signed(v)
	e.Kind, e.Action = chain.Write, unit.What
	if noted.Action != "" {
		e.Action = noted.Action
	}
	for _, event := range unit.Events {
		about(&e, event)
		if e.ActorID == "" && event.Actor != "" { // whoever just came in, or is leaving
			e.ActorKind, e.ActorID, e.SignInID = string(access.KindPerson), event.Actor, event.Data[town.DataSignIn]
		}
	}
	e.Objects = append(e.Objects, chain.Object{ID: unit.Result})
	if town.PrefixOf(unit.Result) == town.PrefixPerson {
		e.Subjects = append(e.Subjects, unit.Result)
	}
	s.explain(&e, v, noted.Checks)
	if err := s.say(ctx, unit.Tx, &e, noted.Reason); err != nil {
		return nil, err
	}
	return &e, nil
}

// say adds why to the entry, sealed with the key of the one person concerned, else of the
// town; so too where that person is forgotten in this very unit.
func (s *Scribe) say(ctx context.Context, tx *store.Tx, e *chain.Entry, reason string) error {
	if reason == "" {
		return nil
	}
	v := s.vault.Load()
	if v == nil {
		return errNoVault
	}
	subject := ""
	if persons := chain.Subjects(*e); len(persons) == 1 {
		subject = persons[0]
	}
	e.ID = town.NewID(town.PrefixAudit, tx.Now)
	sealed, err := (*v).Seal(ctx, tx, subject, placeOf(e.ID), []byte(reason))
	if errors.Is(err, vault.ErrErased) {
		sealed, err = (*v).Seal(ctx, tx, "", placeOf(e.ID), []byte(reason))
	}
	if err != nil {
		return fmt.Errorf("seal the reason: %w", err)
	}
	e.Reason = sealed
	return nil
}

// placeOf is where the reason of an entry stands.
func placeOf(entryID string) vault.Place {
	return vault.Place{Table: "audit_entries", Column: "reason", Row: entryID}
}

// signed is an entry that says who asks, for whom and from where.
func signed(v *access.Viewer) chain.Entry {
	if v == nil {
		return chain.Entry{ActorKind: string(access.KindSystem)}
	}
	e := chain.Entry{ActorKind: string(v.Kind), ActorID: v.ID, OnBehalfOf: v.OnBehalfOf(), SignInID: v.SignInID, Address: v.Address}
	if v.ActsFor != nil {
		e.MandateID = v.ActsFor.ID
		e.Subjects = append(e.Subjects, e.OnBehalfOf)
	}
	return e
}

// about adds what a business fact is about.
func about(e *chain.Entry, event town.Event) {
	for _, id := range []string{
		event.VisitID, event.LegID, event.CaseID, event.IntakeID, event.FeedbackID, event.EscalationID, event.CounterID,
		event.Data[town.DataPlugin], event.Data[town.DataMandate], event.Data[town.DataSignIn], event.Data[town.DataAlert],
	} {
		e.Objects = append(e.Objects, chain.Object{ID: id})
	}
	e.Subjects = append(e.Subjects, event.Parties...)
	e.Events = append(e.Events, event.ID)
	e.Offices = append(e.Offices, event.OfficeID)
}

// The rules that are not in the policy's files.
const (
	// ruleHouse: the house does its own work.
	ruleHouse = "house"
	// ruleParty: it is one's own, or one's principal's.
	ruleParty = "party"
	// ruleOpening: level 5 has opened the personal data behind a step, with a reason.
	ruleOpening = "opening"
	// ruleTicket: it is the visit of the ticket that was shown.
	ruleTicket = "ticket"
)

// explain adds the rules under which it was allowed.
func (s *Scribe) explain(e *chain.Entry, v *access.Viewer, checks []access.Check) {
	e.Rules = s.policy.Ruling(v, checks)
	for _, c := range checks {
		e.Offices = append(e.Offices, c.Office)
	}
	switch {
	case len(e.Rules) > 0:
	case v == nil || v.Kind == access.KindSystem:
		e.Rules = []string{ruleHouse}
	case v.Kind == access.KindTicket:
		e.Rules = []string{ruleTicket}
	case e.Kind == chain.Read && len(v.Scope.Opened()) > 0:
		e.Rules = []string{ruleOpening}
	case slices.Contains(e.Subjects, v.ID) || e.OnBehalfOf != "":
		e.Rules = []string{ruleParty}
	}
}
