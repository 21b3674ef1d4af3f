package life_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func can(acts ...access.Act) func(access.Act) bool {
	return func(a access.Act) bool { return slices.Contains(acts, a) }
}

func officer(f life.Facts) life.Facts {
	f.Can = can(access.CaseRead, access.CaseHandle)
	return f
}

func head(f life.Facts) life.Facts {
	f.Can = can(access.CaseRead, access.CaseHandle, access.CaseAssign, access.CaseDecide, access.CaseTransfer)
	return f
}

func citizen(f life.Facts) life.Facts {
	f.Applicant, f.Can = true, can(access.CaseFileOwn)
	return f
}

// mayor has every act that a policy file could give by mistake.
func mayor(f life.Facts) life.Facts {
	f.Political, f.Can = true, can(access.Acts()...)
	return f
}

func TestTable(t *testing.T) {
	t.Parallel()
	const done = town.Code("")
	type row struct {
		action town.CaseAction
		facts  life.Facts
		want   town.Code
		next   town.Phase
	}
	in := func(p town.Phase) life.Facts { return life.Facts{Phase: p} }
	missing := life.Facts{Phase: town.PhaseInProgress, Missing: 1}
	lastPaper := life.Facts{Phase: town.PhaseAwaitingApplicant, Missing: 1, Requested: 0}
	other := life.Facts{Phase: town.PhaseInProgress, Responsible: true}
	mine := life.Facts{Phase: town.PhaseInProgress, Responsible: true, Mine: true}
	taken := life.Facts{Phase: town.PhaseInProgress, Responsible: true, Mine: true, Taken: true}
	desk := life.Facts{Phase: town.PhaseTriage, OnTheSpot: true}
	tests := map[string]row{
		"citizen rates once":                 {town.ActionRate, citizen(in(town.PhaseFulfilled)), done, town.PhaseFulfilled},
		"citizen does not rate twice":        {town.ActionRate, citizen(life.Facts{Phase: town.PhaseFulfilled, Rated: true}), town.PreconditionFailed, ""},
		"head assigns":                       {town.ActionAssign, head(in(town.PhaseTriage)), done, town.PhaseInProgress},
		"officer does not assign":            {town.ActionAssign, officer(in(town.PhaseTriage)), town.NotAllowed, ""},
		"reassign keeps the phase":           {town.ActionAssign, head(in(town.PhaseReadyToDecide)), done, town.PhaseReadyToDecide},
		"officer takes":                      {town.ActionTakeInCharge, officer(in(town.PhaseTriage)), done, town.PhaseInProgress},
		"officer takes what was assigned":    {town.ActionTakeInCharge, officer(mine), done, town.PhaseInProgress},
		"not what is another's":              {town.ActionTakeInCharge, officer(other), town.PreconditionFailed, ""},
		"not twice":                          {town.ActionTakeInCharge, officer(taken), town.PreconditionFailed, ""},
		"ask for papers":                     {town.ActionRequestDocuments, officer(in(town.PhaseInProgress)), done, town.PhaseAwaitingApplicant},
		"ask for more papers":                {town.ActionRequestDocuments, officer(in(town.PhaseAwaitingApplicant)), done, town.PhaseAwaitingApplicant},
		"ask before anybody took it":         {town.ActionRequestDocuments, officer(in(town.PhaseTriage)), town.PreconditionFailed, ""},
		"the last paper that was asked":      {town.ActionReceiveDocument, officer(lastPaper), done, town.PhaseInProgress},
		"no paper is missing":                {town.ActionReceiveDocument, officer(in(town.PhaseInProgress)), town.PreconditionFailed, ""},
		"attach a content":                   {town.ActionAttach, officer(life.Facts{Phase: town.PhaseTriage, Papers: true}), done, town.PhaseTriage},
		"nothing to attach to":               {town.ActionAttach, officer(in(town.PhaseTriage)), town.PreconditionFailed, ""},
		"nothing is attached after the end":  {town.ActionAttach, officer(life.Facts{Phase: town.PhaseFulfilled, Papers: true}), town.PreconditionFailed, ""},
		"a party attaches":                   {town.ActionAttach, life.Facts{Phase: town.PhaseTriage, Papers: true, Party: true, Can: can()}, done, town.PhaseTriage},
		"not who is known too little":        {town.ActionAttach, citizen(life.Facts{Phase: town.PhaseTriage, Papers: true}), town.NotAllowed, ""},
		"propose":                            {town.ActionPropose, officer(in(town.PhaseInProgress)), done, town.PhaseReadyToDecide},
		"propose without papers":             {town.ActionPropose, officer(missing), town.PreconditionFailed, ""},
		"officer does not decide":            {town.ActionDecide, officer(in(town.PhaseReadyToDecide)), town.NotAllowed, ""},
		"head decides":                       {town.ActionDecide, head(in(town.PhaseReadyToDecide)), done, town.PhaseReadyToDecide},
		"head decides without the papers":    {town.ActionDecide, head(lastPaper), done, town.PhaseAwaitingApplicant},
		"nobody decides what nobody has":     {town.ActionDecide, head(in(town.PhaseTriage)), town.PreconditionFailed, ""},
		"the mayor does not decide":          {town.ActionDecide, mayor(in(town.PhaseReadyToDecide)), town.NotAllowed, ""},
		"nobody decides twice":               {town.ActionDecide, head(in(town.PhaseDecidedRefused)), town.PreconditionFailed, ""},
		"late measure after deemed consent":  {town.ActionDecide, head(in(town.PhaseDeemedGranted)), town.PreconditionFailed, ""},
		"fulfil what was granted":            {town.ActionFulfil, officer(in(town.PhaseDecidedGranted)), done, town.PhaseFulfilled},
		"fulfil at the desk":                 {town.ActionFulfil, officer(desk), done, town.PhaseFulfilled},
		"fulfil needs a decision":            {town.ActionFulfil, officer(in(town.PhaseInProgress)), town.PreconditionFailed, ""},
		"nothing to fulfil after a refusal":  {town.ActionFulfil, officer(in(town.PhaseDecidedRefused)), town.PreconditionFailed, ""},
		"applicant withdraws":                {town.ActionWithdraw, citizen(in(town.PhaseInProgress)), done, town.PhaseWithdrawn},
		"the head does not withdraw":         {town.ActionWithdraw, head(in(town.PhaseInProgress)), town.NotAllowed, ""},
		"too late to withdraw":               {town.ActionWithdraw, citizen(in(town.PhaseDecidedGranted)), town.PreconditionFailed, ""},
		"applicant notes":                    {town.ActionNote, citizen(in(town.PhaseFulfilled)), done, town.PhaseFulfilled},
		"applicant does not take in charge":  {town.ActionTakeInCharge, citizen(in(town.PhaseTriage)), town.NotAllowed, ""},
		"head hands over":                    {town.ActionTransferOffice, head(in(town.PhaseInProgress)), done, town.PhaseTriage},
		"officer does not hand over":         {town.ActionTransferOffice, officer(in(town.PhaseInProgress)), town.NotAllowed, ""},
		"applicant rates":                    {town.ActionRate, citizen(in(town.PhaseFulfilled)), done, town.PhaseFulfilled},
		"an action that nobody has heard of": {town.CaseAction("SHRED"), head(in(town.PhaseTriage)), town.Invalid, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := life.Try(tt.action, tt.facts)
			got := done
			if err != nil {
				got = town.CodeOf(err)
			}
			if got != tt.want {
				t.Fatalf("Try = %v, want %q", err, tt.want)
			}
			if err == nil {
				if next := life.Next(tt.action, tt.facts); next != tt.next {
					t.Errorf("leads to %s, want %s", next, tt.next)
				}
			}
		})
	}
}

