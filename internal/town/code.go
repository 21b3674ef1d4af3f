package town

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// NewTicketCode makes the secret printed on a ticket, of 130 bits in 26 letters and
// digits of base32, and what is kept of it.
func NewTicketCode() (code, hash string) {
	code = rand.Text()
	return code, HashTicketCode(code)
}

// HashTicketCode is the SHA-256 of a code as a person may type it: case, blanks and
// hyphens do not matter.
func HashTicketCode(code string) string {
	typed := strings.NewReplacer(" ", "", "-", "").Replace(strings.ToUpper(code))
	sum := sha256.Sum256([]byte(typed))
	return hex.EncodeToString(sum[:])
}
