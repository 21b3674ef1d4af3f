package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/spazio-in-comune/sportello/internal/flock"
)

// KeyFile is a key-encryption key in a file: a keyset of Tink as JSON, which its owner
// alone can read. The file is read each time the key is needed, hence a running server
// follows a rotation, and holds no such key in memory.
type KeyFile struct{ path string }

// NewKeyFile is the key in the file at the path. Nothing is read yet.
func NewKeyFile(path string) *KeyFile { return &KeyFile{path} }

// DefaultKeyFile is where the key file of a data folder is.
func DefaultKeyFile(data string) string { return filepath.Join(data, "keys", "kek.json") }

// ErrNoKeyFile says that the key file is missing.
var ErrNoKeyFile = errors.New("the key file is missing")

// Name implements [KEK].
func (f *KeyFile) Name() string { return "file " + f.path }

// EncryptWithContext implements [KEK].
func (f *KeyFile) EncryptWithContext(_ context.Context, plain, data []byte) ([]byte, error) {
	key, err := f.open()
	if err != nil {
		return nil, err
	}
	return key.Encrypt(plain, data)
}

// DecryptWithContext implements [KEK].
func (f *KeyFile) DecryptWithContext(_ context.Context, sealed, data []byte) ([]byte, error) {
	key, err := f.open()
	if err != nil {
		return nil, err
	}
	plain, err := key.Decrypt(sealed, data)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrWrongKey, f.path)
	}
	return plain, nil
}

// Make makes the file, and its folder, unless there is one.
func (f *KeyFile) Make() error {
	if _, err := os.Stat(f.path); err == nil {
		return nil
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("look for the key file: %w", err)
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o700); err != nil {
		return fmt.Errorf("make the folder of the key file: %w", err)
	}
	return f.locked(context.Background(), func() error {
		if _, err := os.Stat(f.path); err == nil {
			return nil // somebody else was quicker
		}
		handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
		if err != nil {
			return fmt.Errorf("make a key: %w", err)
		}
		return f.write(handle)
	})
}

// Renew adds a key, which seals from now on.
func (f *KeyFile) Renew(ctx context.Context) error {
	return f.change(ctx, renewed)
}

// Retire disables the keys before the newest.
func (f *KeyFile) Retire(ctx context.Context) error {
	return f.change(ctx, retired)
}

func (f *KeyFile) change(ctx context.Context, to func(*keyset.Handle) (*keyset.Handle, error)) error {
	return f.locked(ctx, func() error {
		handle, err := f.read()
		if err != nil {
			return err
		}
		changed, err := to(handle)
		if err != nil || changed == handle {
			return err
		}
		return f.write(changed)
	})
}

// locked keeps two programs from changing the file at the same time.
func (f *KeyFile) locked(ctx context.Context, change func() error) error {
	lock, err := flock.Wait(ctx, f.path+".lock")
	if err != nil {
		return fmt.Errorf("lock the key file: %w", err)
	}
	defer func() { _ = lock.Close() }()
	return change()
}

func (f *KeyFile) open() (tink.AEAD, error) {
	handle, err := f.read()
	if err != nil {
		return nil, err
	}
	key, err := aead.New(handle)
	if err != nil {
		return nil, fmt.Errorf("use the key file %s: %w", f.path, err)
	}
	return key, nil
}

func (f *KeyFile) read() (*keyset.Handle, error) {
	info, err := os.Stat(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNoKeyFile, f.path)
	}
	if err != nil {
		return nil, fmt.Errorf("look for the key file: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("the key file %s can be read by others than its owner: run chmod 600 on it", f.path)
	}
	content, err := os.ReadFile(f.path)
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	handle, err := insecurecleartextkeyset.Read(keyset.NewJSONReader(bytes.NewReader(content)))
	if err != nil { // its words would repeat what stands in the file
		return nil, fmt.Errorf("the key file %s does not hold a keyset of Tink", f.path)
	}
	return handle, nil
}

// write replaces the file as a whole: whoever reads it finds the old or the new one.
func (f *KeyFile) write(handle *keyset.Handle) error {
	var content bytes.Buffer
	if err := insecurecleartextkeyset.Write(handle, keyset.NewJSONWriter(&content)); err != nil {
		return fmt.Errorf("write a keyset: %w", err)
	}
	folder := filepath.Dir(f.path)
	temp, err := os.CreateTemp(folder, ".kek-*") // for its owner alone
	if err != nil {
		return fmt.Errorf("write the key file: %w", err)
	}
	defer func() { _ = os.Remove(temp.Name()) }() // it is gone if all went well
	_, err = temp.Write(content.Bytes())
	err = errors.Join(err, temp.Sync(), temp.Close())
	if err == nil {
		err = os.Rename(temp.Name(), f.path)
	}
	if err == nil {
		err = syncFolder(folder)
	}
	if err != nil {
		return fmt.Errorf("write the key file: %w", err)
	}
	return nil
}

// syncFolder makes a renaming last through a power cut.
func syncFolder(path string) error {
	folder, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}