func TestDecided(t *testing.T) {
	t.Parallel()
	got := map[life.Outcome]town.Phase{}
	for _, o := range []life.Outcome{life.Granted, life.Partial, life.Refused, "MAYBE"} {
		if phase, ok := life.Decided(o); ok {
			got[o] = phase
		}
	}
	want := map[life.Outcome]town.Phase{
		life.Granted: town.PhaseDecidedGranted, life.Partial: town.PhaseDecidedPartial, life.Refused: town.PhaseDecidedRefused,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("phases (-want +got):\n%s", diff)
	}
}

func everyPhase() []town.Phase {
	return append(life.OpenPhases(), town.PhaseDecidedGranted, town.PhaseDecidedPartial, town.PhaseDecidedRefused,
		town.PhaseDeemedGranted, town.PhaseDeemedRefused, town.PhaseInadmissible, town.PhaseWithdrawn,
		town.PhaseFulfilled, town.PhaseArchived)
}

// What is announced is what happens, each refusal has its reason in both
// languages, and level 5 never decides, whatever the rest.
func TestActionsAgreeWithTry(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := life.Facts{
			Phase:       rapid.SampledFrom(everyPhase()).Draw(t, "phase"),
			OnTheSpot:   rapid.Bool().Draw(t, "on the spot"),
			Missing:     rapid.IntRange(0, 2).Draw(t, "missing"),
			Requested:   rapid.IntRange(0, 2).Draw(t, "requested"),
			Responsible: rapid.Bool().Draw(t, "responsible"),
			Mine:        rapid.Bool().Draw(t, "mine"),
			Taken:       rapid.Bool().Draw(t, "taken"),
			Applicant:   rapid.Bool().Draw(t, "applicant"),
			Party:       rapid.Bool().Draw(t, "party"),
			Political:   rapid.Bool().Draw(t, "political"),
			Papers:      rapid.Bool().Draw(t, "papers"),
			Can:         can(rapid.SliceOf(rapid.SampledFrom(access.Acts())).Draw(t, "acts")...),
		}
		for _, a := range life.Actions(f) {
			err := life.Try(a.Action, f)
			if a.Allowed != (err == nil) {
				t.Fatalf("%s is announced as %t, trying gives %v", a.Action, a.Allowed, err)
			}
			if !a.Allowed && (a.Reason == nil || a.Reason.IT == "" || a.Reason.EN == "") {
				t.Fatalf("%s is refused without a reason", a.Action)
			}
			if a.Action == town.ActionDecide && a.Allowed && f.Political {
				t.Fatal("level 5 may decide")
			}
			if a.Allowed && !slices.Contains(everyPhase(), life.Next(a.Action, f)) {
				t.Fatalf("%s leads nowhere", a.Action)
			}
		}
	})
}

func TestLabels(t *testing.T) {
	t.Parallel()
	for _, p := range everyPhase() {
		if l := life.Label(p); l.IT == "" || l.EN == "" || l.EN == string(p) {
			t.Errorf("phase %s has no label: %v", p, l)
		}
	}
}
