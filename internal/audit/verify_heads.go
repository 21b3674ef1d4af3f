package audit

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/internal/audit/chain"
)

// headSet are the signed heads by place. Ranges only look.
type headSet map[int64]*headCheck

// headCheck is what was signed at a place, and what stands there.
type headCheck struct {
	signed []chain.Hash
	found  chain.Hash
	seen   bool
}

// saw takes the hash that stands at a place. Each place is seen by one range.
func (s headSet) saw(seq int64, hash chain.Hash) {
	if check := s[seq]; check != nil {
		check.found, check.seen = hash, true
	}
}

// storedHeads are those of the database.
func (v *verifier) storedHeads(ctx context.Context) ([]KeptHead, error) {
	rows, err := v.db.QueryContext(ctx, "SELECT id, hash, at, signature FROM audit_heads ORDER BY id")
	if err != nil {
		return nil, fmt.Errorf("read the signed heads: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var heads []KeptHead
	for rows.Next() {
		var h KeptHead
		var hash []byte
		var at time.Time
		if err := rows.Scan(&h.Seq, &hash, &at, &h.Signature); err != nil {
			return nil, fmt.Errorf("read a signed head: %w", err)
		}
		h.Hash, h.At = hash, at.UTC()
		heads = append(heads, h)
	}
	return heads, rows.Err()
}

// checkSignatures keeps the heads that the town has signed, to be compared with the chain.
func (v *verifier) checkSignatures(stored, kept []KeptHead) {
	v.heads = headSet{}
	present := map[int64]bool{}
	for _, h := range stored {
		present[h.Seq] = true
		v.checkSignature(h, "in the database")
	}
	for _, h := range kept {
		if v.checkSignature(h, "kept elsewhere") && !present[h.Seq] {
			v.found.add(Finding{Problem: HeadMissing, Seq: h.Seq})
		}
	}
}

func (v *verifier) checkSignature(h KeptHead, where string) bool {
	if len(h.Hash) != len(chain.Hash{}) {
		v.found.add(Finding{Problem: HeadForged, Seq: h.Seq, Detail: where})
		return false
	}
	head := chain.Head{Seq: h.Seq, Hash: chain.Hash(h.Hash), At: h.At}
	if v.Signed != nil && v.Signed(head.Message(), h.Signature) != nil {
		v.found.add(Finding{Problem: HeadForged, Seq: h.Seq, Detail: where})
		return false
	}
	check := v.heads[h.Seq]
	if check == nil {
		check = &headCheck{}
		v.heads[h.Seq] = check
	}
	check.signed = append(check.signed, head.Hash)
	return true
}

// checkHeads compares what was signed with what stands there.
func (v *verifier) checkHeads(report *Report) {
	for seq, check := range v.heads {
		switch {
		case seq > v.total:
			v.cut = max(v.cut, seq)
		case !check.seen: // that the entry is missing is told already
		case slices.ContainsFunc(check.signed, func(h chain.Hash) bool { return h != check.found }):
			v.found.add(Finding{Problem: HeadDiffers, Seq: seq})
		default:
			report.SignedUpTo = max(report.SignedUpTo, seq)
		}
	}
}

// maxHeadLine bounds a line of the file of heads.
const maxHeadLine = 4096

// ReadHeads reads the lines of a file of heads.
func ReadHeads(r io.Reader) ([]KeptHead, error) {
	var heads []KeptHead
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxHeadLine)
	for n := 1; lines.Scan(); n++ {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		var h KeptHead
		if err := json.Unmarshal(line, &h); err != nil {
			return nil, fmt.Errorf("line %d is no signed head: %w", n, err)
		}
		heads = append(heads, h)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the signed heads: %w", err)
	}
	return heads, nil
}
