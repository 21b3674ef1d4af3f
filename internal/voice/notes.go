package voice

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/office"
	"github.com/spazio-in-comune/sportello/ent/stepnote"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/internal/voice/ladder"
)

func noteAt(column, id string) vault.Place {
	return vault.Place{Table: stepnote.Table, Column: column, Row: id}
}

// RequestReport asks an office to report to the holder of a step: the office whose answer
// did not satisfy, or another. It moves no term.
func (v *Voice) RequestReport(ctx context.Context, in RequestReportInput) (Stepped, error) {
	if err := checkText("question", in.Question, maxText); err != nil {
		return Stepped{}, err
	}
	d := deed{mutation: "requestReport", action: ladder.AskReport, key: in.IdempotencyKey, input: in, id: in.EscalationID, version: in.ExpectedVersion}
	return v.act(ctx, d, func(ctx context.Context, h hand) error {
		asked, err := v.askedOffice(ctx, h, in.OfficeCode)
		if err != nil {
			return err
		}
		due, err := v.reportBy(h, in.DueOn)
		if err != nil {
			return err
		}
		row, err := v.note(ctx, h, town.NoteReport, asked, in.Question, due)
		if err != nil {
			return err
		}
		return applyWith(ctx, h.tx, change(h.tx, h.step), h.step.ID, town.EventEscalationAsked, h.viewer.ID, aboutReport(row))
	})
}

// GiveGuidance steers the office whose answer did not satisfy, from level 5. It decides
// nothing and changes no term; its head and its officers read it.
func (v *Voice) GiveGuidance(ctx context.Context, in GiveGuidanceInput) (Stepped, error) {
	if err := checkText("text", in.Text, maxText); err != nil {
		return Stepped{}, err
	}
	d := deed{mutation: "giveGuidance", action: ladder.Guide, key: in.IdempotencyKey, input: in, id: in.EscalationID, version: in.ExpectedVersion}
	return v.act(ctx, d, func(ctx context.Context, h hand) error {
		if _, err := v.note(ctx, h, town.NoteGuidance, concerned(h.step), in.Text, town.Date{}); err != nil {
			return err
		}
		return apply(ctx, h.tx, change(h.tx, h.step), h.step.ID, town.EventEscalationGuided, h.viewer.ID)
	})
}

// concerned is the office that answers for what did not satisfy.
func concerned(e *ent.Escalation) string { return ladder.Owner(town.StepSectorHead, e.OfficeID) }

func (v *Voice) askedOffice(ctx context.Context, h hand, code *string) (string, error) {
	if code == nil {
		return concerned(h.step), nil
	}
	here, err := h.tx.Office.Query().Where(office.ID(*code), office.External(false)).Exist(ctx)
	if err != nil {
		return "", fmt.Errorf("look for the office: %w", err)
	}
	if !here {
		return "", town.Errorf(town.Invalid, "There is no such office.", "L'ufficio non esiste.").At("input", "officeCode")
	}
	return *code, nil
}

// reportBy is the day by which the office reports: the usual term, or an earlier or later
// day that was asked for, but never one that has passed.
func (v *Voice) reportBy(h hand, asked *town.Date) (town.Date, error) {
	today := town.Today(h.tx.Now)
	if asked == nil {
		return v.terms.LastDay(h.step.Step, ladder.ToReport, today, v.calendar), nil
	}
	if asked.Before(today) {
		return town.Date{}, town.Errorf(town.Invalid, "This day has passed.", "Il giorno è già passato.").At("input", "dueOn")
	}
	return *asked, nil
}

// note stores a note on the step, sealed for its citizen.
func (v *Voice) note(ctx context.Context, h hand, kind town.NoteKind, to, words string, due town.Date) (*ent.StepNote, error) {
	id := town.NewID(town.PrefixStepNote, h.tx.Now)
	text, err := v.vault.SealText(ctx, h.tx, h.step.OnBehalfOf, noteAt(stepnote.FieldText, id), words)
	if err != nil {
		return nil, err
	}
	row, err := h.tx.StepNote.Create().SetID(id).SetKind(kind).SetEscalationID(h.step.ID).SetCaseID(h.step.CaseID).SetOfficeID(to).
		SetServiceID(h.step.ServiceID).SetConfidential(h.step.Confidential).SetText(text).SetAuthorID(h.viewer.ID).SetAt(h.tx.Now).SetDueOn(due).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("store a note on the step: %w", err)
	}
	return row, nil
}

