package alerts_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/alertdelivery"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/alerts"
	"github.com/spazio-in-comune/sportello/internal/alerts/post"
	"github.com/spazio-in-comune/sportello/internal/alerts/post/posttest"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/stream"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// consume lets the messages of facts be written until the test ends.
func (h *house) consume(live *stream.Stream) {
	h.run(func(ctx context.Context) {
		if err := live.Consume(ctx, stream.Consumer{Name: "alerts.messages", Groups: alerts.FactGroups(), Handle: h.Enqueue}); err != nil {
			h.t.Error(err)
		}
	})
}

// hook is an endpoint at a receiver, as the administrator makes it.
func (h *house) hook(receiver *posttest.Hook) *ent.AlertEndpoint {
	h.t.Helper()
	made, err := h.CreateWebhook(h.as("admin"), alerts.WebhookInput{IdempotencyKey: h.key(), Label: "prova", URL: receiver.URL})
	if err != nil {
		h.t.Fatal(err)
	}
	receiver.Trust(made.Secret)
	return made.Endpoint
}

// sending starts a sender, and gives what stops it.
func (h *house) sending(room *alerts.Alerts) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = room.RunSender(ctx) }()
	stop = func() { cancel(); <-done }
	h.t.Cleanup(stop)
	return stop
}

// messages are those of an endpoint, in the order of the facts.
func (h *house) messages(id string) []*ent.AlertDelivery {
	return h.store.Reader().AlertDelivery.Query().Where(alertdelivery.EndpointID(id)).Order(ent.Asc(alertdelivery.FieldEventSeq)).AllX(h.system())
}

func told(t testing.TB, got []posttest.Received) (ids []string) {
	t.Helper()
	for _, m := range got {
		var message alerts.Message
		if err := json.Unmarshal([]byte(m.Body), &message); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, message.Data.AlertID)
	}
	return ids
}

// TestMessages: a receiver that fails gets everything in order once it is back, also from
// another process, and holds up no other.
func TestMessages(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		good, bad := posttest.NewHook(t), posttest.NewHook(t)
		h.hook(good)
		late := h.hook(bad)
		bad.Answer(http.StatusInternalServerError)
		live := h.follow(h.store)
		h.consume(live)
		stop := h.sending(h.Alerts)
		var want []string
		for range 5 {
			want = append(want, h.arrived("taxes", "tributi").ID)
		}
		eventually(t, "the good receiver has all", func() bool { return len(good.Got()) == 5 })
		eventually(t, "the bad one was tried", func() bool { return len(h.messages(late.ID)) == 5 && h.messages(late.ID)[0].Attempts == 1 })
		if n := bad.Asked(); n != 1 {
			t.Errorf("the bad receiver was asked %d times before the pause was over", n)
		}
		stop() // killed: another process goes on
		bad.Answer(http.StatusOK)
		h.sending(h.replica(h.store, post.NewWebhooks(false), nil))
		h.clock.Advance(6 * time.Second)
		eventually(t, "the bad receiver has all", func() bool { return len(bad.Got()) == 5 })
		for name, hook := range map[string]*posttest.Hook{"good": good, "bad": bad} {
			if diff := cmp.Diff(want, told(t, hook.Got())); diff != "" {
				t.Errorf("what the %s receiver got (-want +got):\n%s", name, diff)
			}
		}
		for _, m := range h.messages(late.ID) {
			if m.State != town.DeliverySent || strings.Contains(m.Payload, "2026/") && m.SentAt == nil {
				t.Errorf("a message stands as %+v", m)
			}
		}
	})
}

// TestReplicasSendOnce: two processes send each message once, in order.
func TestReplicasSendOnce(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		hook := posttest.NewHook(t)
		h.hook(hook)
		live := h.follow(h.store)
		h.consume(live)
		h.sending(h.Alerts)
		h.sending(h.replica(h.store, post.NewWebhooks(false), nil))
		var want []string
		for range 20 {
			want = append(want, h.arrived("taxes", "tributi").ID)
		}
		eventually(t, "all", func() bool { return len(hook.Got()) >= 20 })
		if diff := cmp.Diff(want, told(t, hook.Got())); diff != "" {
			t.Errorf("what came (-want +got):\n%s", diff)
		}
	})
}

