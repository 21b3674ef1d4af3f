package casework

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/clockentry"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/clocks"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// The articles of notices that leave the term as it is.
const (
	articleStart       = "L. 241/1990 artt. 7 e 8"
	articleAttestation = "L. 241/1990 art. 20 c. 2-bis"
	articleMeasure     = "L. 241/1990 art. 2 c. 1"
)

// SendStartNotice tells the applicant that the case has begun, with all that art. 8 c. 2
// of L. 241/1990 asks for; it is refused while something of it is missing.
func (c *Cases) SendStartNotice(ctx context.Context, in CaseNoteInput) (*ent.CaseFile, error) {
	note, err := optional("note", in.Note)
	return c.act(ctx, deed{
		mutation: "sendStartNotice", action: town.ActionStartNotice, key: in.IdempotencyKey, input: in,
		caseID: in.CaseID, version: in.ExpectedVersion, check: err,
	}, func(ctx context.Context, h *hand) error {
		contents, err := h.startContents()
		if err != nil {
			return err
		}
		_, err = h.put(ctx, formal{
			kind: town.ActStartNotice, state: town.ActDone, article: articleStart, dueOn: h.file.DueOn, text: note,
			set: func(create *ent.CaseActCreate) { create.SetContents(contents) },
		})
		if err != nil {
			return err
		}
		return h.tell(ctx, town.EventCaseNotified, line{kind: "start_notice_sent", note: note}, nil)
	})
}

// The compulsory parts of a start notice, by code (art. 8 c. 2).
const (
	partAuthority   = "authority"     // a: the competent administration
	partSubject     = "subject"       // b: what it is about
	partOffice      = "office"        // c: office
	partResponsible = "responsible"   // c: and person responsible
	partDueOn       = "due_on"        // c-bis: by when it ends
	partRemedies    = "remedies"      // c-bis: what to do if it does not
	partRequestedOn = "requested_on"  // c-ter: the day of the request
	partFile        = "how_to_access" // d: where the file can be seen
)

// startContents are the parts of a start notice. All are taken from the case, so that
// they cannot say anything else; those that the case does not have are refused.
func (h *hand) startContents() (map[string]string, error) {
	contents := map[string]string{
		partAuthority: h.file.ServiceID, partSubject: h.file.PracticeID, partOffice: h.file.OfficeID,
		partResponsible: h.file.ResponsibleID, partRequestedOn: town.Today(h.file.FiledAt).String(),
		partRemedies: clocks.ArticleSubstitute, partFile: h.file.Protocol,
	}
	if h.file.DueOn.IsZero() {
		return nil, town.Errorf(town.PreconditionFailed,
			"The term is not running, so that the notice cannot say when the case ends (art. 8 c. 2 c-bis L. 241/1990).",
			"Il termine non sta decorrendo: la comunicazione non può indicare quando si conclude il procedimento (art. 8 c. 2 lett. c-bis L. 241/1990).")
	}
	contents[partDueOn] = h.file.DueOn.String()
	return contents, nil
}

// ServeRejectionNotice tells the applicant why refusal is likely, and gives them 10 days
// for observations (L. 241/1990 art. 10-bis), or until the next working day. A term that runs
// is suspended meanwhile; where none does, as after it has passed, the notice is served all
// the same. What was still asked of the applicant is no longer awaited.
func (c *Cases) ServeRejectionNotice(ctx context.Context, in CaseReasonInput) (*ent.CaseFile, error) {
	reason, err := words("reason", in.Reason, minReasons)
	return c.act(ctx, deed{
		mutation: "serveRejectionNotice", action: town.ActionRejectionNotice, key: in.IdempotencyKey, input: in,
		caseID: in.CaseID, version: in.ExpectedVersion, check: err,
	}, func(ctx context.Context, h *hand) error {
		today := town.Today(h.tx.Now)
		if err := lapse(ctx, h.tx, h.file.ID, town.ActIntegration); err != nil {
			return err
		}
		if err := c.resumeConclusion(ctx, h); err != nil {
			return err
		}
		id, err := h.put(ctx, formal{
			kind: town.ActRejectionNotice, state: town.ActOpen, article: clocks.ArticleNotice,
			dueOn: clocks.WindowEnd(today, c.town.Calendar), text: reason,
		})
		if err != nil {
			return err
		}
		// A refusal is announced in any case, whether or not there is a term left to suspend.
		moved, err := c.recordIfRuns(ctx, h, clocks.Entry{
			Effect: town.ClockSuspend, OnDay: today, Days: clocks.WindowDays, Ground: groundForewarned, Article: clocks.ArticleNotice,
		}, id)
		if err != nil {
			return err
		}
		next, flags := life.Next(town.ActionRejectionNotice, h.facts), withoutFlag(h.flags, flagIntegrationPending)
		if moved != nil {
			flags = withFlag(flags, flagSuspended)
		}
		err = h.change(ctx, next, func(u *ent.CaseFileUpdateOne) { u.SetFlags(flags) })
		if err != nil {
			return err
		}
		return h.tell(ctx, town.EventCaseForewarned, line{kind: "rejection_notice_served", to: next, note: reason, data: moved}, moved)
	})
}

