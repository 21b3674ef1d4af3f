package privacy

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// LegalHoldInput keeps a case, or lets it go again.
type LegalHoldInput struct {
	IdempotencyKey string
	CaseID         string
	// Reason is 10 to 500 characters: who asked for it, such as a court.
	Reason string
}

// PlaceLegalHold keeps a case from being erased, however long ago it closed. It needs
// case:hold in the case's office; a case that is held already is PRECONDITION_FAILED.
func (p *Privacy) PlaceLegalHold(ctx context.Context, in LegalHoldInput) (*ent.CaseFile, error) {
	return p.hold(ctx, "placeLegalHold", in, true)
}

// LiftLegalHold lets a case be erased again when its time has come.
func (p *Privacy) LiftLegalHold(ctx context.Context, in LegalHoldInput) (*ent.CaseFile, error) {
	return p.hold(ctx, "liftLegalHold", in, false)
}

func (p *Privacy) hold(ctx context.Context, mutation string, in LegalHoldInput, held bool) (*ent.CaseFile, error) {
	v, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	reason, err := checkReason(in.Reason)
	if err != nil {
		return nil, err
	}
	access.NoteReason(ctx, reason)
	id, _, err := p.store.Once(ctx, store.Once{Actor: v.ID, Mutation: mutation, Key: in.IdempotencyKey, Input: in},
		func(ctx context.Context, tx *store.Tx) (string, error) {
			file, err := tx.CaseFile.Get(ctx, in.CaseID)
			if ent.IsNotFound(err) {
				return "", town.ErrNotFound()
			}
			if err != nil {
				return "", fmt.Errorf("read the case: %w", err)
			}
			if err := v.Require(access.CaseHold, file.OfficeID); err != nil {
				return "", err
			}
			return file.ID, setHold(ctx, tx, v, file, held)
		})
	if err != nil {
		return nil, err
	}
	file, err := p.store.Reader().CaseFile.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, town.ErrNotFound()
	}
	return file, err
}

func setHold(ctx context.Context, tx *store.Tx, v *access.Viewer, file *ent.CaseFile, held bool) error {
	n, err := tx.CaseFile.Update().Where(casefile.ID(file.ID), casefile.LegalHold(!held)).
		SetLegalHold(held).AddVersion(1).SetUpdatedAt(tx.Now).Save(ctx)
	if err != nil {
		return fmt.Errorf("change the hold: %w", err)
	}
	if n == 0 {
		if held {
			return town.Errorf(town.PreconditionFailed, "This case is held already.", "La pratica è già trattenuta.")
		}
		return town.Errorf(town.PreconditionFailed, "This case is not held.", "La pratica non è trattenuta.")
	}
	kind := town.EventCaseHeld
	if !held {
		kind = town.EventCaseReleased
	}
	tx.Emit(town.Event{
		Type: kind, CaseID: file.ID, OfficeID: file.OfficeID, ServiceID: file.ServiceID,
		Confidential: file.Confidential, Actor: v.ID, OnBehalfOf: v.OnBehalfOf(),
	})
	return nil
}

// A reason is bounded in characters.
const minReason, maxReason = 10, 500

func checkReason(text string) (string, error) {
	text = strings.TrimSpace(text)
	if n := utf8.RuneCountInString(text); n < minReason || n > maxReason {
		return "", town.Errorf(town.Invalid, "Say why, in 10 to 500 characters.", "Indicare il motivo, da 10 a 500 caratteri.").At("input", "reason")
	}
	return text, nil
}
