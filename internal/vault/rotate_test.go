package vault_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// load reads and writes like a busy house until it is stopped, and counts what it did.
type load struct {
	store         *store.Store
	vault         *vault.Vault
	mu            sync.Mutex
	kept          []vault.Sealed
	n             atomic.Int64
	reads, writes atomic.Int64
}

// write seals for somebody new, as who files for the first time.
func (l *load) write() error {
	n := l.n.Add(1)
	at, subject := answersOf(fmt.Sprintf("case_%d", n)), fmt.Sprintf("per_%d", n)
	sealed, err := trySeal(l.store, l.vault, subject, at, at.Row)
	if err != nil {
		return fmt.Errorf("write %d: %w", n, err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept = append(l.kept, vault.Sealed{At: at, Data: sealed})
	l.writes.Add(1)
	return nil
}

// read opens what was written first, last and in between. A vault of its own has no
// key in memory.
func (l *load) read(v *vault.Vault) error {
	l.mu.Lock()
	some := []vault.Sealed{l.kept[0], l.kept[len(l.kept)/2], l.kept[len(l.kept)-1]}
	l.mu.Unlock()
	opened, err := v.OpenAll(house(), some)
	if err != nil {
		return fmt.Errorf("read: %w", err)
	}
	for i, value := range some {
		if string(opened[i]) != value.At.Row {
			return fmt.Errorf("%s opens as %q", value.At.Row, opened[i])
		}
	}
	l.reads.Add(1)
	return nil
}

// TestRotationUnderLoad: a second program rotates while a house with a key file reads
// and writes. No read and no write fails, and the old key is needed no more.
func TestRotationUnderLoad(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		path := filepath.Join(t.TempDir(), "keys", "kek.json")
		s := openStore(t, db)
		v, err := vault.New(house(), s, vault.NewKeyFile(path))
		must(t, err)
		l := &load{store: s, vault: v}
		for range 500 {
			must(t, l.write())
		}
		second := beside(t, db)
		stop, failed := make(chan struct{}), make(chan error, 8)
		var busy sync.WaitGroup
		run := func(work func() error) {
			busy.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					if err := work(); err != nil {
						failed <- err
						return
					}
				}
			})
		}
		for range 2 {
			run(l.write)
			run(func() error { return l.read(v) })
		}
		run(func() error { // a program that has just started
			fresh, err := vault.New(house(), s, vault.NewKeyFile(path))
			if err != nil {
				return err
			}
			return l.read(fresh)
		})
		for range 3 {
			rotator, err := vault.Existing(house(), second, vault.NewKeyFile(path))
			must(t, err)
			must(t, rotator.Rotate(house(), vault.Rotation{}))
		}
		close(stop)
		busy.Wait()
		select {
		case err := <-failed:
			t.Fatal(err)
		default:
		}
		if l.reads.Load() < 20 || l.writes.Load() < 510 {
			t.Errorf("only %d reads and %d writes: that was no load", l.reads.Load(), l.writes.Load())
		}
		status, err := v.Status(house())
		must(t, err)
		if len(status.TownKeys) != 4 {
			t.Errorf("%d keys of the town after three rotations", len(status.TownKeys))
		}
		for _, key := range status.TownKeys {
			if key.Newest != key.Enabled || key.Newest != (key.Persons > 0) {
				t.Errorf("key %s is %s and seals %d", key, key.State(), key.Persons)
			}
		}
		fresh, err := vault.New(house(), s, vault.NewKeyFile(path))
		must(t, err)
		opened, err := fresh.OpenAll(house(), l.kept)
		must(t, err)
		for i, value := range l.kept {
			if string(opened[i]) != value.At.Row {
				t.Fatalf("%s opens as %q afterwards", value.At.Row, opened[i])
			}
		}
		t.Logf("%d reads and %d writes beside three rotations", l.reads.Load(), l.writes.Load())
	})
}

// TestInterruptedRotationGoesOn: it is cut off in the middle, and started again.
func TestInterruptedRotationGoesOn(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s := openStore(t, db)
		file := vault.NewKeyFile(filepath.Join(t.TempDir(), "kek.json"))
		v, err := vault.New(house(), s, file)
		must(t, err)
		l := &load{store: s, vault: v}
		for range 300 { // more than a batch
			must(t, l.write())
		}
		ctx, cancel := context.WithCancel(house())
		err = v.Rotate(ctx, vault.Rotation{Progress: func(int, int) { cancel() }})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("cut off: %v", err)
		}
		status, err := v.Status(house())
		must(t, err)
		if len(status.TownKeys) != 2 || status.TownKeys[0].Persons == 0 || status.TownKeys[1].Persons == 0 {
			t.Fatalf("in the middle: %+v", status.TownKeys)
		}
		must(t, l.read(v))
		again, err := vault.New(house(), s, file)
		must(t, err)
		must(t, again.Rotate(house(), vault.Rotation{}))
		status, err = v.Status(house())
		must(t, err)
		if len(status.TownKeys) != 2 || status.TownKeys[0].Enabled || status.TownKeys[1].Persons != 301 {
			t.Errorf("in the end: %+v", status.TownKeys)
		}
		must(t, l.read(v))
	})
}

func TestRotationKeepsDestroyedKeysDestroyed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s := openStore(t, db)
		v, err := vault.New(house(), s, vault.NewKeyFile(filepath.Join(t.TempDir(), "kek.json")))
		must(t, err)
		at := answersOf("case_1")
		sealed := seal(t, s, v, "per_mario", at, "gone")
		must(t, s.InTx(house(), "destroy", func(ctx context.Context, tx *store.Tx) error { return v.Destroy(ctx, tx, "per_mario") }))
		must(t, v.Rotate(house(), vault.Rotation{KeepKEK: true}))
		if _, err := v.Open(house(), at, sealed); !errors.Is(err, vault.ErrErased) {
			t.Errorf("after a rotation: %v", err)
		}
		status, err := v.Status(house())
		must(t, err)
		if status.Destroyed != 1 {
			t.Errorf("%d keys destroyed", status.Destroyed)
		}
	})
}
