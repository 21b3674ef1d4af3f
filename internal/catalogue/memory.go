package catalogue

import (
	"context"
	"errors"
	"time"
)

// Memory is where the host keeps what departments published and what became of
// their processes. All methods may be called at the same time.
type Memory interface {
	// SaveDefinition keeps a definition; one that is already kept stays as it is.
	SaveDefinition(ctx context.Context, def StoredDefinition) error
	// LoadDefinition returns the definition of a hash, or ErrUnknownDefinition.
	LoadDefinition(ctx context.Context, hash string) (StoredDefinition, error)
	// SaveInstance replaces what is known about a department's process.
	SaveInstance(ctx context.Context, instance Instance) error
	// Instances returns what is known of all processes, by name.
	Instances(ctx context.Context) ([]Instance, error)
}

// ErrUnknownDefinition says that no definition of that hash was ever published.
var ErrUnknownDefinition = errors.New("no such definition")

// StoredDefinition is a definition as it was published.
type StoredDefinition struct {
	// Hash is the SHA-256 of Body in hexadecimal.
	Hash    string
	Service string
	Version string
	// Body is the JSON that the hash covers.
	Body []byte
	// CreatedAt is when this host first saw it.
	CreatedAt time.Time
}

// Instance is a department's registration and the last known state of its
// process.
type Instance struct {
	Name    string
	Version string
	// SHA256 is the checksum of the executable that runs, or that should.
	SHA256  string
	Command string
	Args    []string
	Bundled bool
	State   State
	// PID is 0 while no process runs. It is not kept.
	PID int
	// Practices are the ids of the practice types of the current definition.
	Practices      []string
	DefinitionHash string
	// Failures are the failed starts and lost processes in a row.
	Failures int
	// LastError is for the operator of the platform; at most 500 bytes.
	LastError string
	UpdatedAt time.Time
}
