package papers

import (
	"context"
	"errors"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/documentupload"
	"github.com/spazio-in-comune/sportello/ent/documentversion"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/clocks/due"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// page is how many rows are looked at in one go.
const page = 100

// Run keeps the room tidy until the context ends, every minute: it asks the scanner about
// what waits for it, removes what did not come in in time, and takes out of the store what
// was erased.
func (p *Papers) Run(ctx context.Context) error {
	return due.Worker{
		Clock: p.store.Clock(), Logger: p.log, What: "documents", Handle: p.Sweep,
		Next: func(context.Context) (time.Time, error) { return time.Time{}, nil },
	}.Run(ctx)
}

// Sweep does once what [Papers.Run] does, and says how much there was to do.
func (p *Papers) Sweep(ctx context.Context) (int, error) {
	ctx = access.System(ctx, "documents.sweep")
	total := 0
	for _, work := range []func(context.Context) (int, error){p.scanWaiting, p.forgetLate, p.removeErased} {
		n, err := work(ctx)
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// scanWaiting asks the scanner about contents that wait for it, the oldest first. A
// scanner that is still away is asked again the next time.
func (p *Papers) scanWaiting(ctx context.Context) (int, error) {
	rows, err := p.store.Reader().DocumentVersion.Query().
		Where(documentversion.StateEQ(town.ContentQuarantined), documentversion.RemovedAtIsNil()).
		Order(ent.Asc(documentversion.FieldID)).Limit(page).All(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for documents that wait for the scanner: %w", err)
	}
	for n, row := range rows {
		err := p.rescan(ctx, row)
		if errors.Is(err, errGone) || errors.Is(err, vault.ErrErased) {
			continue
		}
		if err != nil {
			p.log.WarnContext(ctx, "documents wait for the scanner", "waiting", len(rows)-n, "error", err)
			return n, nil
		}
	}
	return len(rows), nil
}

// forgetLate removes files on their way that took too long, and the parts of those that
// were attached.
func (p *Papers) forgetLate(ctx context.Context) (int, error) {
	rows, err := p.store.Reader().DocumentUpload.Query().Where(documentupload.ExpiresAtLTE(p.store.Clock().Now())).
		Order(ent.Asc(documentupload.FieldExpiresAt)).Limit(page).All(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for documents that did not come in: %w", err)
	}
	for n, row := range rows {
		if err := p.forgetUpload(ctx, row); err != nil {
			return n, err
		}
	}
	return len(rows), nil
}

// removeErased takes out of the store what no key opens any more.
func (p *Papers) removeErased(ctx context.Context) (int, error) {
	rows, err := p.store.Reader().DocumentVersion.Query().Where(documentversion.RemovedAtIsNil(), keyless).
		Order(ent.Asc(documentversion.FieldID)).Limit(page).All(ctx)
	if err != nil {
		return 0, fmt.Errorf("look for erased documents: %w", err)
	}
	for n, row := range rows {
		if err := p.blobs.remove(ctx, row.Object); err != nil {
			return n, err
		}
		err := p.store.InTx(ctx, "take an erased document out of the store", func(ctx context.Context, tx *store.Tx) error {
			return tx.DocumentVersion.UpdateOneID(row.ID).SetRemovedAt(tx.Now).Exec(ctx)
		})
		if err != nil {
			return n, fmt.Errorf("take an erased document out of the store: %w", err)
		}
	}
	return len(rows), nil
}

// keyless holds for versions whose key was erased.
func keyless(s *sql.Selector) {
	s.Where(sql.ExprP("LENGTH(" + s.C(documentversion.FieldContentKey) + ") = 0"))
}
