package vault_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/internal/vault/vaulttest"
)

func openStore(t testing.TB, db dbtest.DB) *store.Store {
	t.Helper()
	return openAs(t, db, store.Open)
}

// beside is a second program on the same database.
func beside(t testing.TB, db dbtest.DB) *store.Store {
	t.Helper()
	return openAs(t, db, store.OpenBeside)
}

func openAs(t testing.TB, db dbtest.DB, open func(context.Context, store.Config) (*store.Store, error)) *store.Store {
	t.Helper()
	cfg := store.Config{DSN: db.DSN, Attach: access.Attach, Sign: access.Sign}
	if db.Name == dbtest.SQLite {
		cfg.DSN, cfg.Dir = "", filepath.Dir(db.DSN)
	}
	s, err := open(context.Background(), cfg)
	must(t, err)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func house() context.Context { return access.System(context.Background(), "test") }

// answersOf is where a test seals.
func answersOf(row string) vault.Place {
	return vault.Place{Table: "case_files", Column: "answers", Row: row}
}

func seal(t testing.TB, s *store.Store, v *vault.Vault, subject string, at vault.Place, plain string) []byte {
	t.Helper()
	sealed, err := trySeal(s, v, subject, at, plain)
	must(t, err)
	return sealed
}

func trySeal(s *store.Store, v *vault.Vault, subject string, at vault.Place, plain string) (sealed []byte, err error) {
	err = s.InTx(house(), "seal", func(ctx context.Context, tx *store.Tx) (err error) {
		sealed, err = v.Seal(ctx, tx, subject, at, []byte(plain))
		return err
	})
	return sealed, err
}

func TestSealedOpensInItsPlaceOnly(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s := openStore(t, db)
		v := vaulttest.New(t, s)
		mario, anna := answersOf("case_1"), answersOf("case_2")
		ofMario, ofAnna := seal(t, s, v, "per_mario", mario, "Mario's"), seal(t, s, v, "per_anna", anna, "Anna's")
		again := seal(t, s, v, "per_mario", answersOf("case_3"), "Mario's")
		ofNobody := seal(t, s, v, "", mario, "the town's")
		decision := vault.Place{Table: "case_files", Column: "decision", Row: "case_1"}
		entry := vault.Place{Table: "case_entries", Column: "answers", Row: "case_1"}
		tests := map[string]struct {
			at     vault.Place
			sealed []byte
			want   string // empty: it must not open
		}{
			"in its place":                    {mario, ofMario, "Mario's"},
			"another person in another place": {anna, ofAnna, "Anna's"},
			"of nobody known":                 {mario, ofNobody, "the town's"},
			"swapped with another person's":   {mario, ofAnna, ""},
			"swapped within one person":       {mario, again, ""},
			"in another column":               {decision, ofMario, ""},
			"in another table":                {entry, ofMario, ""},
			"said to be about another":        {mario, withSubject(ofMario, "per_anna_"), ""},
			"said to be about nobody":         {mario, withSubject(ofMario, ""), ""},
			"said to be about an unknown one": {mario, withSubject(ofMario, "per_paolo"), ""},
			"cut off":                         {mario, ofMario[:len(ofMario)-1], ""},
			"cut off in the name":             {mario, ofMario[:5], ""},
			"changed in its last byte":        {mario, changed(ofMario, len(ofMario)-1), ""},
			"of a version that nobody knows":  {mario, changed(ofMario, 0), ""},
			"something that was never sealed": {mario, []byte("Mario's"), ""},
		}
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				got, err := v.Open(house(), test.at, test.sealed)
				if string(got) != test.want || (err == nil) != (test.want != "") {
					t.Errorf("opens as %q, %v; want %q", got, err, test.want)
				}
			})
		}
	})
}

// withSubject is the sealed value of a person with nine letters in the id, said to be
// about another.
func withSubject(sealed []byte, subject string) []byte {
	return append(append([]byte{sealed[0], byte(len(subject))}, subject...), sealed[2+int(sealed[1]):]...)
}

func changed(sealed []byte, at int) []byte {
	other := append([]byte(nil), sealed...)
	other[at] ^= 1
	return other
}

func TestOpeningIsNoted(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s := openStore(t, db)
		v := vaulttest.New(t, s)
		one := vault.Sealed{At: answersOf("case_1"), Data: seal(t, s, v, "per_mario", answersOf("case_1"), "a")}
		two := vault.Sealed{At: answersOf("case_2"), Data: seal(t, s, v, "", answersOf("case_2"), "b")}
		ctx := access.With(context.Background(), &access.Viewer{ID: "per_x", Kind: access.KindPerson, Scope: &access.Scope{}})
		opened, err := v.OpenAll(ctx, []vault.Sealed{one, {At: answersOf("case_3")}, two})
		must(t, err)
		if diff := cmp.Diff([][]byte{[]byte("a"), nil, []byte("b")}, opened); diff != "" {
			t.Errorf("opened (-want +got):\n%s", diff)
		}
		want := map[access.Read]bool{
			{Object: "case_1", Subject: "per_mario", Field: "case_files.answers"}: true,
			{Object: "case_2", Field: "case_files.answers"}:                       true,
		}
		got := map[access.Read]bool{}
		for _, read := range access.TakeReads(ctx).Reads {
			got[read] = true
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("noted (-want +got):\n%s", diff)
		}
	})
}

