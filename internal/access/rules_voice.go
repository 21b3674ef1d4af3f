package access

import (
	"entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/ent/contactchoice"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/ent/feedback"
	"github.com/spazio-in-comune/sportello/ent/stepnote"
	"github.com/spazio-in-comune/sportello/ent/visit"
)

// feedbackRule: a word is seen by those who watch over the office concerned and by
// whoever the contact was with, unnamed words included. On a confidential case the
// former need the grant besides, as for the case.
func feedbackRule(v *Viewer, t columns) branch {
	return either(
		both(in(t.C(feedback.FieldOfficeID), v.Scope.Offices(FeedbackRead)), ofNoSecret(v, t.C(feedback.FieldCaseID))),
		v.own(t, feedback.FieldAuthorID, FeedbackRead),
		is(t.C(feedback.FieldVisitID), v.ticket(FeedbackRead)),
		both(v.covered(t), either(
			ofMyVisit(v, t.C(feedback.FieldVisitID), FeedbackRead),
			ofMyCase(v, t.C(feedback.FieldCaseID), FeedbackRead),
		)),
	)
}

// escalationRule: a step is seen by the office that holds it, by the office whose
// answer did not satisfy, and by the citizen. Whoever is to answer sees it though it
// is confidential; other readers need the grant.
func escalationRule(v *Viewer, t columns) branch {
	owner, origin := t.C(escalation.FieldOwnerOffice), t.C(escalation.FieldOfficeID)
	return either(
		in(owner, v.answers()),
		v.answersFor(t, EscalationPolitical),
		both(either(
			v.answersFor(t, EscalationRead),
			in(origin, v.Scope.Offices(EscalationReadOrigin)),
		), notSecret(v, t)),
		v.did(t, escalation.FieldOpenedBy, EscalationRead),
		v.own(t, escalation.FieldOnBehalfOf, EscalationRead),
		is(t.C(escalation.FieldVisitID), v.ticket(EscalationRead)),
		both(v.covered(t), either(
			ofMyVisit(v, t.C(escalation.FieldVisitID), EscalationRead),
			ofMyCase(v, t.C(escalation.FieldCaseID), EscalationRead),
		)),
	)
}

// ofStep is for what hangs on a step and is seen with it.
func ofStep(v *Viewer, t columns) branch {
	return exists(escalation.Table, "step", escalation.FieldID, t.C("escalation_id"), func(step columns) branch {
		return escalationRule(v, step)
	})
}

// noteRule: what an office is asked to report, and the guidance that it is given, is seen
// with the step and by the office concerned, which needs the grant where it is
// confidential. Who reads the words is for the room to say.
func noteRule(v *Viewer, t columns) branch {
	return either(both(in(t.C(stepnote.FieldOfficeID), v.Scope.Offices(EscalationReport)), notSecret(v, t)), ofStep(v, t))
}

// choiceRule: how somebody wishes to be told is theirs.
func choiceRule(v *Viewer, t columns) branch { return is(t.C(contactchoice.FieldID), v.selfID()) }

// answersFor holds for steps whose office and service are among those in which the viewer
// may do the act: an Assessore has the services that were delegated.
func (v *Viewer) answersFor(t columns, act Act) branch {
	return v.heldFor(t.C(escalation.FieldOwnerOffice), t.C(escalation.FieldServiceID), act)
}

// heldFor holds where the column has an office in which the viewer may do the act, in all
// services or in those of the other column.
func (v *Viewer) heldFor(owner, service string, act Act) branch {
	b := in(owner, v.Scope.Offices(act))
	if v.Scope != nil {
		for _, d := range v.Scope.delegated[act] {
			b = either(b, both(in(owner, d.offices), in(service, OfficeSet{Offices: d.services})))
		}
	}
	return b
}

// ofNoSecret holds for what is about no case, or about one that is not confidential to
// the viewer.
func ofNoSecret(v *Viewer, column string) branch {
	return either(
		when(sql.EQ(column, "")),
		exists(casefile.Table, "about", casefile.FieldID, column, func(about columns) branch { return notSecret(v, about) }),
	)
}

// ofMyVisit holds for what is about a visit of the viewer, or of whom they act for.
func ofMyVisit(v *Viewer, column string, act Act) branch {
	return among(column, visit.Table, "mine", visit.FieldID, func(mine columns) branch {
		return is(mine.C(visit.FieldPersonID), v.partyID(act))
	})
}

// ofMyCase holds for what is about a case of which the viewer, or whom they act for, is
// the applicant.
func ofMyCase(v *Viewer, column string, act Act) branch {
	return among(column, casefile.Table, "mine", casefile.FieldID, func(mine columns) branch {
		return is(mine.C(casefile.FieldApplicantID), v.partyID(act))
	})
}
