package vault_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tink-crypto/tink-go/v2/testing/fakekms"

	"github.com/spazio-in-comune/sportello/ent/setting"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/internal/vault/vaulttest"
)

func TestTheKeyFileIsMadeForItsOwnerAlone(t *testing.T) {
	data := t.TempDir()
	path := vault.DefaultKeyFile(data)
	s := openStore(t, dbtest.New(t, dbtest.SQLite))
	_, err := vault.New(house(), s, vault.NewKeyFile(path))
	must(t, err)
	for where, want := range map[string]fs.FileMode{path: 0o600, filepath.Dir(path): 0o700} {
		info, err := os.Stat(where)
		must(t, err)
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o, want %o", where, info.Mode().Perm(), want)
		}
	}
}

// TestWithoutItsKeyTheHouseStaysShut: what is wrong, the message that says what to do,
// and that nothing was changed.
func TestWithoutItsKeyTheHouseStaysShut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		folder := t.TempDir()
		path, other := filepath.Join(folder, "kek.json"), filepath.Join(folder, "other.json")
		s := openStore(t, db)
		v, err := vault.New(house(), s, vault.NewKeyFile(path))
		must(t, err)
		sealed := seal(t, s, v, "per_mario", answersOf("case_1"), "kept")
		must(t, vault.NewKeyFile(other).Make())
		right, err := os.ReadFile(path)
		must(t, err)
		wrong, err := os.ReadFile(other)
		must(t, err)
		tests := map[string]struct {
			content []byte // nil: no file
			mode    fs.FileMode
			want    error
			says    string
		}{
			"missing":                {nil, 0, vault.ErrNoKeyFile, "put the file back from the copy you keep"},
			"another town's":         {wrong, 0o600, vault.ErrWrongKey, "put back the key file that belongs to this database"},
			"no keyset":              {[]byte("{}"), 0o600, nil, "does not hold a keyset"},
			"cut off":                {right[:len(right)/2], 0o600, nil, "does not hold a keyset"},
			"open to others to read": {right, 0o640, nil, "chmod 600"},
		}
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				must(t, os.Remove(path))
				if test.content != nil {
					must(t, os.WriteFile(path, test.content, test.mode))
					must(t, os.Chmod(path, test.mode)) // whatever the umask
				}
				defer func() { must(t, errors.Join(os.WriteFile(path, right, 0o600), os.Chmod(path, 0o600))) }()
				_, err := vault.New(house(), s, vault.NewKeyFile(path))
				if err == nil || !strings.Contains(err.Error(), test.says) || !strings.Contains(err.Error(), path) {
					t.Fatalf("error %v, want one that says %q and names the file", err, test.says)
				}
				if test.want != nil && !errors.Is(err, test.want) {
					t.Errorf("error %v, want %v", err, test.want)
				}
				now, err := os.ReadFile(path)
				if test.content == nil && !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("a key file was made over a keyring: %v", err)
				}
				if test.content != nil && !bytes.Equal(now, test.content) {
					t.Error("the key file was changed")
				}
				for _, secret := range [][]byte{keyOf(t, right), keyOf(t, wrong)} {
					if strings.Contains(fmt.Sprint(err), string(secret)) {
						t.Error("the error tells a key")
					}
				}
			})
		}
		v, err = vault.New(house(), s, vault.NewKeyFile(path))
		must(t, err)
		if got, err := v.Open(house(), answersOf("case_1"), sealed); err != nil || string(got) != "kept" {
			t.Errorf("with the right key again: %q, %v", got, err)
		}
	})
}

// keyOf is the part of a key file that is secret.
func keyOf(t *testing.T, file []byte) []byte {
	t.Helper()
	_, rest, found := bytes.Cut(file, []byte(`"value":"`))
	key, _, ended := bytes.Cut(rest, []byte(`"`))
	if !found || !ended || len(key) < 40 {
		t.Fatal("there is no key in the key file")
	}
	return key
}

// TestKMS: a key management service seals the keyring; another key of it does not open
// it, and a rotation of the town's keys asks it again.
func TestKMS(t *testing.T) {
	ctx := context.Background()
	uri, err := fakekms.NewKeyURI()
	must(t, err)
	otherURI, err := fakekms.NewKeyURI()
	must(t, err)
	client, err := fakekms.NewClient("fake-kms://")
	must(t, err)
	key, err := client.GetAEAD(uri)
	must(t, err)
	other, err := client.GetAEAD(otherURI)
	must(t, err)

	s := openStore(t, dbtest.New(t, dbtest.SQLite))
	v, err := vault.New(ctx, s, vault.KMS("fake", key))
	must(t, err)
	sealed := seal(t, s, v, "per_mario", answersOf("case_1"), "kept")
	if _, err := vault.New(ctx, s, vault.KMS("another key", other)); err == nil || !strings.Contains(err.Error(), "another key") {
		t.Errorf("another key opens the keyring: %v", err)
	}
	must(t, v.Rotate(ctx, vault.Rotation{}))
	again, err := vault.New(ctx, s, vault.KMS("fake", key))
	must(t, err)
	if got, err := again.Open(house(), answersOf("case_1"), sealed); err != nil || string(got) != "kept" {
		t.Errorf("%q, %v", got, err)
	}
}

// TestSwappedKeysDoNotOpen: neither two persons' keys in their rows, nor the parts of
// the keyring of another town.
func TestSwappedKeysDoNotOpen(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s := openStore(t, db)
		kek := vaulttest.KEK(t)
		v, err := vault.New(house(), s, kek)
		must(t, err)
		sealed := seal(t, s, v, "per_mario", answersOf("case_1"), "Mario's")
		seal(t, s, v, "per_anna", answersOf("case_2"), "Anna's")
		ofAnna := s.Reader().SubjectKey.GetX(house(), "per_anna").Wrapped
		writeAll(t, s, "UPDATE subject_keys SET wrapped = ? WHERE id = 'per_mario'", ofAnna)
		fresh, err := vault.New(house(), s, kek)
		must(t, err)
		if got, err := fresh.Open(house(), answersOf("case_1"), sealed); err == nil {
			t.Errorf("opens with another's key as %q", got)
		}
		if err := fresh.Rotate(house(), vault.Rotation{}); err == nil || !strings.Contains(err.Error(), "per_mario") {
			t.Errorf("a rotation passes over a key that does not open: %v", err)
		}
		ring := s.Reader().Setting.Query().Where(setting.ID("keyring")).OnlyX(house()).Value
		writeAll(t, s, "UPDATE settings SET value = ? WHERE id = 'keyring'", bytes.Replace(ring, []byte(`"town":"`), []byte(`"town":"X`), 1))
		if _, err := vault.New(house(), s, kek); err == nil {
			t.Error("the keyring opens for another town")
		}
	})
}

func TestTheVaultKeepsSilent(t *testing.T) {
	s := openStore(t, dbtest.New(t, dbtest.SQLite))
	path := filepath.Join(t.TempDir(), "kek.json")
	v, err := vault.New(house(), s, vault.NewKeyFile(path))
	must(t, err)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "vault", v)
	for _, text := range []string{log.String(), fmt.Sprint(v), fmt.Sprintf("%+v", v), fmt.Sprintf("%#v", v)} {
		if !strings.Contains(text, "vault") || len(text) > 200 {
			t.Errorf("the vault says %q", text)
		}
	}
}
