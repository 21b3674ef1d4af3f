package voice

import (
	"context"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/internal/voice/ladder"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// Config is what the voice needs. Terms and Contacts may be left out.
type Config struct {
	Store *store.Store
	// Vault seals what people wrote.
	Vault *vault.Vault
	// Calendar has the town's holidays.
	Calendar calc.Calendar
	// Terms are the figures of the ladder; nil stands for [ladder.StandardTerms].
	Terms ladder.Terms
	// Contacts tell what a leg or a case was; nil reads them where they are kept.
	Contacts Contacts
	// Rights know what a viewer has opened.
	Rights Rights
	// Cases lets the holder of the substitute power conclude a case.
	Cases Cases
	// Mail takes letters to citizens out of the house; nil sends none, and they wait.
	Mail Mailer
}

// Substitution gives the substitute power over one case to its holder.
type Substitution struct {
	CaseID string
	// HolderID is the person who holds the power.
	HolderID string
	// AskedOn is the day from which the holder's term counts.
	AskedOn town.Date
}

// Cases are what the voice asks of cases.
type Cases interface {
	// Substitute puts the holder of the substitute power in the place of the head who
	// would decide, in the caller's transaction. Errors are those of town.
	Substitute(ctx context.Context, tx *store.Tx, s Substitution) error
}

// Rights are who may see what, as far as the voice changes it.
type Rights interface {
	// Reload takes up what was stored.
	Reload(ctx context.Context) error
	// Renew gives the viewer in the context the rights of this moment.
	Renew(ctx context.Context) error
}

// Voice is the room. Its methods may be called at the same time.
type Voice struct {
	store    *store.Store
	vault    *vault.Vault
	calendar calc.Calendar
	terms    ladder.Terms
	contacts Contacts
	rights   Rights
	cases    Cases
	mail     Mailer
}

// New makes the room.
func New(cfg Config) *Voice {
	v := &Voice{store: cfg.Store, calendar: cfg.Calendar, terms: cfg.Terms, contacts: cfg.Contacts, vault: cfg.Vault, rights: cfg.Rights, cases: cfg.Cases, mail: cfg.Mail}
	if v.terms == nil {
		v.terms = ladder.StandardTerms()
	}
	if v.contacts == nil {
		v.contacts = keptContacts{}
	}
	return v
}

// factsOf is how the viewer stands towards a step.
func factsOf(v *access.Viewer, e *ent.Escalation) ladder.Facts {
	f := ladder.Facts{Step: e.Step, State: e.State, Unrateable: e.AnsweredAt == nil || e.Rating != 0}
	if isCitizen(v, e) {
		f.Is = append(f.Is, ladder.Citizen)
	}
	if v.Kind != access.KindSystem && v.CanFor(holding(e.Step), e.OwnerOffice, e.ServiceID) {
		f.Is = append(f.Is, ladder.Holder)
	}
	if v.Kind == access.KindSystem {
		f.Is = append(f.Is, ladder.House)
	}
	return f
}

// isCitizen reports whether the step is the viewer's own: the person whom it is for, who
// acts for them, or the holder of the ticket of its visit.
func isCitizen(v *access.Viewer, e *ent.Escalation) bool {
	return v.StandsFor(e.OnBehalfOf, e.ServiceID) || holdsTicket(v, e.VisitID)
}

func holdsTicket(v *access.Viewer, visitID string) bool {
	return v.Kind == access.KindTicket && visitID != "" && v.VisitID == visitID
}

// concerns reports whether a contact was the viewer's own, or that of whom they act for.
func concerns(v *access.Viewer, c Contact) bool {
	return holdsTicket(v, c.VisitID) || slices.ContainsFunc(c.Parties, func(id string) bool { return v.StandsFor(id, c.ServiceID) })
}

// holding is the act of whoever may hold the step.
func holding(s town.EscalationStep) access.Act {
	switch s {
	case town.StepSectorHead:
		return access.EscalationReview
	case town.StepMayor:
		return access.EscalationPolitical
	case town.StepSubstitute:
		return access.EscalationSubstitute
	case town.StepAccessReview:
		return access.EscalationAccess
	default:
		return access.EscalationHelp
	}
}
