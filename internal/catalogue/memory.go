package catalogue

import (
	"context"
	"errors"
	"time"

	"github.com/spazio-in-comune/sportello/internal/store"
)

// Memory is where registrations are kept, and what the host remembers: what
// departments published and what became of their processes. All methods may be
// called at the same time, by several hosts and by the command line.
type Memory interface {
	// SaveDefinition keeps a definition; one that is already kept stays as it is.
	SaveDefinition(ctx context.Context, def StoredDefinition) error
	// LoadDefinition returns the definition of a hash, or ErrUnknownDefinition.
	LoadDefinition(ctx context.Context, hash string) (StoredDefinition, error)
	// Instances returns all registered versions, retired ones too, by name and then
	// in the order of their registration.
	Instances(ctx context.Context) ([]Instance, error)
	// SaveState keeps what became of the process of a registered version.
	SaveState(ctx context.Context, instance Instance) error
	// Change changes registrations: all that f does or, with its error, nothing. One
	// change follows the other, and each raises the stamp. f may be run again.
	Change(ctx context.Context, what string, f func(*Ledger) error) error
	// ChangeOnce is Change for a request that must have one effect however often it
	// is sent. f gives the id of the version that it is about; a repeat gives it again.
	ChangeOnce(ctx context.Context, once store.Once, f func(*Ledger) (string, error)) (string, error)
	// Stamp changes whenever registrations do.
	Stamp(ctx context.Context) (int64, error)
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

// Instance is one registered version of a department and the last known state of its
// process.
type Instance struct {
	// ID is plg_ and a ULID, unique for ever.
	ID   string
	Name string
	// Version is empty for what came with the platform until it has described itself.
	Version string
	// SHA256 is the checksum of the executable that runs, or that should.
	SHA256 string
	// Command is a file in the plug-ins folder; for what came with the platform a
	// path, empty for the platform's own executable.
	Command     string
	Args        []string
	PlainSocket bool
	Bundled     bool
	Standing    Standing
	// Previous is the id of the version to roll back to; empty if there is none.
	Previous     string
	RegisteredAt time.Time
	// RegisteredBy is the id of a person, or the name of system work.
	RegisteredBy string
	// Disabled is why an administrator wants no process of this department; empty
	// where they do. It is the same for all versions of a department.
	Disabled string
	// Restarts counts how often somebody asked for a new process.
	Restarts int

	// Practices are the ids of the practice types of the definition that it published.
	Practices []string
	// Series is the letter of the numbers in that definition.
	Series         string
	DefinitionHash string

	State State
	// PID is 0 while no process runs. It is not kept.
	PID int
	// NextStart is when a process is started next, while backing off or disabled by
	// the breaker. It is not kept.
	NextStart time.Time
	// Failures are the failed starts and lost processes in a row.
	Failures int
	// Lost counts the failed starts and lost processes since this host began. It is
	// not kept.
	Lost int64
	// LastError is for the operator of the platform; at most 500 bytes.
	LastError string
	UpdatedAt time.Time
}
