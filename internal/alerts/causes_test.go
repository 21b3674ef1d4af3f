package alerts_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/alerts"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// TestAStepArrives: it is told once, however often its facts are read, and is over with
// its answer.
func TestAStepArrives(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		step := h.step(town.LevelMayor, town.OfficeMayor, "taxes", "tributi", false, opening.AddDate(0, 0, 30))
		h.tell(step)
		h.tell(step)
		row := h.only(town.AlertEscalation, town.AlertOpen)
		if row.Level != town.LevelMayor || row.OfficeID != "taxes" || row.ServiceID != "tributi" || row.HolderOffice != town.OfficeMayor || row.EscalationID != step {
			t.Errorf("the alert is %+v", row)
		}
		h.write(func(ctx context.Context, tx *store.Tx) error {
			return tx.Escalation.UpdateOneID(step).SetState(town.EscalationAnswered).SetAnsweredAt(tx.Now).Exec(ctx)
		})
		h.tell(step)
		h.tell(step)
		h.only(town.AlertEscalation, town.AlertResolved)
		if diff := cmp.Diff([]town.EventType{town.EventAlertRaised, town.EventAlertResolved}, h.facts(row.ID)); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
	})
}

func TestWhatIsNotTold(t *testing.T) {
	h := newHouse(t, sqlite(t))
	below := h.step(town.LevelOffice, "taxes", "taxes", "tributi", false, opening.AddDate(0, 0, 30))
	offered := h.step(town.LevelMayor, town.OfficeMayor, "taxes", "tributi", false, opening.AddDate(0, 0, 30))
	h.write(func(ctx context.Context, tx *store.Tx) error {
		return tx.Escalation.UpdateOneID(offered).SetState(town.EscalationOffered).Exec(ctx)
	})
	for _, id := range []string{below, offered, "esc_gone"} {
		h.tell(id)
	}
	if rows := h.all(town.AlertEscalation); len(rows) != 0 {
		t.Errorf("told of %v", rows)
	}
}

// TestAStepLapses: that nobody answered stands while the story goes on.
func TestAStepLapses(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		first := h.step(town.LevelHelpPoint, town.OfficeHelpPoint, "taxes", "tributi", false, opening.AddDate(0, 0, 5))
		h.tell(first)
		above := h.step(town.LevelMayor, town.OfficeMayor, "taxes", "tributi", false, opening.AddDate(0, 0, 35))
		h.write(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.Escalation.UpdateOneID(above).SetLadderID(first).SetPreviousID(first).Exec(ctx); err != nil {
				return err
			}
			return tx.Escalation.UpdateOneID(first).SetState(town.EscalationLapsed).SetClosedAt(tx.Now).Exec(ctx)
		})
		h.tell(first)
		h.tell(above)
		h.only(town.AlertTermBroken, town.AlertOpen)
		if arrived := h.all(town.AlertEscalation); len(arrived) != 2 || arrived[0].State != town.AlertResolved || arrived[1].State != town.AlertOpen {
			t.Errorf("arrived: %v", arrived)
		}
		h.look()
		h.only(town.AlertTermBroken, town.AlertOpen)
		h.write(func(ctx context.Context, tx *store.Tx) error {
			return tx.Escalation.UpdateOneID(above).SetState(town.EscalationAnswered).SetAnsweredAt(tx.Now).SetClosedAt(tx.Now).Exec(ctx)
		})
		h.tell(above)
		h.only(town.AlertTermBroken, town.AlertResolved)
	})
}

