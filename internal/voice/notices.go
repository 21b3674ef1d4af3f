package voice

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"
	"unicode/utf8"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/citizennotice"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/clocks/due"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/voice/ladder"
)

// Letter is one mail to a citizen.
type Letter struct {
	town.Private

	// ID is the same at each try: mailboxes leave a repeat out by it.
	ID string
	// To is one mailbox.
	To            string
	Subject, Text string
}

// Mailer sends letters. Pause is how long to wait after so many tries that failed, from 1,
// and false once no try is left.
type Mailer interface {
	Send(ctx context.Context, l Letter) error
	Pause(tries int, chance float64) (time.Duration, bool)
}

// NoticeGroups are the first words of the events that [Voice.Notice] wants.
func NoticeGroups() []string { return []string{"escalation"} }

// Notice writes the message that a fact about a step asks for, where its citizen chose to
// be told by mail. It holds ids only; the words are made when it is sent.
func (v *Voice) Notice(ctx context.Context, tx *store.Tx, e town.Event) error {
	if !isNews(e) || len(e.Parties) == 0 {
		return nil
	}
	person := e.Parties[0]
	choice, err := tx.ContactChoice.Get(ctx, person)
	if ent.IsNotFound(err) || err == nil && (choice.Channel != town.ContactEmail || choice.UpdatedAt.After(e.At)) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read how somebody is told: %w", err)
	}
	err = tx.CitizenNotice.Create().SetID(town.NewID(town.PrefixNotice, tx.Now)).SetPersonID(person).SetEscalationID(e.EscalationID).
		SetEventID(e.ID).SetFact(e.Type).SetState(town.DeliveryPending).SetNextAt(tx.Now).SetCreatedAt(tx.Now).Exec(ctx)
	if err != nil {
		return fmt.Errorf("write a message to a citizen: %w", err)
	}
	return nil
}

// isNews reports whether a citizen is told of the fact: who has their step now, that it
// was taken, that it was answered, and that the last term passed without an answer.
func isNews(e town.Event) bool {
	switch e.Type {
	case town.EventEscalationRaised, town.EventEscalationTaken, town.EventEscalationAnswer:
		return true
	case town.EventEscalationClosed:
		return e.Data[town.DataState] == string(town.EscalationLapsed) && e.Data[town.DataStep] == string(town.StepMayor)
	default:
		return false
	}
}

const (
	// lookForNotices is how often messages are looked for.
	lookForNotices = time.Second
	// claimFor is for how long whoever claims a message alone sends it; well above sendFor.
	claimFor = time.Minute
	sendFor  = 20 * time.Second
	// noticeBatch is how many are looked up at once.
	noticeBatch = 50
	// maxFault bounds what is kept of a fault, in characters.
	maxFault = 300
)

// RunNotices sends messages until the context ends: each at least once, with the same id
// at every try, by one process at a time.
func (v *Voice) RunNotices(ctx context.Context, logger *slog.Logger) error {
	if v.mail == nil {
		return nil
	}
	for ctx.Err() == nil {
		n, err := v.SendNotices(ctx)
		if err != nil && ctx.Err() == nil {
			logger.WarnContext(ctx, "messages to citizens wait", "error", err)
		}
		if n < noticeBatch {
			due.Pause(ctx, lookForNotices)
		}
	}
	return ctx.Err()
}

// SendNotices sends what is due now, and says how many it tried.
func (v *Voice) SendNotices(ctx context.Context) (int, error) {
	ctx = access.System(ctx, "messages to citizens")
	rows, err := v.store.Reader().CitizenNotice.Query().
		Where(citizennotice.StateEQ(town.DeliveryPending), citizennotice.NextAtLTE(v.store.Clock().Now())).
		Order(ent.Asc(citizennotice.FieldNextAt)).Limit(noticeBatch).All(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for messages to citizens: %w", err)
	}
	tried := 0
	var faults []error
	for _, row := range rows {
		won, err := v.claim(ctx, row)
		if won && err == nil {
			tried++
			err = v.sendNotice(ctx, row)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("message %s: %w", row.ID, err))
		}
	}
	return tried, errors.Join(faults...)
}

// claim keeps others from sending the message for a while.
func (v *Voice) claim(ctx context.Context, row *ent.CitizenNotice) (won bool, err error) {
	err = v.store.InTx(ctx, "claim a message to a citizen", func(ctx context.Context, tx *store.Tx) error {
		n, err := tx.CitizenNotice.Update().
			Where(citizennotice.ID(row.ID), citizennotice.StateEQ(town.DeliveryPending), citizennotice.NextAt(row.NextAt)).
			SetNextAt(tx.Now.Add(claimFor)).Save(ctx)
		won = n == 1
		return err
	})
	return won, err
}

// errNoMailbox says that the citizen does not wish to be told by mail any more, or was
// erased.
var errNoMailbox = errors.New("the citizen has no mailbox here any more")

// sendNotice tries once, and keeps what became of it.
func (v *Voice) sendNotice(ctx context.Context, row *ent.CitizenNotice) error {
	try, cancel := context.WithTimeout(ctx, sendFor)
	defer cancel()
	letter, failed := v.letter(try, row)
	if failed == nil {
		failed = v.mail.Send(try, letter)
	}
	if ctx.Err() != nil { // stopping: whoever comes next sends it again
		return nil
	}
	return v.store.InTx(ctx, "note what became of a message", func(ctx context.Context, tx *store.Tx) error {
		update := tx.CitizenNotice.Update().Where(citizennotice.ID(row.ID), citizennotice.StateEQ(town.DeliveryPending)).AddAttempts(1)
		if failed == nil {
			return update.SetState(town.DeliverySent).SetSentAt(tx.Now).SetLastError("").Exec(ctx)
		}
		update.SetLastError(short(failed.Error()))
		pause, again := v.mail.Pause(row.Attempts+1, rand.Float64())
		if !again || errors.Is(failed, errNoMailbox) {
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

// letter says what happened, with the reference and nothing else of the person: who reads
// the mailbox may be somebody else.
func (v *Voice) letter(ctx context.Context, row *ent.CitizenNotice) (Letter, error) {
	choice, err := v.store.Reader().ContactChoice.Get(ctx, row.PersonID)
	if ent.IsNotFound(err) || err == nil && choice.Channel != town.ContactEmail {
		return Letter{}, errNoMailbox
	}
	if err != nil {
		return Letter{}, fmt.Errorf("read how somebody is told: %w", err)
	}
	address, err := v.addressOf(ctx, choice)
	if err != nil {
		return Letter{}, err
	}
	if given(address) == "" {
		return Letter{}, errNoMailbox
	}
	e, err := v.store.Reader().Escalation.Get(ctx, row.EscalationID)
	if err != nil {
		return Letter{}, fmt.Errorf("read the step of a message: %w", err)
	}
	refs, err := v.CaseRefsOfEscalations(ctx, []string{e.ID})
	if err != nil {
		return Letter{}, err
	}
	reference := e.LadderID
	if ref, ok := refs[e.ID]; ok && !e.Confidential {
		reference = ref.Protocol
	}
	words := ladder.News(row.Fact)
	return Letter{
		ID: row.ID, To: *address,
		Subject: words.IT + " · " + words.EN,
		Text: fmt.Sprintf("%s.\nRiferimento: %s\nPer leggere tutto acceda alla sua area personale.\n\n— English —\n\n%s.\nReference: %s\nSign in to your personal area to read all of it.\n",
			words.IT, reference, words.EN, reference),
	}, nil
}
