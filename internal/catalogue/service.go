package catalogue

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Service is a published definition, compiled and ready for use. It is shared:
// nobody changes it.
type Service struct {
	*sdk.Service
	// Hash names the definition; a case is pinned to it.
	Hash string
}

// publish compiles what a process describes, with its references to the town,
// and gives the JSON to keep.
func publish(def *sdk.Definition, known *sdk.Town) (*Service, []byte, error) {
	compiled, err := sdk.Compile(def, known)
	if err != nil {
		return nil, nil, fmt.Errorf("the definition is faulty: %w", err)
	}
	body, err := json.Marshal(def)
	if err != nil {
		return nil, nil, fmt.Errorf("encode the definition: %w", err)
	}
	hash, err := def.Hash()
	if err != nil {
		return nil, nil, err
	}
	return &Service{Service: compiled, Hash: hash}, body, nil
}

// reread compiles what was kept. Its references were checked when it came in,
// and what the town has changed since does not undo a case.
func reread(stored StoredDefinition) (*Service, error) {
	if hashOf(stored.Body) != stored.Hash {
		return nil, fmt.Errorf("the kept definition %s is damaged", stored.Hash)
	}
	var def sdk.Definition
	if err := json.Unmarshal(stored.Body, &def); err != nil {
		return nil, fmt.Errorf("decode the kept definition: %w", err)
	}
	compiled, err := sdk.Compile(&def, nil)
	if err != nil {
		return nil, fmt.Errorf("the kept definition is faulty: %w", err)
	}
	return &Service{Service: compiled, Hash: stored.Hash}, nil
}

func hashOf(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:])
}
