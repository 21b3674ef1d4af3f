package voice

import (
	"context"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/ent/feedback"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// What people wrote is sealed: a step of the ladder with the key of the citizen whom it
// is for, a comment with its author's. Who wished to stay unnamed is not named by a
// key either: then it is the town's.

func stepAt(column, id string) vault.Place {
	return vault.Place{Table: escalation.Table, Column: column, Row: id}
}

func commentAt(id string) vault.Place {
	return vault.Place{Table: feedback.Table, Column: feedback.FieldComment, Row: id}
}

// sealIn seals words of a step for its citizen.
func (v *Voice) sealIn(ctx context.Context, tx *store.Tx, e *ent.Escalation, column, words string) ([]byte, error) {
	return v.vault.SealText(ctx, tx, e.OnBehalfOf, stepAt(column, e.ID), words)
}

// saidIn are the citizen's words on a step, for the next one to bear.
func (v *Voice) saidIn(ctx context.Context, tx *store.Tx, e *ent.Escalation) (string, error) {
	return v.vault.TextIn(ctx, tx, stepAt(escalation.FieldText, e.ID), e.Text)
}
