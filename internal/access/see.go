package access

import (
	"context"
	"slices"
	"strings"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// MaySee reports whether the viewer in the context may be told of the fact, with the
// rights of this moment where [Authority.Renew] keeps them up to date.
func MaySee(ctx context.Context, e town.Event) bool { return Asker(ctx).MaySee(e) }

// MaySee reports whether the viewer may be told of the fact: the same rule as the
// one that filters queries, on what the event carries as of its commit (office,
// confidentiality, parties, holder's office, the office it has just left). What it
// lets through can be read; it says no to the following, which an event does not carry, and which
// a stream about one thing learns by reading that thing again:
//
//   - another office of the same visit, and who issued its number;
//   - an office that handed a case over earlier on;
//   - the Help Point or a sector head on a visit or case of which they hold a step
//     (they are told of the step);
//   - a party whom the event does not name: who filed or raised something for somebody,
//     a citizen of whose visit somebody spoke without a name.
func (v *Viewer) MaySee(e town.Event) bool {
	if v == nil || v.Scope == nil {
		return false
	}
	if v.Scope.all {
		return true
	}
	if v.SiteID != "" && e.SiteID != "" && v.SiteID != e.SiteID {
		return false // a device is told of its own site
	}
	kind, _, _ := strings.Cut(string(e.Type), ".")
	switch kind {
	case "visit", "ticket", "leg", "eta":
		return v.here(e, VisitRead) || v.party(e, VisitRead)
	case "counter":
		return v.Scope.Offices(QueueRead).Has(e.OfficeID)
	case "case", "clock":
		return v.seesCase(e)
	case "intake":
		return v.Scope.Offices(CaseRead).Has(e.OfficeID) && v.clearedFor(e) || v.party(e, CaseRead)
	case "feedback":
		return v.Scope.Offices(FeedbackRead).Has(e.OfficeID) && v.clearedFor(e) || v.party(e, FeedbackRead)
	case "escalation":
		return v.seesStep(e)
	case "alert":
		return v.seesAlert(e)
	case "plugin":
		return v.Can(PluginRead, "")
	case "role", "person", "session", "credential", "mandate":
		return v.seesRights(e)
	default:
		return false
	}
}

func (v *Viewer) seesCase(e town.Event) bool {
	if v.me(CaseRead) != "" && v.concerned(e) {
		return true
	}
	return (v.here(e, CaseRead) || v.Scope.OpensCase(e.CaseID)) && v.clearedFor(e)
}

// here reports whether the act is allowed in the event's office, or in the one that
// it moved something from.
func (v *Viewer) here(e town.Event, act Act) bool {
	set := v.Scope.Offices(act)
	former := e.Data[town.DataFormerOffice]
	return set.Has(e.OfficeID) || former != "" && set.Has(former)
}

func (v *Viewer) seesStep(e town.Event) bool {
	owner := e.Data[town.DataOwnerOffice]
	if v.answers().Has(owner) || v.CanFor(EscalationPolitical, owner, e.ServiceID) || v.party(e, EscalationRead) {
		return true
	}
	seen := v.CanFor(EscalationRead, owner, e.ServiceID) || v.Scope.Offices(EscalationReadOrigin).Has(e.OfficeID)
	return seen && v.clearedFor(e)
}

// seesRights: that somebody's rights changed is known by whoever gives roles there, by
// auditors, and by the people concerned.
func (v *Viewer) seesRights(e town.Event) bool {
	grants := v.Scope.Offices(RoleGrant)
	if e.OfficeID == "" && !grants.Empty() || e.OfficeID != "" && grants.Has(e.OfficeID) {
		return true
	}
	return v.Can(AuditRead, "") || v.selfID() != "" && slices.Contains(e.Parties, v.ID)
}

func (v *Viewer) clearedFor(e town.Event) bool {
	return !e.Confidential || v.Scope.Offices(CaseConfidential).Has(e.OfficeID)
}

// party reports whether the event names the viewer, or concerns the visit of their
// ticket.
func (v *Viewer) party(e town.Event, act Act) bool {
	if t := v.ticket(act); t != "" && t == e.VisitID {
		return true
	}
	return v.me(act) != "" && v.concerned(e)
}