func TestDestroyedKey(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s := openStore(t, db)
		v := vaulttest.New(t, s)
		at := answersOf("case_1")
		sealed := seal(t, s, v, "per_mario", at, "gone tomorrow")
		other := seal(t, s, v, "per_anna", answersOf("case_2"), "stays")
		_, err := v.Open(house(), at, sealed) // now the key is in memory
		must(t, err)

		destroy := func(subject string, then error) error {
			return s.InTx(house(), "destroy", func(ctx context.Context, tx *store.Tx) error {
				return errors.Join(v.Destroy(ctx, tx, subject), then)
			})
		}
		if err := destroy("per_mario", errors.New("rolled back")); err == nil {
			t.Fatal("the unit went through")
		}
		if got, err := v.Open(house(), at, sealed); err != nil || string(got) != "gone tomorrow" {
			t.Errorf("after a destruction that was undone: %q, %v", got, err)
		}
		must(t, destroy("per_mario", nil))
		if got, err := v.Open(house(), at, sealed); !errors.Is(err, vault.ErrErased) {
			t.Errorf("after the destruction it opens as %q, %v; want ErrErased", got, err)
		}
		opened, err := v.OpenAll(house(), []vault.Sealed{{At: at, Data: sealed}, {At: answersOf("case_2"), Data: other}})
		must(t, err)
		if diff := cmp.Diff([][]byte{nil, []byte("stays")}, opened); diff != "" {
			t.Errorf("of a list (-want +got):\n%s", diff)
		}
		if _, err := trySeal(s, v, "per_mario", at, "again"); !errors.Is(err, vault.ErrErased) {
			t.Errorf("sealing for somebody erased: %v, want ErrErased", err)
		}
		must(t, destroy("per_mario", nil))
		must(t, destroy("per_never", nil))
		if _, err := trySeal(s, v, "per_never", at, "at last"); !errors.Is(err, vault.ErrErased) {
			t.Errorf("sealing for somebody who was erased before anything was known: %v, want ErrErased", err)
		}
		if err := destroy("", nil); err == nil {
			t.Error("the town's own key was destroyed")
		}
	})
}

// TestNothingIsLeftOfADestroyedKey: SQLite would leave the row in the free space of its
// page. (MySQL's logs are its own business.)
func TestNothingIsLeftOfADestroyedKey(t *testing.T) {
	folder := t.TempDir()
	s, err := store.Open(t.Context(), store.Config{Dir: folder, Attach: access.Attach, Sign: access.Sign})
	must(t, err)
	v := vaulttest.New(t, s)
	for _, subject := range []string{"per_anna", "per_mario", "per_paolo"} {
		seal(t, s, v, subject, answersOf("case_1"), "x")
	}
	wrapped := s.Reader().SubjectKey.GetX(house(), "per_mario").Wrapped
	stays := s.Reader().SubjectKey.GetX(house(), "per_anna").Wrapped
	must(t, s.InTx(house(), "destroy", func(ctx context.Context, tx *store.Tx) error { return v.Destroy(ctx, tx, "per_mario") }))
	must(t, s.EmptyJournal(house()))
	must(t, s.Close())
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	must(t, err)
	found := false
	for _, file := range files {
		content, err := os.ReadFile(file)
		must(t, err)
		found = found || bytes.Contains(content, stays)
		if bytes.Contains(content, wrapped) {
			t.Errorf("the key is still in %s", filepath.Base(file))
		}
	}
	if !found {
		t.Error("no key is found at all: nothing was looked at")
	}
}

func TestWhatARolledBackUnitMadeIsNotUsed(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s := openStore(t, db)
		v := vaulttest.New(t, s)
		at := answersOf("case_1")
		err := s.InTx(house(), "seal", func(ctx context.Context, tx *store.Tx) error {
			for range 2 {
				if _, err := v.Seal(ctx, tx, "per_mario", at, []byte("lost")); err != nil {
					return err
				}
			}
			return town.Errorf(town.Conflict, "no", "no")
		})
		if town.CodeOf(err) != town.Conflict {
			t.Fatal(err)
		}
		sealed := seal(t, s, v, "per_mario", at, "kept")
		if got, err := v.Open(house(), at, sealed); err != nil || string(got) != "kept" {
			t.Errorf("%q, %v", got, err)
		}
	})
}

