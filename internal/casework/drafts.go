package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/intakedraft"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

const (
	// maxDrafts bounds the drafts of one account.
	maxDrafts = 20
	// maxDraft bounds the answers of a draft, in bytes.
	maxDraft = 64 << 10
)

// SaveIntakeDraftInput keeps a form that was begun.
type SaveIntakeDraftInput struct {
	town.Private

	IdempotencyKey string
	// DraftID names the draft to go on with; nil begins one.
	DraftID *string
	// ExpectedVersion is the one that was seen; nil where it does not matter.
	ExpectedVersion *int
	Practice        string
	Answers         json.RawMessage
	// DefinitionHash is the form that was filled; nil is the one offered now.
	DefinitionHash *string
	// ApplicantID is the citizen for whom an operator begins it.
	ApplicantID *string
}

// DeleteIntakeDraftInput names a draft that is not needed any more.
type DeleteIntakeDraftInput struct {
	IdempotencyKey string
	DraftID        string
}

// Draft is a form that was begun and not filed.
type Draft struct {
	town.Private

	ID                        string
	PracticeCode, ServiceCode string
	DefinitionHash            string
	Answers                   json.RawMessage
	CreatedAt, SavedAt        time.Time
	Version                   int
	// Current: the form is still the one that is offered.
	Current bool
	// Misfits are answers that the form offered now does not take.
	Misfits []town.FieldProblemRecord
}

func draftAt(id string) vault.Place {
	return vault.Place{Table: intakedraft.Table, Column: intakedraft.FieldAnswers, Row: id}
}

// SaveIntakeDraft keeps a form as far as it is filled: nothing in it is checked, nothing is
// decided. It is the person's, or that of the citizen for whom an operator begins it, and
// waits until it is filed, deleted, or a year has passed.
//
// Errors: UNAUTHENTICATED; FORBIDDEN for who may not file; user errors for an unknown
// practice or form, a draft that is not there, CONFLICT for one that changed meanwhile.
func (c *Cases) SaveIntakeDraft(ctx context.Context, in SaveIntakeDraftInput) (*Draft, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	d, err := c.checkDraft(ctx, v, in)
	if err != nil {
		return nil, err
	}
	once := store.Once{Actor: v.ID, For: v.OnBehalfOf(), Mutation: "saveIntakeDraft", Key: in.IdempotencyKey, Input: in}
	id, _, err := c.store.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		if in.DraftID == nil {
			return c.beginDraft(ctx, tx, v, d)
		}
		return *in.DraftID, c.keepDraft(ctx, tx, d, in)
	})
	if err != nil {
		return nil, err
	}
	row, err := c.store.Reader().IntakeDraft.Get(ctx, id)
	if ent.IsNotFound(err) { // deleted since, by who repeats an old request
		return nil, errNoDraft()
	}
	if err != nil {
		return nil, fmt.Errorf("read the draft: %w", err)
	}
	drafts, err := c.openDrafts(ctx, []*ent.IntakeDraft{row})
	if err != nil {
		return nil, err
	}
	return drafts[0], nil
}

// checkedDraft is what is kept, once it is clear that it may be.
type checkedDraft struct {
	town.Private

	offer   Offer
	account string
	answers []byte
}

func (c *Cases) checkDraft(ctx context.Context, v *access.Viewer, in SaveIntakeDraftInput) (*checkedDraft, error) {
	staff := v.Allow(access.CaseFileFor, "")
	if !staff {
		if err := v.Require(access.CaseFileOwn, ""); err != nil {
			return nil, err
		}
	}
	d := &checkedDraft{account: v.Account()}
	var err error
	if d.offer, err = c.offered(ctx, in.Practice, in.DefinitionHash); err != nil {
		return nil, err
	}
	if err := v.RequireCovered(d.offer.ServiceID()); err != nil {
		return nil, err
	}
	answers, err := readAnswers(in.Answers)
	if err != nil {
		return nil, err
	}
	if d.answers, err = json.Marshal(answers); err != nil {
		return nil, fmt.Errorf("write the answers of a draft: %w", err)
	}
	if len(d.answers) > maxDraft {
		return nil, town.Errorf(town.Invalid, "A draft has at most 64 KiB of answers.", "Una bozza ha al massimo 64 KiB di risposte.").At("input", "answers")
	}
	if in.ApplicantID != nil {
		d.account, err = c.draftFor(ctx, staff, *in.ApplicantID)
	}
	return d, err
}

