package catalogue

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/event"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func openStore(t *testing.T, db dbtest.DB) *store.Store {
	t.Helper()
	cfg := store.Config{DSN: db.DSN, Attach: access.Attach, Sign: access.Sign}
	if db.Name == dbtest.SQLite {
		cfg.DSN, cfg.Dir = "", filepath.Dir(db.DSN)
	}
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestMemoryInTheDatabase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s := openStore(t, db)
		m := NewStored(s)
		at := time.Date(2026, 9, 14, 8, 30, 0, 123456000, time.UTC)
		def := StoredDefinition{
			Hash: strings.Repeat("a", 64), Service: "isee", Version: "1.2.0",
			Body: []byte(`{"title":{"it":"È così"}}` + strings.Repeat(" ", 1<<20)), CreatedAt: at,
		}
		for range 2 {
			if err := m.SaveDefinition(t.Context(), def); err != nil {
				t.Fatal(err)
			}
		}
		got, err := m.LoadDefinition(t.Context(), def.Hash)
		if diff := cmp.Diff(def, got); err != nil || diff != "" {
			t.Error(err, diff)
		}
		if _, err := m.LoadDefinition(t.Context(), strings.Repeat("b", 64)); !errors.Is(err, ErrUnknownDefinition) {
			t.Errorf("unknown definition: %v", err)
		}
	})
}

// change makes one change that must succeed, and gives the version it is about.
func changed(t *testing.T, m Memory, f func(*Ledger) (*Instance, error)) Instance {
	t.Helper()
	var got Instance
	err := m.Change(t.Context(), "test", func(l *Ledger) error {
		i, err := f(l)
		if err == nil {
			got = *i
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestRegistrationsInTheDatabase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s := openStore(t, db)
		m := NewStored(s)
		before, err := m.Stamp(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		furnished := Registration{Name: "isee", Command: "/opt/isee", Args: []string{"-v"}, SHA256: strings.Repeat("c", 64), Bundled: true}
		err = m.Change(t.Context(), "test", func(l *Ledger) error {
			l.Furnish([]Registration{furnished})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		caf := changed(t, m, func(l *Ledger) (*Instance, error) {
			return l.Register(Registration{Name: "caf", Version: "1.0.0", Command: "caf-1", SHA256: strings.Repeat("d", 64), PlainSocket: true}, nil, "per_1")
		})
		caf = changed(t, m, func(l *Ledger) (*Instance, error) {
			return l.Introduce(caf.ID, Introduction{Version: "1.0.0", SHA256: caf.SHA256, DefinitionHash: strings.Repeat("e", 64), Series: "Q", Practices: []string{"caf-730"}})
		})
		caf.State, caf.Failures, caf.LastError, caf.UpdatedAt = BackingOff, 2, "perché no", caf.UpdatedAt.Add(time.Second)
		for range 2 {
			if err := m.SaveState(t.Context(), caf); err != nil {
				t.Fatal(err)
			}
		}
		all, err := m.Instances(t.Context())
		if err != nil || len(all) != 2 {
			t.Fatalf("%+v, %v", all, err)
		}
		if diff := cmp.Diff(caf, all[0], cmpopts.EquateEmpty(), cmpopts.EquateApproxTime(time.Microsecond)); diff != "" {
			t.Error(diff)
		}
		if i := all[1]; i.Name != "isee" || i.Standing != Current || !i.Bundled || i.Command != "/opt/isee" || i.Args[0] != "-v" || i.RegisteredBy != "system:catalogue" {
			t.Errorf("%+v", i)
		}
		after, err := m.Stamp(t.Context())
		if err != nil || after != before+3 {
			t.Errorf("the stamp went from %d to %d in three changes, %v", before, after, err)
		}
		refused := m.Change(t.Context(), "test", func(l *Ledger) error {
			_, err := l.Disable("nobody", "why", "per_1")
			return err
		})
		if town.CodeOf(refused) != town.Invalid {
			t.Errorf("a department that is not there: %v", refused)
		}
		if again, err := m.Stamp(t.Context()); err != nil || again != after {
			t.Errorf("a refused change moved the stamp to %d, %v", again, err)
		}
		checkEvents(t, s, town.EventPluginRegistered, town.EventPluginRegistered, town.EventPluginCurrent, town.EventPluginState)
		checkList(t, m)
		for _, version := range []string{"1.1.0", "1.2.0"} { // no host has begun the first when the second comes
			changed(t, m, func(l *Ledger) (*Instance, error) {
				return l.Register(Registration{Name: "caf", Version: version, Command: "caf-1", SHA256: strings.Repeat("d", 64)}, nil, "per_1")
			})
		}
		if all, err = m.Instances(t.Context()); err != nil || all[1].Version != "1.1.0" || all[1].Standing != Retired || all[1].State != Stopped {
			t.Errorf("a version that was overtaken: %+v, %v", all, err)
		}
	})
}

func checkEvents(t *testing.T, s *store.Store, want ...town.EventType) {
	t.Helper()
	rows, err := s.Reader().Event.Query().Order(ent.Asc(event.FieldID)).All(access.System(t.Context(), "test"))
	if err != nil {
		t.Fatal(err)
	}
	var got []town.EventType
	for _, e := range rows {
		got = append(got, e.Type)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func checkList(t *testing.T, m Memory) {
	t.Helper()
	var out strings.Builder
	list, err := List(t.Context(), m, false)
	if err == nil {
		err = WriteList(&out, list)
	}
	want := `[
  {
    "name": "caf",
    "version": "1.0.0",
    "sha256": "` + strings.Repeat("d", 64) + `",
    "state": "backing_off",
    "practices": [
      "caf-730"
    ]
  },`
	if err != nil || !strings.HasPrefix(out.String(), want) {
		t.Errorf("%v\n%s", err, out.String())
	}
}

// Changes made at the same time by several processes follow one another.
func TestChangesAtTheSameTime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s := openStore(t, db)
		m := NewStored(s)
		const writers = 8
		failed := make(chan error, writers)
		for n := range writers {
			go func() {
				failed <- m.Change(context.Background(), "test", func(l *Ledger) error {
					_, err := l.Register(Registration{Name: "caf", Version: fmt.Sprint(n), Command: "caf", SHA256: strings.Repeat("d", 64)}, nil, "per_1")
					return err
				})
			}()
		}
		for range writers {
			if err := <-failed; err != nil {
				t.Error(err)
			}
		}
		all, err := m.Instances(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		next := 0
		for _, i := range all {
			if i.Standing == Next {
				next++
			}
		}
		if len(all) != writers || next != 1 {
			t.Errorf("%d versions, of which %d are next; each should have seen the one before", len(all), next)
		}
	})
}

func TestHostOnTheDatabase(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		m := NewStored(openStore(t, db))
		c := startHostWith(t, m, Limits{}, io.Discard, Bundled("one"))
		service, ok := c.Service("one")
		if !ok {
			t.Fatal("no service")
		}
		if _, err := c.Review(t.Context(), "one", service.Hash, requestOf("prova")); err != nil {
			t.Error(err)
		}
		if err := c.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		list, err := List(t.Context(), m, false)
		if err != nil || len(list) != 1 || list[0].State != Stopped {
			t.Errorf("%+v, %v", list, err)
		}
	})
}