// RecordObservations records what the applicant answers to a notice of refusal. Within
// the window the term goes on 10 days after; later ones are kept and read, and leave the
// term as it is.
func (c *Cases) RecordObservations(ctx context.Context, in CaseAnswerInput) (*ent.CaseFile, error) {
	text, err := words("text", in.Text, 1)
	return c.act(ctx, deed{
		mutation: "recordObservations", action: town.ActionObserve, key: in.IdempotencyKey, input: in,
		caseID: in.CaseID, version: in.ExpectedVersion, check: err,
	}, func(ctx context.Context, h *hand) error {
		notice := last(h.acts, town.ActRejectionNotice)
		on, err := h.happenedOn(in.ReceivedOn, notice.OnDay)
		if err != nil {
			return err
		}
		if err := h.answered(ctx, notice, on, text); err != nil {
			return err
		}
		next, flags := h.file.Phase, h.flags
		var moved map[string]string
		suspended, err := h.tx.ClockEntry.Query().Where(clockentry.DocumentID(notice.ID)).Exist(ctx)
		if err != nil {
			return fmt.Errorf("look whether the notice suspended a term: %w", err)
		}
		if suspended && !on.After(notice.DueOn) {
			moved, err = c.recordOnConclusion(ctx, h, clocks.Entry{
				Effect: town.ClockSuspend, OnDay: on, Days: clocks.WindowDays, Ground: groundObserved, Article: clocks.ArticleNotice,
			}, notice.ID)
			if err != nil {
				return err
			}
			if !on.AddDays(clocks.WindowDays).Before(town.Today(h.tx.Now)) { // the term stands still yet
				next, flags = town.PhaseRejectionNotice, withFlag(h.flags, flagSuspended)
			}
		}
		if err := h.change(ctx, next, func(u *ent.CaseFileUpdateOne) { u.SetFlags(flags) }); err != nil {
			return err
		}
		return h.tell(ctx, town.EventCaseObserved, line{kind: "observations_recorded", to: next, note: text, data: moved}, moved)
	})
}

// AttestSilence attests, for whoever asks for it, that the request was granted by
// silence, and since when (L. 241/1990 art. 20 c. 2-bis).
func (c *Cases) AttestSilence(ctx context.Context, in CaseNoteInput) (*ent.CaseFile, error) {
	note, err := optional("note", in.Note)
	return c.act(ctx, deed{
		mutation: "attestSilence", action: town.ActionAttest, key: in.IdempotencyKey, input: in,
		caseID: in.CaseID, version: in.ExpectedVersion, check: err,
	}, func(ctx context.Context, h *hand) error {
		contents := map[string]string{
			partAuthority: h.file.ServiceID, partSubject: h.file.PracticeID, partRequestedOn: town.Today(h.file.FiledAt).String(),
			partDueOn: h.file.DueOn.String(), partEffective: h.file.DueOn.AddDays(1).String(), partFile: h.file.Protocol,
		}
		_, err := h.put(ctx, formal{
			kind: town.ActAttestation, state: town.ActDone, article: articleAttestation, text: note,
			set: func(create *ent.CaseActCreate) { create.SetContents(contents) },
		})
		if err != nil {
			return err
		}
		return h.tell(ctx, town.EventCaseAttested, line{kind: "silence_attested", note: note}, nil)
	})
}

// partEffective is the day from which consent by silence has effect.
const partEffective = "effective_from"
