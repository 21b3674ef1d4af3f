package sdk

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// Hash is the SHA-256, in hexadecimal, of the definition as JSON. Keys stand in
// the order of the Go types, maps in alphabetical order: the same definition has
// the same hash on every machine. Two definitions with the same hash are the
// same one.
func (d *Definition) Hash() (string, error) {
	raw, err := json.Marshal(d)
	if err != nil {
		return "", fmt.Errorf("hash definition of %s: %w", d.Service, err)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:]), nil
}
