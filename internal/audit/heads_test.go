package audit_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/access"
)

// TestHeadVerifiesElsewhere: whoever has the answer and any Ed25519 verifies a head.
func TestHeadVerifiesElsewhere(t *testing.T) {
	t.Parallel()
	each(t, true, func(t *testing.T, h *house) {
		h.appendEntries(t, 3)
		if err := h.audit.Sign(t.Context()); err != nil {
			t.Fatal(err)
		}
		head, err := h.audit.Head(access.With(t.Context(), auditor()))
		if err != nil || head == nil {
			t.Fatalf("the head is %v, %v", head, err)
		}
		signature, err := base64.StdEncoding.DecodeString(head.Signature)
		if err != nil {
			t.Fatal(err)
		}
		key, err := base64.StdEncoding.DecodeString(head.PublicKey)
		if err != nil || len(key) != ed25519.PublicKeySize {
			t.Fatalf("the public key has %d bytes: %v", len(key), err)
		}
		if !ed25519.Verify(key, []byte(head.Message), signature) {
			t.Errorf("the signature %x does not verify %q", signature, head.Message)
		}
		if ed25519.Verify(key, []byte(head.Message+" "), signature) {
			t.Error("the signature verifies another text")
		}
	})
}
