package audit

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/auditentry"
	"github.com/spazio-in-comune/sportello/ent/audithead"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/audit/chain"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// A head is signed after so much real time, or so many entries, whichever comes first.
const (
	headEvery   = time.Hour
	headEntries = 10_000
	// headLook is how often it is asked whether one is due.
	headLook = time.Second
)

// Heads signs the end of the chain whenever it is due, until the context ends, while
// leads says that this process is the one that links.
func (a *Audit) Heads(ctx context.Context, leads func() bool) {
	tick := time.NewTicker(headLook)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if !leads() {
			continue
		}
		if err := a.signIfDue(ctx); err != nil && ctx.Err() == nil {
			a.log.WarnContext(ctx, "the audit's chain could not be signed; it is tried again", "error", err)
		}
	}
}

func (a *Audit) signIfDue(ctx context.Context) error {
	ctx = access.System(ctx, "audit.heads")
	before, err := a.lastHead(ctx)
	if err != nil {
		return err
	}
	last, err := a.store.Reader().Sequencer.Get(ctx, store.AuditSequencer)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read how long the audit is: %w", err)
	}
	grown := last.Last - before.Seq
	if grown <= 0 || grown < headEntries && time.Since(before.At) < headEvery {
		return nil
	}
	return a.Sign(ctx)
}

// Sign signs the end of the chain now, unless it is signed already.
func (a *Audit) Sign(ctx context.Context) error {
	ctx = access.System(ctx, "audit.heads")
	last, err := a.store.Reader().AuditEntry.Query().Where(auditentry.SeqNotNil()).Order(ent.Desc(auditentry.FieldSeq)).First(ctx)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find the end of the audit: %w", err)
	}
	before, err := a.lastHead(ctx)
	if err != nil || before.Seq >= *last.Seq {
		return err
	}
	if last.Hash == nil || len(*last.Hash) != len(chain.Hash{}) {
		return fmt.Errorf("the last entry of the audit, %d, has no hash", *last.Seq)
	}
	head := chain.Head{Seq: *last.Seq, Hash: chain.Hash(*last.Hash), At: town.Stamp(time.Now())}
	signature, err := a.vault.Sign(head.Message())
	if err != nil {
		return fmt.Errorf("sign the end of the audit: %w", err)
	}
	return a.keep(ctx, head, signature)
}

// keep stores a head, tells the log, and appends it to the file. That another process
// was quicker is no harm.
func (a *Audit) keep(ctx context.Context, head chain.Head, signature []byte) error {
	err := a.store.InTx(ctx, "sign the audit", func(ctx context.Context, tx *store.Tx) error {
		return tx.AuditHead.Create().SetID(head.Seq).SetHash(head.Hash[:]).SetAt(head.At).SetSignature(signature).Exec(ctx)
	})
	if ent.IsConstraintError(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("keep the signed head: %w", err)
	}
	a.log.InfoContext(ctx, "the audit is signed", "seq", head.Seq, "hash", hex.EncodeToString(head.Hash[:]), "signature", base64.StdEncoding.EncodeToString(signature))
	if a.file == "" {
		return nil
	}
	return appendHead(a.file, KeptHead{Seq: head.Seq, Hash: head.Hash[:], At: head.At, Signature: signature})
}

// lastHead is the newest signed head; zero if there is none.
func (a *Audit) lastHead(ctx context.Context) (chain.Head, error) {
	row, err := a.store.Reader().AuditHead.Query().Order(ent.Desc(audithead.FieldID)).First(ctx)
	if ent.IsNotFound(err) {
		return chain.Head{}, nil
	}
	if err != nil {
		return chain.Head{}, fmt.Errorf("read the last signed head: %w", err)
	}
	return chain.Head{Seq: row.ID, At: row.At}, nil
}

// KeptHead is a signed head as a line of the file of heads.
type KeptHead struct {
	Seq       int64     `json:"seq"`
	Hash      hexBytes  `json:"hash"`
	At        time.Time `json:"at"`
	Signature []byte    `json:"signature"`
}

// hexBytes are written as hexadecimal digits.
type hexBytes []byte

// MarshalText implements encoding.TextMarshaler.
func (h hexBytes) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *hexBytes) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

// appendHead adds a line to the file of heads.
func appendHead(path string, head KeptHead) error {
	line, err := json.Marshal(head)
	if err != nil {
		return fmt.Errorf("write the signed head: %w", err)
	}
	file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open the file of heads: %w", err)
	}
	_, err = file.Write(append(line, '\n'))
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return fmt.Errorf("append the signed head: %w", err)
	}
	return nil
}