// draftFor is the citizen for whom an operator begins a draft.
func (c *Cases) draftFor(ctx context.Context, staff bool, personID string) (string, error) {
	if !staff {
		return "", errOtherApplicant()
	}
	row, err := c.store.Reader().Person.Get(ctx, personID)
	if ent.IsNotFound(err) || err == nil && row.Kind != town.PersonCitizen {
		return "", town.Errorf(town.Invalid, "There is no such citizen.", "Il cittadino non esiste.").At("input", "applicantId")
	}
	if err != nil {
		return "", fmt.Errorf("read the citizen: %w", err)
	}
	return row.ID, nil
}

func (c *Cases) beginDraft(ctx context.Context, tx *store.Tx, v *access.Viewer, d *checkedDraft) (string, error) {
	n, err := tx.IntakeDraft.Query().Where(intakedraft.Or(intakedraft.AccountID(d.account), intakedraft.PersonID(v.ID))).
		Count(access.System(ctx, "count drafts"))
	if err != nil {
		return "", fmt.Errorf("count the drafts: %w", err)
	}
	if n >= maxDrafts {
		return "", town.Errorf(town.PreconditionFailed, "There are 20 drafts already: file or delete one first.",
			"Ci sono già 20 bozze: prima presentarne o eliminarne una.")
	}
	id := town.NewID(town.PrefixDraft, tx.Now)
	sealed, err := c.vault.Seal(ctx, tx, d.account, draftAt(id), d.answers)
	if err != nil {
		return "", err
	}
	err = tx.IntakeDraft.Create().SetID(id).SetPersonID(v.ID).SetOnBehalfOf(v.OnBehalfOf()).SetAccountID(d.account).
		SetServiceID(d.offer.ServiceID()).SetPracticeID(d.offer.Practice.Definition().ID).SetDefinitionHash(d.offer.Hash).
		SetAnswers(sealed).SetCreatedAt(tx.Now).SetUpdatedAt(tx.Now).Exec(ctx)
	if err != nil {
		return "", fmt.Errorf("keep the draft: %w", err)
	}
	return id, nil
}

func (c *Cases) keepDraft(ctx context.Context, tx *store.Tx, d *checkedDraft, in SaveIntakeDraftInput) error {
	row, err := tx.IntakeDraft.Get(ctx, *in.DraftID)
	if ent.IsNotFound(err) || err == nil && row.PracticeID != d.offer.Practice.Definition().ID {
		return errNoDraft()
	}
	if err != nil {
		return fmt.Errorf("read the draft: %w", err)
	}
	if in.ExpectedVersion != nil && *in.ExpectedVersion != row.Version {
		return town.Errorf(town.Conflict, "This draft was changed elsewhere. Read it again.", "La bozza è stata modificata altrove. Rileggerla.").At("input", "expectedVersion")
	}
	sealed, err := c.vault.Seal(ctx, tx, row.AccountID, draftAt(row.ID), d.answers)
	if err != nil {
		return err
	}
	n, err := tx.IntakeDraft.Update().Where(intakedraft.ID(row.ID), intakedraft.Version(row.Version)).
		SetAnswers(sealed).SetDefinitionHash(d.offer.Hash).SetUpdatedAt(tx.Now).AddVersion(1).Save(ctx)
	if err != nil {
		return fmt.Errorf("keep the draft: %w", err)
	}
	if n == 0 {
		return town.Errorf(town.Conflict, "This draft was changed elsewhere. Read it again.", "La bozza è stata modificata altrove. Rileggerla.").At("input", "draftId")
	}
	return nil
}