// AnswerReport is what the office reports, once. Officers and heads of the office that was
// asked.
func (v *Voice) AnswerReport(ctx context.Context, in AnswerReportInput) (*ent.StepNote, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkText("answer", in.Answer, maxText); err != nil {
		return nil, err
	}
	once := store.Once{Actor: viewer.ID, For: viewer.OnBehalfOf(), Mutation: "answerReport", Key: in.IdempotencyKey, Input: in}
	_, _, err = v.store.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		return in.ReportID, v.answerReport(ctx, tx, viewer, in)
	})
	if err != nil {
		return nil, err
	}
	return v.Report(ctx, in.ReportID)
}

func (v *Voice) answerReport(ctx context.Context, tx *store.Tx, viewer *access.Viewer, in AnswerReportInput) error {
	row, err := tx.StepNote.Query().Where(stepnote.ID(in.ReportID), stepnote.KindEQ(town.NoteReport)).Only(ctx)
	if err != nil {
		return missing(err, "read the request")
	}
	if err := viewer.Require(access.EscalationReport, row.OfficeID); err != nil {
		return err
	}
	if row.Version != in.ExpectedVersion {
		return errStale()
	}
	if row.AnsweredAt != nil {
		return errReported()
	}
	e, err := tx.Escalation.Get(access.System(ctx, "the step of a report"), row.EscalationID)
	if err != nil {
		return fmt.Errorf("read the step of a report: %w", err)
	}
	answer, err := v.vault.SealText(ctx, tx, e.OnBehalfOf, noteAt(stepnote.FieldAnswer, row.ID), in.Answer)
	if err != nil {
		return err
	}
	n, err := tx.StepNote.Update().Where(stepnote.ID(row.ID), stepnote.Version(row.Version)).
		SetAnswer(answer).SetAnsweredBy(viewer.ID).SetAnsweredAt(tx.Now).AddVersion(1).Save(ctx)
	if err != nil {
		return fmt.Errorf("store the report: %w", err)
	}
	if n == 0 {
		return errStale()
	}
	tx.Emit(stepEvent(town.EventEscalationReport, e, viewer.ID, aboutReport(row)))
	return nil
}

// Report is a request that the viewer may see; NOT_FOUND otherwise.
func (v *Voice) Report(ctx context.Context, id string) (*ent.StepNote, error) {
	row, err := v.store.Reader().StepNote.Query().Where(stepnote.ID(id), stepnote.KindEQ(town.NoteReport)).Only(ctx)
	if err != nil {
		return nil, missing(err, "read the request")
	}
	return row, nil
}

// Reports are the requests that the viewer may see, newest first: what an office has to
// report, and what was asked about the steps that one sees.
func (v *Voice) Reports(ctx context.Context, args town.PageArgs, filter ReportFilter) (town.Page[*ent.StepNote], error) {
	spec, err := args.Spec(town.PrefixStepNote)
	if err != nil {
		return town.Page[*ent.StepNote]{}, err
	}
	query := v.store.Reader().StepNote.Query().Where(stepnote.KindEQ(town.NoteReport))
	if filter.OfficeCode != nil {
		query.Where(stepnote.OfficeID(*filter.OfficeCode))
	}
	switch {
	case filter.Open != nil && *filter.Open:
		query.Where(stepnote.AnsweredAtIsNil())
	case filter.Open != nil:
		query.Where(stepnote.AnsweredAtNotNil())
	}
	if spec.Below != "" {
		query.Where(stepnote.IDLT(spec.Below))
	}
	if spec.Above != "" {
		query.Where(stepnote.IDGT(spec.Above))
	}
	rows, err := query.Order(byID(spec)).Limit(spec.Size + 1).All(ctx)
	if err != nil {
		return town.Page[*ent.StepNote]{}, fmt.Errorf("list requests for reports: %w", err)
	}
	return town.CutPage(spec, rows), nil
}
