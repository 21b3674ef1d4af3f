package alerts_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/alerts"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

type entAlert = ent.Alert

func sqlite(t *testing.T) dbtest.DB { return dbtest.New(t, dbtest.SQLite) }

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// arrived is an alert on a step of the office and service.
func (h *house) arrived(office, service string) *ent.Alert {
	h.t.Helper()
	h.tell(h.step(town.LevelMayor, town.OfficeMayor, office, service, false, opening.AddDate(0, 0, 30)))
	rows := h.all(town.AlertEscalation)
	return rows[len(rows)-1]
}

// TestTheLifeOfAnAlert: acknowledged, put off, open again, handed over, each once and by
// whom.
func TestTheLifeOfAnAlert(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		row := h.arrived("taxes", "tributi")
		mayor := h.as("mayor")
		row = must[*ent.Alert](t)(h.Acknowledge(mayor, alerts.Input{AlertID: row.ID, ExpectedVersion: row.Version}))
		if row.State != town.AlertAcknowledged || row.AcknowledgedBy != "mayor" || row.AcknowledgedAt == nil {
			t.Errorf("acknowledged: %+v", row)
		}
		snooze := alerts.SnoozeInput{IdempotencyKey: h.key(), AlertID: row.ID, ExpectedVersion: row.Version, Until: opening.Add(time.Hour)}
		row = must[*ent.Alert](t)(h.Snooze(mayor, snooze))
		again := must[*ent.Alert](t)(h.Snooze(mayor, snooze))
		if again.Version != row.Version || row.State != town.AlertSnoozed {
			t.Errorf("a repeat changed it: %+v", again)
		}
		h.clock.Set(opening.Add(59 * time.Minute))
		h.look()
		if got := h.only(town.AlertEscalation, town.AlertSnoozed); got.Version != row.Version {
			t.Errorf("woken too early: %+v", got)
		}
		h.clock.Set(opening.Add(time.Hour))
		h.look()
		row = h.only(town.AlertEscalation, town.AlertOpen)
		row = must[*ent.Alert](t)(h.HandOver(mayor, alerts.HandOverInput{IdempotencyKey: h.key(), AlertID: row.ID, ExpectedVersion: row.Version, PersonID: "assessore"}))
		if row.State != town.AlertHandedOver || row.HandedTo != "assessore" {
			t.Errorf("handed over: %+v", row)
		}
		row = must[*ent.Alert](t)(h.Acknowledge(h.as("assessore"), alerts.Input{AlertID: row.ID, ExpectedVersion: row.Version}))
		var acts []string
		for _, act := range row.Acts {
			acts = append(acts, string(act.Action)+" "+act.By)
		}
		want := []string{"RAISE system:alerts", "ACKNOWLEDGE mayor", "SNOOZE mayor", "WAKE system:alerts", "HAND_OVER mayor", "ACKNOWLEDGE assessore"}
		if diff := cmp.Diff(want, acts); diff != "" {
			t.Errorf("acts (-want +got):\n%s", diff)
		}
		facts := []town.EventType{
			town.EventAlertRaised, town.EventAlertTaken, town.EventAlertSnoozed, town.EventAlertWoken, town.EventAlertHandedOver, town.EventAlertTaken,
		}
		if diff := cmp.Diff(facts, h.facts(row.ID)); diff != "" {
			t.Errorf("facts (-want +got):\n%s", diff)
		}
	})
}