func TestKeysOfASearch(t *testing.T) {
	s := openStore(t, dbtest.New(t, dbtest.SQLite))
	kek := vaulttest.KEK(t)
	v, err := vault.New(house(), s, kek)
	must(t, err)
	key := v.Key("tax_code", "RSSMRA80A01F205X")
	again, err := vault.New(house(), s, kek)
	must(t, err)
	if again.Key("tax_code", "RSSMRA80A01F205X") != key {
		t.Error("after a restart the same value is found by another key")
	}
	if len(key) != 64 {
		t.Errorf("%d characters do not fit the column", len(key))
	}
	for name, other := range map[string]string{
		"another kind":            v.Key("family_name", "RSSMRA80A01F205X"),
		"another value":           v.Key("tax_code", "RSSMRA80A01F205Y"),
		"letters that moved over": v.Key("tax_codeR", "SSMRA80A01F205X"),
		"another town":            vaulttest.New(t, openStore(t, dbtest.New(t, dbtest.SQLite))).Key("tax_code", "RSSMRA80A01F205X"),
	} {
		if other == key {
			t.Errorf("%s: the same key", name)
		}
	}
}

func TestSignature(t *testing.T) {
	s := openStore(t, dbtest.New(t, dbtest.SQLite))
	v := vaulttest.New(t, s)
	head := []byte("head of the audit")
	signed, err := v.Sign(head)
	must(t, err)
	must(t, v.VerifySignature(head, signed))
	if v.VerifySignature([]byte("another"), signed) == nil || v.VerifySignature(head, changed(signed, 9)) == nil {
		t.Error("a signature holds for something else")
	}
	if len(signed) > 512 {
		t.Errorf("%d bytes do not fit the column", len(signed))
	}
}

// TestAKeyIsForgottenInTime looks at a second program on the same database.
func TestAKeyIsForgottenInTime(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s := openStore(t, db)
		kek := vaulttest.KEK(t)
		v, err := vault.New(house(), s, kek)
		must(t, err)
		at := answersOf("case_1")
		sealed := seal(t, s, v, "per_mario", at, "gone tomorrow")
		_, err = v.Open(house(), at, sealed)
		must(t, err)
		second := beside(t, db)
		other, err := vault.New(house(), second, kek)
		must(t, err)
		must(t, second.InTx(house(), "destroy", func(ctx context.Context, tx *store.Tx) error {
			return other.Destroy(ctx, tx, "per_mario")
		}))
		deadline := time.Now().Add(10 * time.Second)
		for {
			_, err := v.Open(house(), at, sealed)
			if errors.Is(err, vault.ErrErased) {
				return
			}
			must(t, err)
			if time.Now().After(deadline) {
				t.Fatal("a key that another program has destroyed is still used after ten seconds")
			}
			time.Sleep(100 * time.Millisecond)
		}
	})
}

// TestAListCostsOneQuery: the keys of 25 people are read at once, and then not at all.
func TestAListCostsOneQuery(t *testing.T) {
	reads := 0
	s, err := store.Open(t.Context(), store.Config{Dir: t.TempDir(), Attach: access.Attach, Sign: access.Sign, Reads: func(string) { reads++ }})
	must(t, err)
	defer func() { must(t, s.Close()) }()
	kek := vaulttest.KEK(t)
	v, err := vault.New(house(), s, kek)
	must(t, err)
	l := &load{store: s, vault: v}
	for range 25 {
		must(t, l.write())
	}
	fresh, err := vault.New(house(), s, kek)
	must(t, err)
	for _, want := range []int{1, 0} {
		reads = 0
		_, err := fresh.OpenAll(house(), l.kept)
		must(t, err)
		if reads != want {
			t.Errorf("%d queries for the keys of 25 people, want %d", reads, want)
		}
	}
}

// writeAll changes what is stored behind the vault's back.
func writeAll(t testing.TB, s *store.Store, query string, value []byte) {
	t.Helper()
	must(t, s.InTx(house(), "tamper", func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.ExecContext(ctx, query, value)
		return err
	}))
}

// BenchmarkOpen: one value whose key is at hand, and 25 of 25 people whose keys are not.
func BenchmarkOpen(b *testing.B) {
	s := openStore(b, dbtest.New(b, dbtest.SQLite))
	kek := vaulttest.KEK(b)
	v, err := vault.New(house(), s, kek)
	must(b, err)
	l := &load{store: s, vault: v}
	for range 25 {
		must(b, l.write())
	}
	b.Run("warm", func(b *testing.B) {
		for b.Loop() {
			_, err := v.OpenAll(house(), l.kept[:1])
			must(b, err)
		}
	})
	b.Run("cold-25", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			fresh, err := vault.New(house(), s, kek)
			must(b, err)
			b.StartTimer()
			_, err = fresh.OpenAll(house(), l.kept)
			must(b, err)
		}
	})
}