// TestTermsOfCases: near at three days, one for the registry; broken when passed; each once.
func TestTermsOfCases(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		passes := opening.AddDate(0, 0, 10)
		clock := h.file("taxes", "tributi", false, passes)
		h.file("sportello", "anagrafe", false, passes) // told a day before
		h.clock.Set(passes.Add(-3*24*time.Hour - time.Minute))
		if n := h.look(); n != 0 {
			t.Fatalf("%d changes before the time", n)
		}
		h.clock.Set(passes.Add(-3 * 24 * time.Hour))
		if n := h.look(); n != 1 {
			t.Fatalf("%d changes, want 1", n)
		}
		near := h.only(town.AlertTermNear, town.AlertOpen)
		if near.ClockID != clock || near.Reference == "" || near.Level != town.LevelOffice || near.DueOn != town.Today(passes) {
			t.Errorf("the alert is %+v", near)
		}
		h.clock.Set(passes.Add(-time.Hour))
		if n := h.look() + h.look(); n != 1 {
			t.Fatalf("%d changes, want that of the registry", n)
		}
		h.clock.Set(passes)
		expire := func() {
			h.write(func(ctx context.Context, tx *store.Tx) error {
				row, err := tx.CaseClock.UpdateOneID(clock).SetState(town.ClockExpired).Save(ctx)
				if err != nil {
					return err
				}
				return h.Causes(ctx, tx, town.Event{Type: town.EventClockExpired, CaseID: row.CaseID, Data: map[string]string{"clock": "conclusion"}})
			})
		}
		expire()
		expire()
		broken := h.only(town.AlertTermBroken, town.AlertOpen)
		if got := h.store.Reader().Alert.GetX(h.system(), near.ID).State; got != town.AlertResolved {
			t.Errorf("what was near is %s", got)
		}
		h.write(func(ctx context.Context, tx *store.Tx) error {
			return tx.CaseClock.UpdateOneID(clock).SetEndedAt(tx.Now).Exec(ctx)
		})
		h.look()
		if got := h.only(town.AlertTermBroken, town.AlertResolved); got.ID != broken.ID {
			t.Errorf("another alert: %v", got)
		}
	})
}

// TestATermThatMoves: what was suspended is not near any more, and its new date is told anew.
func TestATermThatMoves(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		passes := opening.AddDate(0, 0, 2)
		clock := h.file("taxes", "tributi", false, passes)
		h.look()
		h.only(town.AlertTermNear, town.AlertOpen)
		h.write(func(ctx context.Context, tx *store.Tx) error {
			return tx.CaseClock.UpdateOneID(clock).SetState(town.ClockSuspended).Exec(ctx)
		})
		h.look()
		h.only(town.AlertTermNear, town.AlertResolved)
		later := passes.AddDate(0, 0, 20)
		h.write(func(ctx context.Context, tx *store.Tx) error {
			return tx.CaseClock.UpdateOneID(clock).SetState(town.ClockRunning).SetDueOn(town.Today(later)).SetDueAt(later).Exec(ctx)
		})
		h.clock.Set(later.Add(-time.Hour))
		h.look()
		if rows := h.all(town.AlertTermNear); len(rows) != 2 || rows[1].State != town.AlertOpen {
			t.Errorf("alerts on the term: %v", rows)
		}
	})
}

func TestAStepIsAboutToLapse(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		step := h.step(town.LevelMayor, town.OfficeMayor, "taxes", "tributi", true, opening.AddDate(0, 0, 2))
		if n := h.look() + h.look(); n != 1 {
			t.Fatalf("%d changes, want 1", n)
		}
		if row := h.only(town.AlertTermNear, town.AlertOpen); row.EscalationID != step || !row.Confidential {
			t.Errorf("the alert is %+v", row)
		}
	})
}

// TestWaits: a wait is told after ten minutes of it, over after ten minutes below, and what
// goes up and down in between changes nothing.
func TestWaits(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		for _, m := range []struct {
			minutes float64
			changes int
		}{
			{31, 0},
			{29, 0},
			{31, 0},
			{40, 1}, // above for ten minutes
			{25, 0},
			{19, 0},
			{25, 0},
			{19, 0},
			{19, 1},
			{31, 0},
			{31, 1},
		} {
			h.hall.waits = []alerts.Wait{{Site: "site", Office: "sportello", Minutes: m.minutes}}
			if n := h.look(); n != m.changes {
				t.Fatalf("%v minutes at %v: %d changes, want %d", m.minutes, h.clock.Now(), n, m.changes)
			}
			if n := h.look(); n != 0 {
				t.Fatalf("a second look at the same moment changed %d", n)
			}
			h.clock.Advance(10 * time.Minute)
		}
		rows := h.all(town.AlertWaitLong)
		if len(rows) != 2 || rows[0].State != town.AlertResolved || rows[1].State != town.AlertOpen || rows[0].Value != 40 || rows[0].Threshold != 30 {
			t.Fatalf("alerts: %v", rows)
		}
		h.hall.waits = nil // the hall has closed
		if n := h.look(); n != 1 {
			t.Errorf("%d changes when nothing is measured any more, want 1", n)
		}
	})
}

