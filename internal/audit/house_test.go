package audit_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/audit"
	"github.com/spazio-in-comune/sportello/internal/audit/chain"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/stream"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/internal/vault/vaulttest"
)

// house is a town hall that is audited.
type house struct {
	*store.Store
	audit  *audit.Audit
	vault  *vault.Vault
	stream *stream.Stream
	clock  *town.ManualClock
	heads  string
}

// each runs the test on every database, with the audit on or, for tampering, off.
func each(t *testing.T, audited bool, fn func(t *testing.T, h *house)) {
	t.Helper()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		fn(t, open(t, db, audited))
	})
}

func open(t testing.TB, db dbtest.DB, audited bool) *house {
	t.Helper()
	scribe, err := audit.NewScribe()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{clock: town.NewManualClock(time.Date(2026, 11, 23, 9, 30, 0, 123_000, time.UTC)), heads: filepath.Join(t.TempDir(), "heads.jsonl")}
	cfg := store.Config{DSN: db.DSN, Attach: access.Attach, Sign: access.Sign, Clock: h.clock}
	if db.Name == dbtest.SQLite {
		cfg.DSN, cfg.Dir = "", filepath.Dir(db.DSN)
	}
	if audited {
		cfg.Audit = scribe.Unit
	}
	if h.Store, err = store.Open(t.Context(), cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.Close() })
	h.vault = vaulttest.New(t, h.Store)
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	h.audit = audit.New(audit.Config{Store: h.Store, Scribe: scribe, Vault: h.vault, Logger: quiet, HeadsFile: h.heads})
	if h.stream, err = stream.New(t.Context(), stream.Config{Store: h.Store, Log: quiet, Replica: "test"}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { h.stream.Run(ctx); close(ended) }()
	t.Cleanup(func() { stop(); <-ended })
	return h
}

// linked waits until no entry waits for its place.
func (h *house) linked(t testing.TB) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		var n int
		if err := h.ReadDB().QueryRow("SELECT COUNT(*) FROM audit_entries WHERE seq IS NULL").Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
	t.Fatal("entries are not linked")
}

// appendEntries writes n entries of reads, two persons each, with gaps in time.
func (h *house) appendEntries(t testing.TB, n int) {
	t.Helper()
	for i := range n {
		h.clock.Advance(time.Duration(i%7) * 100 * time.Microsecond)
		err := h.InTx(t.Context(), "append", func(_ context.Context, tx *store.Tx) error {
			tx.Audit(chain.Entry{
				Kind: chain.Read, ActorKind: "person", ActorID: fmt.Sprintf("per_operator%d", i%3), Action: "case",
				Objects:  []chain.Object{{ID: fmt.Sprintf("case_%06d", i), Fields: []string{"answers"}}},
				Subjects: []string{fmt.Sprintf("per_citizen%d", i%5), fmt.Sprintf("per_citizen%d", i%5+1)},
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	h.linked(t)
}

func (h *house) exec(t interface{ Fatalf(string, ...any) }, statement string, args ...any) {
	err := h.InTx(context.Background(), "tamper", func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, statement, args...)
		return err
	})
	if err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
}

func (h *house) verify(t interface{ Fatalf(string, ...any) }, kept ...audit.KeptHead) *audit.Report {
	report, err := audit.Verify(context.Background(), audit.Verification{Store: h.Store, Signed: h.vault.VerifySignature, Kept: kept})
	if err != nil {
		t.Fatalf("verify: %v", err)
	}
	return report
}
