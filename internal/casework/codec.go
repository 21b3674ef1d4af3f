package casework

import (
	"encoding/json"
	"errors"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Codec writes and reads what a citizen filled in and what rules copied from it.
// It is the one place where keys come in.
type Codec interface {
	Seal(plain []byte) ([]byte, error)
	Open(sealed []byte) ([]byte, error)
}

// PlainCodec keeps the text as it is, behind a byte that says so, so that a codec
// with keys can tell old rows from its own.
type PlainCodec struct{}

const plainMark = 0x01

// Seal implements [Codec].
func (PlainCodec) Seal(plain []byte) ([]byte, error) {
	return append([]byte{plainMark}, plain...), nil
}

// Open implements [Codec].
func (PlainCodec) Open(sealed []byte) ([]byte, error) {
	if len(sealed) == 0 || sealed[0] != plainMark {
		return nil, errors.New("not a plain text of ours")
	}
	return sealed[1:], nil
}

// Decided is what the rules said of a case.
type Decided struct {
	sdk.Decision
	// Degraded: the department was down, and only the rules of the town and its
	// declared default route were read.
	Degraded bool `json:"degraded,omitempty"`
}

// keptDecision is what is sealed of a decision: beside it the ambient values that were
// known then, by name, so that the same request can be decided again as it was.
type keptDecision struct {
	Decided
	Facts map[string]json.RawMessage `json:"facts,omitempty"`
}

func seal(codec Codec, v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write for the codec: %w", err)
	}
	sealed, err := codec.Seal(plain)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return sealed, nil
}

func unseal(codec Codec, sealed []byte, v any) error {
	plain, err := codec.Open(sealed)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	if err := json.Unmarshal(plain, v); err != nil {
		return fmt.Errorf("read what the codec kept: %w", err)
	}
	return nil
}

// Decision is what the rules said when the case was taken in, or reviewed.
func (c *Cases) Decision(file *ent.CaseFile) (*Decided, error) {
	var d Decided
	if err := unseal(c.codec, file.Decision, &d); err != nil {
		return nil, fmt.Errorf("decision of %s: %w", file.ID, err)
	}
	return &d, nil
}