// TestADeadLetter: after the last try a message is dead, the next ones go on, and it can be
// sent again by who manages alerts.
func TestADeadLetter(t *testing.T) {
	h := newHouse(t, sqlite(t))
	hook := posttest.NewHook(t)
	to := h.hook(hook)
	h.consume(h.follow(h.store))
	h.sending(h.Alerts)
	hook.Answer(http.StatusBadGateway)
	first := h.arrived("taxes", "tributi").ID
	eventually(t, "tried to death", func() bool {
		h.clock.Advance(6 * time.Hour)
		list := h.messages(to.ID)
		return len(list) == 1 && list[0].State == town.DeliveryDead
	})
	dead := h.messages(to.ID)[0]
	if dead.Attempts != hook.Asked() || dead.Attempts != 16 || !strings.Contains(dead.LastError, "502") {
		t.Errorf("dead after %d tries of %d: %s", dead.Attempts, hook.Asked(), dead.LastError)
	}
	hook.Answer(http.StatusOK)
	second := h.arrived("taxes", "tributi").ID
	eventually(t, "the next one", func() bool { return len(hook.Got()) == 1 })
	in := alerts.DeliveryInput{DeliveryID: dead.ID, ExpectedVersion: dead.Version}
	if _, err := h.Resend(h.as("mayor"), in); town.CodeOf(err) != town.Forbidden {
		t.Errorf("the Mayor sends again: %v", err)
	}
	if _, err := h.Resend(h.as("admin"), in); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the dead one", func() bool { return len(hook.Got()) == 2 })
	if diff := cmp.Diff([]string{second, first}, told(t, hook.Got())); diff != "" {
		t.Errorf("what came (-want +got):\n%s", diff)
	}
	if _, err := h.DisableEndpoint(h.as("admin"), alerts.EndpointInput{EndpointID: to.ID, ExpectedVersion: to.Version}); err != nil {
		t.Fatal(err)
	}
	row := h.store.Reader().AlertEndpoint.GetX(h.system(), to.ID)
	if row.Address != nil || row.Secret != nil || row.DisabledAt == nil {
		t.Errorf("after the end: %+v", row)
	}
	h.arrived("taxes", "tributi")
	time.Sleep(50 * time.Millisecond)
	if n := len(h.messages(to.ID)); n != 2 {
		t.Errorf("%d messages after the end", n)
	}
}

// TestMail: whoever asked gets what they may see, in both languages, and nothing once they
// may not any more.
func TestMail(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		box := posttest.NewMailbox(t)
		mail, err := post.NewMail("smtp://"+box.Address, "Sportello <avvisi@comune.example>")
		if err != nil {
			t.Fatal(err)
		}
		h.Alerts = h.replica(h.store, post.NewWebhooks(false), mail)
		for _, who := range []string{"assessore", "assessore2"} {
			if _, err := h.RequestMail(h.as(who), alerts.MailInput{IdempotencyKey: h.key(), Address: who + "@comune.example"}); err != nil {
				t.Fatal(err)
			}
		}
		h.consume(h.follow(h.store))
		h.sending(h.Alerts)
		id := h.arrived("taxes", "tributi").ID
		eventually(t, "the letter", func() bool { return len(box.Letters()) == 1 })
		letter := box.Letters()[0]
		if letter.To != "assessore@comune.example" || !strings.Contains(letter.Body, id) ||
			!strings.Contains(letter.Body, "Segnalazione arrivata") || !strings.Contains(letter.Body, "An escalation has arrived") {
			t.Errorf("the letter is %+v", letter)
		}
		h.write(func(ctx context.Context, tx *store.Tx) error {
			if err := tx.RoleAssignment.UpdateOneID("role:assessore").SetServices([]string{"anagrafe"}).Exec(ctx); err != nil {
				return err
			}
			return access.RolesChanged(ctx, tx)
		})
		if err := h.authority.Reload(context.Background()); err != nil {
			t.Fatal(err)
		}
		h.arrived("taxes", "tributi")
		h.arrived("births", "anagrafe")
		eventually(t, "both Assessori", func() bool { return len(box.Letters()) == 3 })
		for _, l := range box.Letters()[1:] {
			if strings.Contains(l.Body, "tributi") {
				t.Errorf("told of another subject: %+v", l)
			}
		}
	})
}