// DeleteIntakeDraft forgets a draft. One that is gone already is no error.
func (c *Cases) DeleteIntakeDraft(ctx context.Context, in DeleteIntakeDraftInput) error {
	v, err := access.From(ctx)
	if err != nil {
		return err
	}
	once := store.Once{Actor: v.ID, For: v.OnBehalfOf(), Mutation: "deleteIntakeDraft", Key: in.IdempotencyKey, Input: in}
	_, _, err = c.store.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		err := useDraft(ctx, tx, in.DraftID)
		if town.CodeOf(err) == town.Invalid && err != nil {
			return "", nil
		}
		return in.DraftID, err
	})
	return err
}

// useDraft deletes a draft that whoever asks may see: it has become a request, or will not.
func useDraft(ctx context.Context, tx *store.Tx, id string) error {
	row, err := tx.IntakeDraft.Get(ctx, id)
	if ent.IsNotFound(err) {
		return errNoDraft()
	}
	if err != nil {
		return fmt.Errorf("read the draft: %w", err)
	}
	if _, err := tx.IntakeDraft.Delete().Where(intakedraft.ID(row.ID)).Exec(ctx); err != nil {
		return fmt.Errorf("forget the draft: %w", err)
	}
	return nil
}

func errNoDraft() *town.Error {
	return town.Errorf(town.Invalid, "There is no such draft of this practice.", "Non esiste questa bozza per la pratica.").At("input", "draftId")
}

// MyDrafts are the drafts of whoever asks, or of the person for whom they act, and those
// that they began for others; the one saved last first.
func (c *Cases) MyDrafts(ctx context.Context) ([]*Draft, error) {
	if _, err := access.From(ctx); err != nil {
		return nil, err
	}
	rows, err := c.store.Reader().IntakeDraft.Query().
		Order(ent.Desc(intakedraft.FieldUpdatedAt), ent.Desc(intakedraft.FieldID)).Limit(town.MaxPageSize).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the drafts: %w", err)
	}
	return c.openDrafts(ctx, rows)
}

func (c *Cases) openDrafts(ctx context.Context, rows []*ent.IntakeDraft) ([]*Draft, error) {
	values := make([]vault.Sealed, len(rows))
	for i, row := range rows {
		values[i] = vault.Sealed{At: draftAt(row.ID), Data: row.Answers}
	}
	opened, err := c.vault.OpenAll(ctx, values)
	if err != nil {
		return nil, err
	}
	drafts := make([]*Draft, 0, len(rows))
	for i, row := range rows {
		if opened[i] == nil {
			continue
		}
		d := &Draft{
			ID: row.ID, PracticeCode: row.PracticeID, ServiceCode: row.ServiceID, DefinitionHash: row.DefinitionHash,
			Answers: opened[i], CreatedAt: row.CreatedAt, SavedAt: row.UpdatedAt, Version: row.Version,
		}
		if err := c.compareForms(d); err != nil {
			return nil, err
		}
		drafts = append(drafts, d)
	}
	return drafts, nil
}

// What a form that changed meanwhile no longer takes.
const (
	misfitGone     = "gone"     // the question is not asked any more
	misfitPractice = "practice" // the practice is not offered any more
	codeRequired   = "required" // of a form: not filled yet, which a draft may be
)

// compareForms says what of a draft the form offered now does not take.
func (c *Cases) compareForms(d *Draft) error {
	offer, ok := c.departments.Practice(d.PracticeCode)
	if !ok {
		d.Misfits = []town.FieldProblemRecord{{Code: misfitPractice}}
		return nil
	}
	if d.Current = offer.Hash == d.DefinitionHash; d.Current {
		return nil
	}
	answers, err := readAnswers(d.Answers)
	if err != nil {
		return err
	}
	asked := known(offer, answers)
	for _, name := range slices.Sorted(maps.Keys(answers)) {
		if _, ok := asked[name]; !ok {
			d.Misfits = append(d.Misfits, town.FieldProblemRecord{Path: name, Code: misfitGone})
		}
	}
	_, problems := offer.Practice.Check(asked, c.facts(offer.ServiceID(), c.store.Clock().Now()))
	for _, p := range problems {
		if p.Code != codeRequired {
			d.Misfits = append(d.Misfits, town.FieldProblemRecord{Path: p.Path, Code: p.Code})
		}
	}
	return nil
}
