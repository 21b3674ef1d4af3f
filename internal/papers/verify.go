package papers

import (
	"context"
	"errors"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/documentversion"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// VerifyAll opens the content of every version of a document, tells of each that is not
// what came in, and gives how many there were. What was erased is left out.
func (p *Papers) VerifyAll(ctx context.Context, tell func(versionID, what string)) (int, error) {
	ctx = access.System(ctx, "verify documents")
	total, last := 0, ""
	for {
		rows, err := p.store.Reader().DocumentVersion.Query().Where(documentversion.IDGT(last), documentversion.RemovedAtIsNil()).
			Order(ent.Asc(documentversion.FieldID)).Limit(page).All(ctx)
		if err != nil {
			return total, fmt.Errorf("read the versions of documents: %w", err)
		}
		if len(rows) == 0 {
			return total, nil
		}
		for _, row := range rows {
			_, err := p.content(ctx, row)
			if err == nil {
				total++
			} else if !errors.Is(err, errGone) && !errors.Is(err, vault.ErrErased) {
				total++
				tell(row.ID, err.Error())
			}
		}
		last = rows[len(rows)-1].ID
	}
}
