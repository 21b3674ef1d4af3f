package casework_test

import (
	"errors"
	"testing"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// offered is what is said to somebody of an action on the case.
func (s *story) offered(who string, action town.CaseAction) casework.AvailableAction {
	s.t.Helper()
	byCase, err := s.AvailableActions(s.as(s.t, who), []*ent.CaseFile{s.file})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, a := range byCase[s.file.ID] {
		if a.Action == action {
			return a
		}
	}
	s.t.Fatalf("nothing is said of %s", action)
	return casework.AvailableAction{}
}

// notOffered wants an action refused beforehand in the words in which doing it is refused.
func (s *story) notOffered(action town.CaseAction, err error) {
	s.t.Helper()
	a := s.offered(s.head(), action)
	if a.Allowed || a.Reason == nil || says(err) != a.Reason.EN {
		s.t.Errorf("%s: offered %t, because of %+v; doing it: %v", action, a.Allowed, a.Reason, err)
	}
	if town.CodeOf(err) != town.PreconditionFailed {
		s.t.Errorf("%s: %v", action, err)
	}
}

// says is an error as it is shown, in English.
func says(err error) string {
	var shown *town.Error
	if !errors.As(err, &shown) {
		return ""
	}
	return shown.Message
}

func (s *story) suspend(thirdParties bool) error {
	in := s.suspension(10)
	in.ThirdParties = &thirdParties
	_, err := s.SuspendForAcquisition(s.boss(), in)
	return err
}

func (s *story) extension() casework.ExtendTermInput {
	return casework.ExtendTermInput{
		IdempotencyKey: key(), CaseID: s.file.ID, ExpectedVersion: s.file.Version, Days: 5, Reason: "Accertamenti complessi.",
	}
}

// What the ledger would refuse is not offered, and the reason is the ledger's; what one part
// of a term has used up is gone in the next one.
func TestOfferedByTheLedger(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		s := newStory(t, newHouse(t, db), permit)
		s.on("2026-12-03")
		for _, action := range []town.CaseAction{town.ActionSuspend, town.ActionExtend} {
			if !s.may(action) {
				t.Errorf("%s is not offered: %+v", action, s.offered(s.head(), action))
			}
		}
		s.done(s.ExtendTerm(s.boss(), s.extension()))
		_, err := s.ExtendTerm(s.boss(), s.extension())
		s.notOffered(town.ActionExtend, err)
		if !s.may(town.ActionSuspend) {
			t.Error("an extension takes the suspension away")
		}
		s.done(s.SuspendForAcquisition(s.boss(), s.suspension(10)))
		s.on("2026-12-14") // it goes on by itself
		s.notOffered(town.ActionSuspend, s.suspend(false))
		s.on("2027-02-08") // the second part runs
		s.runs("permesso", town.ClockRunning, "2027-02-06", "2027-03-08")
		s.notOffered(town.ActionSuspend, s.suspend(false))
		s.on("2027-03-09") // silence
		if a := s.offered(s.head(), town.ActionSuspend); a.Allowed {
			t.Error("what has ended is suspended")
		}
	})
}

// In civic access the third parties may still be heard once the other suspension is used.
func TestOfferedWhileOneGroundIsLeft(t *testing.T) {
	t.Parallel()
	s := newStory(t, newHouse(t, dbtest.New(t, dbtest.SQLite)), civicAccess)
	for _, thirdParties := range []bool{false, true} {
		if !s.may(town.ActionSuspend) {
			t.Fatalf("not offered: %+v", s.offered(s.head(), town.ActionSuspend))
		}
		if err := s.suspend(thirdParties); err != nil {
			t.Fatal(err)
		}
		s.on("2026-12-05")
		s.file = s.now()
		if thirdParties {
			s.on("2026-12-20")
		}
	}
	s.notOffered(town.ActionSuspend, s.suspend(false))
}

// A proposal moves the term only where the examination has one of its own.
func TestClockEffectOfAProposal(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	s := newStory(t, h, permit)
	if e := s.offered(s.head(), town.ActionPropose).ClockEffect; e == nil || e.IT == "" || e.EN == "" {
		t.Errorf("on a permit: %+v", e)
	}
	s.on("2027-01-25") // the examination is over
	if e := s.offered(s.head(), town.ActionPropose).ClockEffect; e != nil {
		t.Errorf("in the second part: %+v", e)
	}
	s = newStory(t, newHouse(t, dbtest.New(t, dbtest.SQLite)), civicAccess)
	if e := s.offered(s.head(), town.ActionPropose).ClockEffect; e != nil {
		t.Errorf("on a request of access: %+v", e)
	}
}

// Attaching is offered to whom attachDocument lets, while it does.
func TestAttachingIsOffered(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	s := &story{house: h, t: t, file: h.file(t, "accesso-atti-edilizi", nil)}
	agree := func(want map[string]bool) {
		t.Helper()
		paper := s.papers()[0]
		for who, may := range want {
			_, _, err := s.PaperFor(s.as(t, who), s.file.ID, paper.ID)
			if a := s.offered(who, town.ActionAttach); a.Allowed != may || (err == nil) != may || !may && says(err) != a.Reason.EN {
				t.Errorf("%s: %+v, attaching: %v", who, a, err)
			}
		}
	}
	agree(map[string]bool{mario: true, operator: true, officer: true, auditor: false})
	weak, err := h.authority.Enter(access.Viewer{ID: mario, Assurance: "L1"})
	if err != nil {
		t.Fatal(err)
	}
	if weak.CanAsParty(access.CaseReadPersonal) {
		t.Error("a password is enough here: nothing is tried")
	}
	byCase, err := h.AvailableActions(access.With(t.Context(), weak), []*ent.CaseFile{s.file})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range byCase[s.file.ID] {
		if a.Action == town.ActionAttach && a.Allowed {
			t.Error("who signed in with a password is offered to attach")
		}
	}
	s.done(s.WithdrawCase(s.as(t, mario), s.note()))
	agree(map[string]bool{mario: false, operator: false, officer: false, auditor: false})
}