func TestWhatIsRefused(t *testing.T) {
	h := newHouse(t, sqlite(t))
	row := h.arrived("taxes", "tributi")
	in := alerts.Input{AlertID: row.ID, ExpectedVersion: row.Version}
	handOver := func(who, to string) error {
		_, err := h.HandOver(h.as(who), alerts.HandOverInput{IdempotencyKey: h.key(), AlertID: row.ID, ExpectedVersion: row.Version, PersonID: to})
		return err
	}
	snooze := func(until time.Time) error {
		_, err := h.Snooze(h.as("mayor"), alerts.SnoozeInput{IdempotencyKey: h.key(), AlertID: row.ID, ExpectedVersion: row.Version, Until: until})
		return err
	}
	acknowledge := func(who string, in alerts.Input) error {
		_, err := h.Acknowledge(h.as(who), in)
		return err
	}
	tests := map[string]struct {
		got  error
		want town.Code
	}{
		"hidden: another subject":    {acknowledge("assessore2", in), town.NotFound},
		"hidden: another office":     {acknowledge("head.births", in), town.NotFound},
		"hidden: no right at all":    {acknowledge("operator", in), town.NotFound},
		"hidden: the admin":          {acknowledge("admin", in), town.NotFound},
		"seen, not to be acted on":   {acknowledge("auditor", in), town.Forbidden},
		"stale":                      {acknowledge("mayor", alerts.Input{AlertID: row.ID, ExpectedVersion: 7}), town.Conflict},
		"none":                       {acknowledge("mayor", alerts.Input{AlertID: "alert_none", ExpectedVersion: 1}), town.NotFound},
		"put off to the past":        {snooze(opening), town.Invalid},
		"put off for good":           {snooze(opening.AddDate(1, 0, 0)), town.Invalid},
		"handed to nobody":           {handOver("mayor", "per_none"), town.Invalid},
		"handed to another subject":  {handOver("mayor", "assessore2"), town.Invalid},
		"handed to who only reads":   {handOver("mayor", "auditor"), town.Invalid},
		"handed by who only reads":   {handOver("auditor", "mayor"), town.Forbidden},
		"handed to the office's own": {handOver("mayor", "head"), ""},
	}
	for name, test := range tests {
		if got := town.CodeOf(test.got); got != test.want && (test.got != nil || test.want != "") {
			t.Errorf("%s: %v, want %q", name, test.got, test.want)
		}
	}
	if err := acknowledge("mayor", alerts.Input{AlertID: row.ID, ExpectedVersion: row.Version + 1}); err != nil {
		t.Fatal(err)
	}
	if err := acknowledge("mayor", alerts.Input{AlertID: row.ID, ExpectedVersion: row.Version + 2}); town.CodeOf(err) != town.PreconditionFailed {
		t.Errorf("acknowledged twice: %v", err)
	}
}

// TestWhoSeesWhich: the Mayor all, an Assessore the delegated subjects, a head the own
// office, and nobody what is confidential without the grant or the step.
func TestWhoSeesWhich(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		passes := opening.AddDate(0, 0, 1)
		h.file("taxes", "tributi", false, passes)
		h.file("births", "anagrafe", true, passes)
		h.look()
		h.tell(h.step(town.LevelMayor, town.OfficeMayor, "births", "anagrafe", true, opening.AddDate(0, 0, 30)))
		h.tell(h.step(town.LevelHelpPoint, town.OfficeHelpPoint, "taxes", "tributi", false, opening.AddDate(0, 0, 30)))
		want := map[string]string{
			"mayor":       "ESCALATION_ARRIVED births 5, ESCALATION_ARRIVED taxes 4, TERM_NEAR taxes 3",
			"assessore":   "ESCALATION_ARRIVED taxes 4, TERM_NEAR taxes 3",
			"assessore2":  "ESCALATION_ARRIVED births 5",
			"helppoint":   "ESCALATION_ARRIVED taxes 4",
			"head":        "ESCALATION_ARRIVED taxes 4, TERM_NEAR taxes 3",
			"head.births": "ESCALATION_ARRIVED births 5, TERM_NEAR births 3",
			"auditor":     "ESCALATION_ARRIVED taxes 4, TERM_NEAR taxes 3",
			"admin":       "", "operator": "",
		}
		for who, list := range want {
			page := must[town.Page[*ent.Alert]](t)(h.Alerts.Alerts(h.as(who), town.PageArgs{}, nil, alerts.Filter{}))
			var got []string
			for _, row := range page.Items {
				got = append(got, string(row.Kind)+" "+row.OfficeID+" "+string('0'+rune(row.Level)))
			}
			slices.Sort(got)
			if diff := cmp.Diff(list, strings.Join(got, ", ")); diff != "" {
				t.Errorf("%s (-want +got):\n%s", who, diff)
			}
		}
		filters := map[string]struct {
			open   *bool
			filter alerts.Filter
			want   int
		}{
			"level":   {nil, alerts.Filter{Levels: []town.Level{5}}, 1},
			"service": {nil, alerts.Filter{Services: []string{"tributi"}}, 2},
			"office":  {nil, alerts.Filter{Offices: []string{"births", "taxes"}}, 3},
			"kind":    {nil, alerts.Filter{Kinds: []town.AlertKind{town.AlertTermNear}}, 1},
			"open":    {new(bool), alerts.Filter{}, 0},
		}
		for name, test := range filters {
			page := must[town.Page[*ent.Alert]](t)(h.Alerts.Alerts(h.as("mayor"), town.PageArgs{}, test.open, test.filter))
			if len(page.Items) != test.want {
				t.Errorf("by %s: %d alerts, want %d", name, len(page.Items), test.want)
			}
		}
		if _, err := h.Alerts.Alerts(context.Background(), town.PageArgs{}, nil, alerts.Filter{}); town.CodeOf(err) != town.Unauthenticated {
			t.Errorf("without anybody: %v", err)
		}
	})
}
