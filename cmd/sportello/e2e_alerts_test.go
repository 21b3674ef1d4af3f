package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/alerts/post/posttest"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

const followAlerts = `subscription S($after: EventCursor) { update: alertsChanged(filter: {levels: [5]}, after: $after) {
	kind cursor event { type } open { id } alert { id kind state level service office { code } reference escalation { id } version } } }`

// TestE2EAlerts: a step that goes up to the Mayor is told on the screen, by signed webhook
// and by mail; nothing of it is lost over a kill -9, and what the receiver does not want is
// kept to be sent again.
func TestE2EAlerts(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		hook, box := posttest.NewHook(t), posttest.NewMailbox(t)
		h := emptyHouse(t, db, "--demo", "--smtp-url", "smtp://"+box.Address, "--mail-from", "Sportello <avvisi@comune.example>")
		h.start()
		h.awaitDepartments()
		admin, mayor := h.as("admin"), h.as("mayor")
		made := admin.must("createAlertWebhook", "endpoint { id version } secret", variables{
			"label": "sala operativa", "url": hook.URL, "filter": variables{"levels": []int{5}, "kinds": []string{"ESCALATION_ARRIVED"}},
		})
		hook.Trust(made.text("secret"))
		mayor.must("requestAlertMail", "endpoint { id }", variables{"address": "sindaco@comune.example", "filter": variables{"levels": []int{5}}})
		if code := h.as("operator1").try(`{ alertDeliveries { edges { node { id } } } }`, nil).code(); code != "FORBIDDEN" {
			t.Errorf("an operator reads what was sent: %s", code)
		}

		screen := mayor.follow(followAlerts, nil, "")
		screen.snapshot()
		stepID := upToTheMayor(h)
		told := screen.until("the alert", func(u tree) bool { return u.text("event.type") == "alert.raised" })
		alert := told.at("alert")
		if alert.text("kind") != "ESCALATION_ARRIVED" || alert.text("escalation.id") != stepID || alert.text("reference") == "" {
			t.Fatalf("the mayor is told %v", told)
		}
		id := alert.text("id")
		eventually(t, "the webhook", func() bool { return len(hook.Got()) == 1 })
		eventually(t, "the mail", func() bool { return len(box.Letters()) == 1 })
		if got := hook.Got()[0].Body; !strings.Contains(got, id) || strings.Contains(got, "Rossi") {
			t.Errorf("the webhook says %s", got)
		}
		letter := box.Letters()[0]
		if letter.To != "sindaco@comune.example" || !strings.Contains(letter.Body, id) || letter.Header.Get("Auto-Submitted") != "auto-generated" {
			t.Errorf("the letter is %+v", letter)
		}

		// The receiver is away, and so is the screen; then the house is killed.
		screen.cut()
		hook.Answer(http.StatusServiceUnavailable)
		version := mayor.must("acknowledgeAlert", "alert { version }", variables{"alertId": id, "expectedVersion": alert.number("version")}).number("alert.version")
		version = mayor.must("snoozeAlert", "alert { version }", variables{
			"alertId": id, "expectedVersion": version, "until": time.Now().Add(24 * time.Hour).UTC().Format(time.RFC3339),
		}).number("alert.version")
		head := h.as("head.tributi-patrimonio").ask(`{ viewer { id } }`, nil).text("viewer.id")
		mayor.must("handOverAlert", "", variables{"alertId": id, "expectedVersion": version, "personId": head})
		asked := hook.Asked()
		eventually(t, "a try that fails", func() bool { return hook.Asked() > asked })
		h.kill()
		hook.Answer(http.StatusOK)
		h.start()
		again := h.as("mayor").follow(followAlerts, nil, told.text("cursor"))
		for _, want := range []string{"alert.acknowledged", "alert.snoozed", "alert.handed_over"} {
			if u := again.until(want, func(u tree) bool { return u.text("alert.id") == id }); u.text("event.type") != want {
				t.Errorf("after the cut came %v, want %s", u, want)
			}
		}
		eventually(t, "what the receiver missed", func() bool { return len(hook.Got()) >= 4 })
		want := []string{"alert.raised", "alert.acknowledged", "alert.snoozed", "alert.handed_over"}
		if diff := cmp.Diff(want, factsOf(t, hook.Got())); diff != "" {
			t.Errorf("what the webhook got (-want +got):\n%s", diff)
		}
		h.deadLetter(hook, id, made.at("endpoint"))
		t.Run("a late case", func(t *testing.T) { testLateCase(t, h.in(t), box) })
		t.Run("a refused access", func(t *testing.T) { testRefusedAccess(t, h.in(t)) })
	})
}

// deadLetter: a message that the receiver wants no more is kept, and sent again when asked.
func (h *house) deadLetter(hook *posttest.Hook, id string, endpoint tree) {
	h.t.Helper()
	hook.Answer(http.StatusGone)
	head := h.as("head.tributi-patrimonio")
	now := head.ask(`query($id: ID!) { alert(id: $id) { version state handedOverTo { id } history { action by } } }`, variables{"id": id}).at("alert")
	head.must("acknowledgeAlert", "", variables{"alertId": id, "expectedVersion": now.number("version")})
	admin := h.as("admin")
	dead := func() []tree {
		return admin.ask(`{ alertDeliveries(filter: {state: DEAD}) { edges { node { id version fact lastError } } } }`, nil).list("alertDeliveries.edges")
	}
	eventually(h.t, "the dead letter", func() bool { return len(dead()) == 1 })
	hook.Answer(http.StatusOK)
	before := len(hook.Got())
	admin.must("resendAlertDelivery", "delivery { state }", variables{"deliveryId": dead()[0].text("node.id"), "expectedVersion": dead()[0].number("node.version")})
	eventually(h.t, "the message sent again", func() bool { return len(hook.Got()) == before+1 })
	admin.must("disableAlertEndpoint", "endpoint { disabledAt }", variables{"endpointId": endpoint.text("id"), "expectedVersion": endpoint.number("version")})
}

// upToTheMayor is a dissatisfied citizen's way up; it gives the id of the last step.
func upToTheMayor(h *house) string {
	citizen := h.as("citizen")
	filed := submit(citizen, variables{"practice": practice, "answers": instalments(nil)})
	offer := citizen.must("giveFeedback", `offer { id }`, variables{"caseId": filed.text("case.id"), "score": 1, "cause": "WAITING"}).at("offer")
	step := citizen.must("raiseEscalation", stepFields, variables{"escalationId": offer.text("id"), "text": "Aspetto da settimane."}).at("escalation")
	for _, holder := range []string{"helppoint", "head.tributi-patrimonio"} {
		step = answerStep(h.as(holder), step, "Ne abbiamo parlato.")
		step = citizen.must("passUpEscalation", stepFields, variables{
			"escalationId": step.text("id"), "expectedVersion": step.number("version"), "text": "Non mi basta.",
		}).at("next")
	}
	return step.text("id")
}

// factsOf are the facts that messages tell, in order.
func factsOf(t testing.TB, got []posttest.Received) []string {
	t.Helper()
	var facts []string
	for _, m := range got {
		var message struct{ Type string }
		if err := json.Unmarshal([]byte(m.Body), &message); err != nil {
			t.Fatal(err)
		}
		facts = append(facts, message.Type)
	}
	return facts
}
