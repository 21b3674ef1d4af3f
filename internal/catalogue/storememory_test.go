package catalogue

import (
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

func openStore(t *testing.T, db dbtest.DB) *store.Store {
	t.Helper()
	cfg := store.Config{DSN: db.DSN, Attach: access.Attach}
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

		isee := Instance{
			Name: "isee", Version: "1.2.0", SHA256: strings.Repeat("c", 64), Command: "/opt/isee", Args: []string{"-v"},
			State: Ready, Practices: []string{"isee-dsu"}, DefinitionHash: def.Hash, UpdatedAt: at,
		}
		caf := Instance{Name: "caf", Bundled: true, State: Starting, UpdatedAt: at}
		saved := []Instance{isee, caf, caf}
		saved[2].State, saved[2].Failures, saved[2].LastError = BackingOff, 2, "perché no"
		for _, i := range append(saved, saved[2]) {
			if err := m.SaveInstance(t.Context(), i); err != nil {
				t.Fatal(err)
			}
		}
		all, err := m.Instances(t.Context())
		if diff := cmp.Diff([]Instance{saved[2], isee}, all, cmpopts.EquateEmpty()); err != nil || diff != "" {
			t.Error(err, diff)
		}
		events, err := s.Reader().Event.Query().Count(access.System(t.Context(), "test"))
		if err != nil || events != 3 {
			t.Errorf("%d events of three changes, %v", events, err)
		}
		var out strings.Builder
		list, err := List(t.Context(), m)
		if err == nil {
			err = WriteList(&out, list)
		}
		want := `"name": "caf",
    "version": "",
    "sha256": "",
    "state": "backing_off",
    "practices": []`
		if err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("%v\n%s", err, out.String())
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
		list, err := List(t.Context(), m)
		if err != nil || len(list) != 1 || list[0].State != Stopped {
			t.Errorf("%+v, %v", list, err)
		}
	})
}
