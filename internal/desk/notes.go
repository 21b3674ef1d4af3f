package desk

import (
	"context"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

func noteAt(legID string) vault.Place {
	return vault.Place{Table: leg.Table, Column: leg.FieldNote, Row: legID}
}

// sealNote seals why a leg was parked, transferred or cancelled, with the key of who is
// there, where known.
func (d *Desk) sealNote(m *moving, note string) ([]byte, error) {
	return d.vault.SealText(m.ctx, m.tx, m.visit.PersonID, noteAt(m.leg.ID), note)
}

// Notes say, to staff alone, why those of the legs that have a note were parked,
// transferred or cancelled.
func (d *Desk) Notes(ctx context.Context, legs []*ent.Leg) (map[*ent.Leg]*string, error) {
	if !access.IsStaff(ctx) {
		return nil, nil
	}
	return vault.Texts(ctx, d.vault, legs, func(l *ent.Leg) vault.Sealed {
		return vault.Sealed{At: noteAt(l.ID), Data: l.Note}
	})
}