func TestWhoAsksForMessages(t *testing.T) {
	h := newHouse(t, sqlite(t))
	hook := func(who, url, label string, filter *alerts.Filter) error {
		_, err := h.CreateWebhook(h.as(who), alerts.WebhookInput{IdempotencyKey: h.key(), Label: label, URL: url, Filter: filter})
		return err
	}
	mail := func(who, address string) error {
		_, err := h.RequestMail(h.as(who), alerts.MailInput{IdempotencyKey: h.key(), Address: address})
		return err
	}
	without := mail("mayor", "a@b.example")
	box := posttest.NewMailbox(t)
	sender, err := post.NewMail("smtp://"+box.Address, "a@b.example")
	if err != nil {
		t.Fatal(err)
	}
	h.Alerts = h.replica(h.store, post.NewWebhooks(false), sender)
	for name, test := range map[string]struct {
		got  error
		want town.Code
	}{
		"a webhook of the Mayor's":  {hook("mayor", "https://example.org/", "x", nil), town.Forbidden},
		"to a private network":      {hook("admin", "https://10.0.0.1/", "x", nil), town.Invalid},
		"without a name":            {hook("admin", "https://example.org/", " ", nil), town.Invalid},
		"of a level that is none":   {hook("admin", "https://example.org/", "x", &alerts.Filter{Levels: []town.Level{7}}), town.Invalid},
		"where no mail is sent":     {without, town.PreconditionFailed},
		"mail to an operator":       {mail("operator", "a@b.example"), town.Forbidden},
		"mail to the administrator": {mail("admin", "a@b.example"), town.Forbidden},
		"to no mailbox":             {mail("mayor", "nobody"), town.Invalid},
		"to two mailboxes":          {mail("mayor", "a@b.example, c@d.example"), town.Invalid},
		"with a header in it":       {mail("mayor", "a@b.example\r\nBcc: c@d.example"), town.Invalid},
	} {
		if got := town.CodeOf(test.got); got != test.want {
			t.Errorf("%s: %v, want %s", name, test.got, test.want)
		}
	}
	if err := mail("mayor", "a@b.example"); err != nil {
		t.Fatal(err)
	}
	own := must[[]*ent.AlertEndpoint](t)(h.Endpoints(h.as("mayor")))
	all := must[[]*ent.AlertEndpoint](t)(h.Endpoints(h.as("admin")))
	none := must[[]*ent.AlertEndpoint](t)(h.Endpoints(h.as("head")))
	if len(own) != 1 || len(all) != 1 || len(none) != 0 {
		t.Errorf("the Mayor sees %v, the administrator %v, a head %v", own, all, none)
	}
	if _, err := h.DisableEndpoint(h.as("mayor"), alerts.EndpointInput{EndpointID: own[0].ID, ExpectedVersion: own[0].Version}); err != nil {
		t.Errorf("one's own mailbox: %v", err)
	}
}

// TestDaysAway: whoever comes back after days with the last cursor is told of everything
// that happened meanwhile, each once and in order.
func TestDaysAway(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		live := h.follow(h.store)
		request := stream.Request{Filter: stream.Filter{Groups: alerts.FactGroups()}}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		before := must[*stream.Subscription](t)(live.Follow(ctx, request))
		h.arrived("taxes", "tributi")
		must[stream.Delivery](t)(before.Next(ctx)) // the snapshot
		last := must[stream.Delivery](t)(before.Next(ctx))
		before.Close()
		var want []string
		for range 6 {
			h.clock.Advance(24 * time.Hour)
			h.file("taxes", "tributi", false, h.clock.Now().Add(time.Hour))
			h.look()
			want = append(want, h.arrived("taxes", "tributi").ID)
		}
		request.After = &last.Cursor
		again := must[*stream.Subscription](t)(live.Follow(ctx, request))
		defer again.Close()
		var got []string
		var seq int64
		for len(got) < len(want) {
			d := must[stream.Delivery](t)(again.Next(ctx))
			if d.Event.Seq <= seq {
				t.Fatalf("event %d after %d", d.Event.Seq, seq)
			}
			seq = d.Event.Seq
			if d.Event.Data["kind"] == string(town.AlertEscalation) {
				got = append(got, d.Event.Data[town.DataAlert])
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("what came (-want +got):\n%s", diff)
		}
	})
}
