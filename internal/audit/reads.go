package audit

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/audit/chain"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// Vault seals and opens reasons, and signs the heads of the chain.
type Vault interface {
	Seal(ctx context.Context, tx *store.Tx, subject string, at vault.Place, plain []byte) ([]byte, error)
	OpenAll(ctx context.Context, values []vault.Sealed) ([][]byte, error)
	Sign(data []byte) ([]byte, error)
	PublicKey() []byte
}

// Config says what an audit is made of.
type Config struct {
	Store  *store.Store
	Scribe *Scribe
	Vault  Vault
	Logger *slog.Logger
	// HeadsFile is the file to which signed heads are appended, so that a copy can be
	// kept elsewhere; empty appends to none.
	HeadsFile string
}

// Audit records what is read, signs the chain, and is read itself.
type Audit struct {
	store  *store.Store
	scribe *Scribe
	vault  Vault
	log    *slog.Logger
	file   string
}

// New makes the room, and gives its vault to the scribe.
func New(cfg Config) *Audit {
	cfg.Scribe.SealWith(cfg.Vault)
	return &Audit{store: cfg.Store, scribe: cfg.Scribe, vault: cfg.Vault, log: cfg.Logger, file: cfg.HeadsFile}
}

// Reads appends one entry with all personal data that were opened in the context since
// the last call, under the name of what was asked, and returns once it is durable.
// Without it the answer must not leave: the error is UNAVAILABLE, whatever it was.
func (a *Audit) Reads(ctx context.Context, action string) error {
	noted := access.TakeReads(ctx)
	if len(noted.Reads) == 0 {
		return nil
	}
	v := access.Asker(ctx)
	e := signed(v)
	e.Kind, e.Action = chain.Read, action
	for _, r := range noted.Reads {
		e.Objects = append(e.Objects, chain.Object{ID: r.Object, Fields: []string{r.Field}})
		e.Subjects = append(e.Subjects, r.Subject)
	}
	a.scribe.explain(&e, v, noted.Checks)
	err := a.store.InTx(ctx, "audit of reads", func(ctx context.Context, tx *store.Tx) error {
		entry := e
		if err := a.scribe.say(ctx, tx, &entry, noted.Reason); err != nil {
			return err
		}
		tx.Audit(entry)
		return nil
	})
	if err != nil {
		return errNotAudited(err)
	}
	return nil
}

func errNotAudited(err error) error {
	return &town.Error{
		Code: town.Unavailable, Message: "Personal data are shown only if that is recorded, which is not possible right now. Please try again shortly.",
		MessageIT: "I dati personali si mostrano solo registrandone l'accesso, che ora non è possibile. Riprovare tra poco.",
		Cause:     fmt.Errorf("audit of reads: %w", err),
	}
}
