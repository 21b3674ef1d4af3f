package casework

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseentry"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// eventOf is a fact about a case, for its office and its applicant; data may be nil.
func eventOf(fact town.EventType, file *ent.CaseFile, actor string, data map[string]string) town.Event {
	e := town.Event{
		Type: fact, OfficeID: file.OfficeID, ServiceID: file.ServiceID, CaseID: file.ID,
		VisitID: file.VisitID, LegID: file.LegID, IntakeID: file.IntakeID,
		Confidential: file.Confidential, Actor: actor, Data: with(data, town.DataPractice, file.PracticeID),
	}
	if file.ApplicantID != "" {
		e.Parties = []string{file.ApplicantID}
	}
	return e
}

// concluding adds to the data of an event that ends a case how long it took and whether
// its term was kept, as of the day on which it ended. Data of other events stays as it is,
// and a review of a case that ended before ends it no second time.
func concluding(data map[string]string, file *ent.CaseFile, to town.Phase, day town.Date) map[string]string {
	if !life.Open(file.Phase) || life.Open(to) || slices.Contains(file.Flags, flagReopened) {
		return data
	}
	days := max(0, town.Today(file.FiledAt).DaysUntil(day))
	data = with(data, town.DataConcludedDays, strconv.Itoa(days))
	if !file.DueOn.IsZero() {
		data = with(data, town.DataTermKept, strconv.FormatBool(!day.After(file.DueOn)))
	}
	return data
}

// line is one line of a case's history.
type line struct {
	town.Private

	kind     string
	actor    string
	behalf   string // for whom the actor acted, where the context does not tell
	from, to town.Phase
	internal bool
	note     string
	data     map[string]string
}

// addLine appends to the history of a case that the unit holds: it must have
// changed the case's row before.
func (c *Cases) addLine(ctx context.Context, tx *store.Tx, file *ent.CaseFile, l line) error {
	last, err := tx.CaseEntry.Query().Where(caseentry.CaseID(file.ID)).
		Order(ent.Desc(caseentry.FieldOrdinal)).First(access.System(ctx, "the order of a history"))
	if err != nil && !ent.IsNotFound(err) {
		return fmt.Errorf("read the history: %w", err)
	}
	ordinal := 1
	if last != nil {
		ordinal = last.Ordinal + 1
	}
	return c.writeLines(ctx, tx, file, ordinal, l)
}

func (c *Cases) writeLines(ctx context.Context, tx *store.Tx, file *ent.CaseFile, ordinal int, lines ...line) error {
	rows := make([]*ent.CaseEntryCreate, len(lines))
	for i, l := range lines {
		id := town.NewID(town.PrefixEntry, tx.Now)
		note, err := c.vault.SealText(ctx, tx, file.ApplicantID, noteAt(id), l.note)
		if err != nil {
			return err
		}
		rows[i] = tx.CaseEntry.Create().SetID(id).SetCaseID(file.ID).
			SetOrdinal(ordinal + i).SetAt(tx.Now).SetKind(l.kind).SetActorID(l.actor).SetOnBehalfOf(l.behalf).
			SetFromPhase(l.from).SetToPhase(l.to).SetInternal(l.internal).SetNote(note)
		if len(l.data) > 0 {
			rows[i].SetData(l.data)
		}
	}
	if err := tx.CaseEntry.CreateBulk(rows...).Exec(ctx); err != nil {
		return fmt.Errorf("write the history: %w", err)
	}
	return nil
}

// newDocument is a paper that a case needs.
func newDocument(tx *store.Tx, caseID string, ordinal int, d sdk.Document, extra bool) *ent.CaseDocumentCreate {
	return tx.CaseDocument.Create().SetID(town.NewID(town.PrefixDocument, tx.Now)).SetCaseID(caseID).
		SetOrdinal(ordinal).SetDocumentID(d.ID).SetLabelIt(d.Label.IT).SetLabelEn(d.Label.EN).
		SetState(town.DocumentRequired).SetExtra(extra)
}
