package access

import (
	"entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent/caseclock"
	"github.com/spazio-in-comune/sportello/ent/caseentry"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/ent/formeroffice"
	"github.com/spazio-in-comune/sportello/ent/intake"
)

// caseRule: a case is seen by the house (caseHouse), by its parties (caseParty), and by
// level 5 while it has it open (caseOpened).
func caseRule(v *Viewer, t columns) branch {
	return either(caseParty(v, t), caseHouse(v, t), caseOpened(v, t))
}

// caseOpened: level 5 sees the case behind a step whose personal data it has opened with a
// reason, until they close again. A confidential case needs the grant besides.
func caseOpened(v *Viewer, t columns) branch {
	return both(in(t.C(casefile.FieldID), OfficeSet{Offices: v.Scope.OpenCases()}), notSecret(v, t))
}

// caseParty: the applicant, who acts for them, and whoever filed it.
func caseParty(v *Viewer, t columns) branch {
	return either(
		v.own(t, casefile.FieldApplicantID, CaseRead),
		v.did(t, casefile.FieldSubmittedBy, CaseRead),
	)
}

// caseHouse: the case's office, offices that handed it over, and whoever answers a
// step of the ladder about it below level 5. Confidential cases need the grant in the
// case's office besides.
func caseHouse(v *Viewer, t columns) branch {
	readers := v.Scope.Offices(CaseRead)
	seen := either(
		in(t.C(casefile.FieldOfficeID), readers),
		exists(formeroffice.Table, "former", formeroffice.FieldCaseID, t.C(casefile.FieldID), func(former columns) branch {
			return in(former.C(formeroffice.FieldOfficeID), readers)
		}),
		exists(escalation.Table, "step", escalation.FieldCaseID, t.C(casefile.FieldID), func(step columns) branch {
			return in(step.C(escalation.FieldOwnerOffice), v.answers())
		}),
	).unless(readers.All)
	return both(seen, notSecret(v, t))
}

// notSecret holds for what is not confidential, and in offices where the viewer has
// the grant.
func notSecret(v *Viewer, t columns) branch {
	return either(
		when(sql.EQ(t.C("confidential"), false)),
		in(t.C("office_id"), v.Scope.Offices(CaseConfidential)),
	)
}

// ofCase is for what hangs on a case and is seen with it.
func ofCase(v *Viewer, t columns) branch {
	return exists(casefile.Table, "file", casefile.FieldID, t.C("case_id"), func(file columns) branch {
		return caseRule(v, file)
	})
}

// documentRule: documents and formal acts are seen by the house and by the parties; level
// 5 opens none.
func documentRule(v *Viewer, t columns) branch {
	return exists(casefile.Table, "file", casefile.FieldID, t.C("case_id"), func(file columns) branch {
		return either(caseParty(v, file), caseHouse(v, file))
	})
}

// entryRule: the timeline is seen with the case; its internal lines by the house only,
// and not by level 5.
func entryRule(v *Viewer, t columns) branch {
	return exists(casefile.Table, "file", casefile.FieldID, t.C(caseentry.FieldCaseID), func(file columns) branch {
		return either(
			caseHouse(v, file),
			both(either(caseParty(v, file), caseOpened(v, file)), when(sql.EQ(t.C(caseentry.FieldInternal), false))),
		)
	})
}

// ledgerRule: the entries of a clock are seen with its case.
func ledgerRule(v *Viewer, t columns) branch {
	return exists(caseclock.Table, "clock", caseclock.FieldID, t.C("clock_id"), func(clock columns) branch {
		return ofCase(v, clock)
	})
}

// intakeRule: that something was put before a department, and what came of it, is seen
// by who did it, for whom it was done, and by the office it went to if that may see the
// case: a confidential one is not given away by the request for it.
func intakeRule(v *Viewer, t columns) branch {
	return either(
		v.did(t, intake.FieldActorID, CaseRead),
		v.own(t, intake.FieldApplicantID, CaseRead),
		v.principalsTry(t),
		both(in(t.C(intake.FieldOfficeID), v.Scope.Offices(CaseRead)), ofCase(v, t)),
	)
}

// principalsTry: of who acts, what the principal put before a department without
// becoming a case: it names nobody else.
func (v *Viewer) principalsTry(t columns) branch {
	if v.ActsFor == nil {
		return branch{}
	}
	return both(when(sql.EQ(t.C(intake.FieldApplicantID), "")), v.own(t, intake.FieldActorID, CaseRead))
}
