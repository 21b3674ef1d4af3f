package vault

import (
	"context"
	"errors"

	"github.com/spazio-in-comune/sportello/internal/store"
)

// SealText seals words, as [Vault.Seal] does.
func (v *Vault) SealText(ctx context.Context, tx *store.Tx, subject string, at Place, text string) ([]byte, error) {
	return v.Seal(ctx, tx, subject, at, []byte(text))
}

// TextIn opens words within a transaction, for the house to write them elsewhere: it
// leaves no trail of reading. Words that were erased are empty.
func (v *Vault) TextIn(ctx context.Context, tx *store.Tx, at Place, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	subject, ciphertext, err := parse(sealed)
	if err != nil {
		return "", at.cannotOpen(err)
	}
	key, err := v.keyToSeal(ctx, tx, owner(subject))
	if errors.Is(err, ErrErased) {
		return "", nil
	}
	if err != nil {
		return "", at.cannotOpen(err)
	}
	plain, err := key.Decrypt(ciphertext, v.dataOf(at, subject))
	if err != nil {
		return "", at.cannotOpen(err)
	}
	return string(plain), nil
}

// Texts opens one column of many rows, with one query for the keys at most. Rows
// without words, or whose words were erased, are missing.
func Texts[R comparable](ctx context.Context, v *Vault, rows []R, column func(R) Sealed) (map[R]*string, error) {
	values := make([]Sealed, len(rows))
	for i, row := range rows {
		values[i] = column(row)
	}
	opened, err := v.OpenAll(ctx, values)
	if err != nil {
		return nil, err
	}
	texts := make(map[R]*string, len(rows))
	for i, row := range rows {
		if opened[i] != nil {
			text := string(opened[i])
			texts[row] = &text
		}
	}
	return texts, nil
}
