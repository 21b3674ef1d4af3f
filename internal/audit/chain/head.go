package chain

import (
	"encoding/hex"
	"fmt"
	"time"
)

// Head is the state of the chain at one entry. Signed, and kept elsewhere, it shows that
// nothing up to there was changed since.
type Head struct {
	// Seq is the place of the last entry that it covers, Hash that entry's.
	Seq  int64
	Hash Hash
	// At is when it was made, by real time.
	At time.Time
}

// Message is what is signed. It begins with words of its own, so that the signature
// says nothing else.
func (h Head) Message() []byte {
	return fmt.Appendf(nil, "sportello audit head 1\n%d\n%s\n%s\n", h.Seq, hex.EncodeToString(h.Hash[:]), formatMoment(h.At))
}