func TestADepartmentIsDown(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		set := func(down bool) {
			h.hall.departments = []alerts.Department{{Service: "tributi", Office: "taxes", Down: down}}
		}
		set(true)
		h.look()
		h.clock.Advance(4 * time.Minute)
		h.look()
		if rows := h.all(town.AlertDepartmentDown); len(rows) != 0 {
			t.Fatalf("told after four minutes: %v", rows)
		}
		h.clock.Advance(time.Minute)
		h.look()
		h.only(town.AlertDepartmentDown, town.AlertOpen)
		set(false)
		h.look()
		h.clock.Advance(time.Minute)
		set(true) // flaps
		h.look()
		h.only(town.AlertDepartmentDown, town.AlertOpen)
		set(false)
		h.look()
		h.clock.Advance(5 * time.Minute)
		h.look()
		h.only(town.AlertDepartmentDown, town.AlertResolved)
	})
}

func TestSatisfaction(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		rate := func(score, times int) {
			h.write(func(ctx context.Context, tx *store.Tx) error {
				for range times {
					id := town.NewID(town.PrefixFeedback, tx.Now)
					err := tx.Feedback.Create().SetID(id).SetContactKey(id).SetOfficeID("taxes").SetLevel(3).
						SetChannel(town.ChannelDesk).SetScore(score).SetAt(tx.Now).Exec(ctx)
					if err != nil {
						return err
					}
				}
				return nil
			})
		}
		rate(5, 10)
		h.clock.Advance(8 * 24 * time.Hour)
		rate(2, 9)
		h.clock.Advance(time.Hour)
		if n := h.look(); n != 0 {
			t.Fatalf("%d changes for nine scores", n)
		}
		rate(2, 1)
		h.clock.Advance(time.Hour)
		h.look()
		if low := h.only(town.AlertSatisfactionLow, town.AlertOpen); low.OfficeID != "taxes" || low.Value != 2 {
			t.Errorf("low: %+v", low)
		}
		if fall := h.only(town.AlertSatisfactionFalling, town.AlertOpen); fall.Value != 3 {
			t.Errorf("falling: %+v", fall)
		}
		rate(5, 30)
		h.clock.Advance(time.Hour)
		h.look()
		h.only(town.AlertSatisfactionLow, town.AlertResolved)
	})
}

// TestReplicasRaiseOnce: two processes that look at the same moment raise each alert once.
func TestReplicasRaiseOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		passes := opening.AddDate(0, 0, 1)
		for range 20 {
			h.file("taxes", "tributi", false, passes)
			h.step(town.LevelMayor, town.OfficeMayor, "taxes", "tributi", false, passes)
		}
		other := h.replica(h.store, nil, nil)
		done := make(chan error, 2)
		for _, room := range []*alerts.Alerts{h.Alerts, other} {
			go func() { _, err := room.Look(context.Background()); done <- err }()
		}
		for range 2 {
			if err := <-done; err != nil {
				t.Error(err)
			}
		}
		rows := h.all(town.AlertTermNear)
		var facts int
		for _, row := range rows {
			facts += len(h.facts(row.ID))
		}
		if len(rows) != 40 || facts != 40 {
			t.Errorf("%d alerts and %d facts, want 40 of each", len(rows), facts)
		}
		if slices.ContainsFunc(rows[1:], func(r *entAlert) bool { return r.CauseKey == rows[0].CauseKey }) {
			t.Error("a cause was told twice")
		}
	})
}
