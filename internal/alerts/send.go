package alerts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
	"unicode/utf8"

	"entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/alertdelivery"
	"github.com/spazio-in-comune/sportello/ent/alertendpoint"
	"github.com/spazio-in-comune/sportello/internal/alerts/post"
	"github.com/spazio-in-comune/sportello/internal/alerts/rule"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

const (
	// lookForMessages is how often the sender looks for messages.
	lookForMessages = 500 * time.Millisecond
	// claimFor is for how long a process alone sends to an endpoint without renewing it: it
	// renews it before each message. So long messages wait for another process at most where
	// this one was killed.
	claimFor = 30 * time.Second
	// sendFor bounds one try; it is well below claimFor.
	sendFor = 20 * time.Second
	// sendersAtOnce is to how many endpoints a process sends at the same time.
	sendersAtOnce = 8
)

// RunSender sends messages until the context ends: to each endpoint in the order of the
// facts, by one process at a time, the next one once the one before has arrived or is
// dead. An endpoint that does not answer holds up no other.
func (a *Alerts) RunSender(ctx context.Context) error {
	var working sync.WaitGroup
	defer working.Wait()
	var busy sync.Map // endpoints that this process sends to
	seats := make(chan struct{}, sendersAtOnce)
	tick := time.NewTicker(lookForMessages)
	defer tick.Stop()
	for {
		endpoints, err := a.waiting(ctx)
		if err != nil && ctx.Err() == nil {
			a.logger.WarnContext(ctx, "messages about alerts wait", "error", err)
		}
		for _, id := range endpoints {
			if _, already := busy.LoadOrStore(id, true); already {
				continue
			}
			working.Go(func() {
				defer busy.Delete(id)
				seats <- struct{}{}
				defer func() { <-seats }()
				if err := a.serve(ctx, id); err != nil && ctx.Err() == nil {
					a.logger.WarnContext(ctx, "messages about alerts wait", "endpoint", id, "error", err)
				}
			})
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// waiting are the endpoints whose next message is due.
func (a *Alerts) waiting(ctx context.Context) ([]string, error) {
	var ids []string
	err := a.store.Reader().AlertDelivery.Query().
		Where(alertdelivery.StateEQ(town.DeliveryPending), alertdelivery.NextAtLTE(a.store.Clock().Now()), isHead).
		Select(alertdelivery.FieldEndpointID).Scan(house(ctx), &ids)
	if err != nil {
		return nil, fmt.Errorf("look for messages: %w", err)
	}
	return ids, nil
}

// isHead holds for the first message to its endpoint that waits.
func isHead(s *sql.Selector) {
	t := sql.Table(alertdelivery.Table).As("before")
	s.Where(sql.NotExists(sql.Select(t.C(alertdelivery.FieldID)).From(t).Where(sql.And(
		sql.EQ(t.C(alertdelivery.FieldState), town.DeliveryPending),
		sql.ColumnsEQ(t.C(alertdelivery.FieldEndpointID), s.C(alertdelivery.FieldEndpointID)),
		sql.ColumnsLT(t.C(alertdelivery.FieldEventSeq), s.C(alertdelivery.FieldEventSeq)),
	))))
}

// serve sends to one endpoint what is due, if no other process does.
func (a *Alerts) serve(ctx context.Context, id string) (err error) {
	var held time.Time
	defer func() {
		if !held.IsZero() {
			err = errors.Join(err, a.release(ctx, id, held))
		}
	}()
	for ctx.Err() == nil {
		to, err := a.claim(ctx, id, held)
		if err != nil || to == nil {
			held = time.Time{} // somebody else's, or the database is away
			return err
		}
		held = *to.ClaimedUntil
		next, err := a.store.Reader().AlertDelivery.Query().
			Where(alertdelivery.EndpointID(id), alertdelivery.StateEQ(town.DeliveryPending)).Order(ent.Asc(alertdelivery.FieldEventSeq)).First(house(ctx))
		if ent.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the next message: %w", err)
		}
		if next.NextAt.After(a.store.Clock().Now()) {
			return nil
		}
		try, cancel := context.WithTimeout(ctx, sendFor)
		failed := a.send(try, to, next)
		cancel()
		if ctx.Err() != nil { // stopping: whoever comes next sends it again
			return nil
		}
		if err := a.note(ctx, next, failed); err != nil {
			return err
		}
	}
	return nil
}

// claim makes this process the one that sends to the endpoint, in real time; nil where
// another one does. What is held already is renewed.
func (a *Alerts) claim(ctx context.Context, id string, held time.Time) (*ent.AlertEndpoint, error) {
	var row *ent.AlertEndpoint
	err := a.store.InTx(house(ctx), "claim an endpoint", func(ctx context.Context, tx *store.Tx) error {
		row = nil
		now := town.Stamp(time.Now())
		update := tx.AlertEndpoint.Update().Where(alertendpoint.ID(id), alertendpoint.DisabledAtIsNil())
		if held.IsZero() {
			update.Where(alertendpoint.Or(alertendpoint.ClaimedUntilIsNil(), alertendpoint.ClaimedUntilLT(now)))
		} else {
			update.Where(alertendpoint.ClaimedUntil(held))
		}
		n, err := update.SetClaimedUntil(now.Add(claimFor)).Save(ctx)
		if err != nil || n == 0 {
			return err
		}
		row, err = tx.AlertEndpoint.Get(ctx, id)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("claim an endpoint: %w", err)
	}
	return row, nil
}

// release lets another process send to the endpoint, if it is still held.
func (a *Alerts) release(ctx context.Context, id string, held time.Time) error {
	return a.store.InTx(house(ctx), "leave an endpoint", func(ctx context.Context, tx *store.Tx) error {
		return tx.AlertEndpoint.Update().Where(alertendpoint.ID(id), alertendpoint.ClaimedUntil(held)).ClearClaimedUntil().Exec(ctx)
	})
}

// errMayNot says that whoever asked for mail may not see the alert any more.
var errMayNot = errors.New("the recipient may not see this alert any more")

// send tries once.
func (a *Alerts) send(ctx context.Context, to *ent.AlertEndpoint, d *ent.AlertDelivery) error {
	ctx = house(ctx)
	values := []vault.Sealed{{At: placeOf(alertendpoint.FieldAddress, to.ID), Data: to.Address}}
	if to.Channel == town.AlertByWebhook {
		values = append(values, vault.Sealed{At: placeOf(alertendpoint.FieldSecret, to.ID), Data: to.Secret})
	}
	opened, err := a.vault.OpenAll(ctx, values)
	if err != nil {
		return fmt.Errorf("open the address: %w", err)
	}
	if to.Channel == town.AlertByWebhook {
		return a.webhooks.Send(ctx, post.Message{ID: d.ID, URL: string(opened[0]), Secret: string(opened[1]), Body: []byte(d.Payload)})
	}
	if a.mail == nil {
		return errors.New("this house sends no mail")
	}
	row, err := a.store.Reader().Alert.Get(ctx, d.AlertID)
	if err != nil {
		return fmt.Errorf("read the alert of a letter: %w", err)
	}
	if !a.maySee(to.PersonID, eventOf(d.Fact, row, actor)) {
		return errMayNot
	}
	var m Message
	if err := json.Unmarshal([]byte(d.Payload), &m); err != nil {
		return fmt.Errorf("read a message: %w", err)
	}
	letter, err := a.letter(ctx, m)
	if err != nil {
		return err
	}
	letter.ID, letter.To = d.ID, string(opened[0])
	return a.mail.Send(ctx, letter)
}

// maxFault bounds what is kept of a fault, in characters.
const maxFault = 300

// note keeps what became of a try: sent, to be tried again, or dead.
func (a *Alerts) note(ctx context.Context, d *ent.AlertDelivery, failed error) error {
	return a.store.InTx(house(ctx), "note what became of a message", func(ctx context.Context, tx *store.Tx) error {
		update := tx.AlertDelivery.Update().Where(alertdelivery.ID(d.ID), alertdelivery.StateEQ(town.DeliveryPending)).AddVersion(1).AddAttempts(1)
		if failed == nil {
			return update.SetState(town.DeliverySent).SetSentAt(tx.Now).SetLastError("").Exec(ctx)
		}
		update.SetLastError(short(failed.Error()))
		pause, again := rule.Pause(d.Attempts+1, rand.Float64())
		if errors.Is(failed, errMayNot) || post.IsFinal(failed) {
			again = false
		}
		if !again {
			return update.SetState(town.DeliveryDead).Exec(ctx)
		}
		return update.SetNextAt(tx.Now.Add(pause)).Exec(ctx)
	})
}

func short(text string) string {
	if utf8.RuneCountInString(text) > maxFault {
		return string([]rune(text)[:maxFault])
	}
	return text
}
