package vault

import (
	"context"
	"fmt"
	"strconv"
	"time"

	tinkpb "github.com/tink-crypto/tink-go/v2/proto/tink_go_proto"

	"github.com/spazio-in-comune/sportello/internal/access"
)

// Status says how the keys are. It holds no key.
type Status struct {
	// KEK is the name of the key-encryption key.
	KEK string
	// MadeAt is when the keyring was made; RotatedAt when it was changed last, nil for
	// never.
	MadeAt    time.Time
	RotatedAt *time.Time
	// TownKeys are the keys that seal the keys of persons.
	TownKeys []TownKey
	// Destroyed is how many keys of persons are no more.
	Destroyed int
}

// TownKey is one of the town's keys.
type TownKey struct {
	// ID is a number by chance, no secret.
	ID uint32
	// Newest seals; the others only open, if Enabled.
	Newest, Enabled bool
	// Persons is how many keys of persons are sealed with it, the town's own among them.
	Persons int
}

// Status reads how the keys are.
func (v *Vault) Status(ctx context.Context) (*Status, error) {
	ctx = access.System(ctx, "vault.status")
	r, err := v.readRing(ctx, v.store.Reader())
	if err != nil {
		return nil, err
	}
	persons, err := v.countByKey(ctx)
	if err != nil {
		return nil, err
	}
	s := &Status{KEK: v.kek.Name(), MadeAt: r.madeAt, RotatedAt: r.rotated, Destroyed: persons[""]}
	info := r.aeadKeys.KeysetInfo()
	for _, key := range info.GetKeyInfo() {
		s.TownKeys = append(s.TownKeys, TownKey{
			ID: key.GetKeyId(), Newest: key.GetKeyId() == info.GetPrimaryKeyId(),
			Enabled: key.GetStatus() == tinkpb.KeyStatusType_ENABLED,
			Persons: persons[fmt.Sprintf("01%08X", key.GetKeyId())],
		})
	}
	return s, nil
}

// countByKey counts the keys of persons by how they begin, in hexadecimal digits; those
// that were destroyed under "".
func (v *Vault) countByKey(ctx context.Context) (map[string]int, error) {
	rows, err := v.store.ReadDB().QueryContext(ctx,
		"SELECT COALESCE(HEX(SUBSTR(wrapped, 1, 5)), ''), COUNT(*) FROM subject_keys GROUP BY 1")
	if err != nil {
		return nil, fmt.Errorf("count the keys: %w", err)
	}
	defer func() { _ = rows.Close() }()
	counts := map[string]int{}
	for rows.Next() {
		var begin string
		var n int
		if err := rows.Scan(&begin, &n); err != nil {
			return nil, fmt.Errorf("count the keys: %w", err)
		}
		counts[begin] = n
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("count the keys: %w", err)
	}
	return counts, nil
}

// State is newest, enabled or disabled.
func (k TownKey) State() string {
	switch {
	case k.Newest:
		return "newest"
	case k.Enabled:
		return "enabled"
	default:
		return "disabled"
	}
}

// String tells the number as it is printed.
func (k TownKey) String() string { return strconv.FormatUint(uint64(k.ID), 10) }
