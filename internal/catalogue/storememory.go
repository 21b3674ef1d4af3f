package catalogue

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/plugininstance"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// systemName is the name of the host's own work in events and audit.
const systemName = "catalogue"

// storeMemory keeps what the host remembers in the database.
type storeMemory struct{ store *store.Store }

// NewStored is the memory in the database. Every change of a department's state
// is an event, too. A store that was opened for reading serves [List].
func NewStored(s *store.Store) Memory { return &storeMemory{s} }

// SaveDefinition implements Memory.
func (m *storeMemory) SaveDefinition(ctx context.Context, def StoredDefinition) error {
	ctx = access.System(ctx, systemName)
	return m.store.InTx(ctx, "keep a definition", func(ctx context.Context, tx *store.Tx) error {
		_, err := tx.Definition.Get(ctx, def.Hash)
		if err == nil || !ent.IsNotFound(err) {
			return err
		}
		err = tx.Definition.Create().SetID(def.Hash).SetServiceID(def.Service).SetVersion(def.Version).
			SetBody(def.Body).SetCreatedAt(def.CreatedAt).Exec(ctx)
		if ent.IsConstraintError(err) {
			return nil // another replica kept the same a moment ago
		}
		return err
	})
}

// LoadDefinition implements Memory.
func (m *storeMemory) LoadDefinition(ctx context.Context, hash string) (StoredDefinition, error) {
	row, err := m.store.Reader().Definition.Get(access.System(ctx, systemName), hash)
	if ent.IsNotFound(err) {
		return StoredDefinition{}, ErrUnknownDefinition
	}
	if err != nil {
		return StoredDefinition{}, fmt.Errorf("load a definition: %w", err)
	}
	return StoredDefinition{
		Hash: row.ID, Service: row.ServiceID, Version: row.Version, Body: row.Body, CreatedAt: row.CreatedAt,
	}, nil
}

// SaveInstance implements Memory.
func (m *storeMemory) SaveInstance(ctx context.Context, i Instance) error {
	ctx = access.System(ctx, systemName)
	return m.store.InTx(ctx, "keep the state of a department", func(ctx context.Context, tx *store.Tx) error {
		old, err := tx.PluginInstance.Get(ctx, i.Name)
		if err != nil && !ent.IsNotFound(err) {
			return err
		}
		if old == nil {
			err = create(ctx, tx, i)
		} else {
			err = update(ctx, old, i)
		}
		if err == nil && (old == nil || old.State != string(i.State)) {
			tx.Emit(stateChanged(i))
		}
		return err
	})
}

func create(ctx context.Context, tx *store.Tx, i Instance) error {
	return tx.PluginInstance.Create().SetID(i.Name).
		SetVersion(i.Version).SetSha256(i.SHA256).SetCommand(i.Command).SetArgs(i.Args).SetBundled(i.Bundled).
		SetState(string(i.State)).SetPractices(i.Practices).SetDefinitionHash(i.DefinitionHash).
		SetFailures(i.Failures).SetLastError(i.LastError).SetUpdatedAt(i.UpdatedAt).Exec(ctx)
}

func update(ctx context.Context, old *ent.PluginInstance, i Instance) error {
	return old.Update().
		SetVersion(i.Version).SetSha256(i.SHA256).SetCommand(i.Command).SetArgs(i.Args).SetBundled(i.Bundled).
		SetState(string(i.State)).SetPractices(i.Practices).SetDefinitionHash(i.DefinitionHash).
		SetFailures(i.Failures).SetLastError(i.LastError).SetUpdatedAt(i.UpdatedAt).Exec(ctx)
}

func stateChanged(i Instance) town.Event {
	return town.Event{
		Type: town.EventPluginState, ServiceID: i.Name, Actor: "system:" + systemName,
		Data: map[string]string{"state": string(i.State), "version": i.Version},
	}
}

// Instances implements Memory.
func (m *storeMemory) Instances(ctx context.Context) ([]Instance, error) {
	rows, err := m.store.Reader().PluginInstance.Query().
		Order(ent.Asc(plugininstance.FieldID)).All(access.System(ctx, systemName))
	if err != nil {
		return nil, fmt.Errorf("load the states of the departments: %w", err)
	}
	instances := make([]Instance, len(rows))
	for n, row := range rows {
		instances[n] = Instance{
			Name: row.ID, Version: row.Version, SHA256: row.Sha256, Command: row.Command, Args: row.Args,
			Bundled: row.Bundled, State: State(row.State), Practices: row.Practices,
			DefinitionHash: row.DefinitionHash, Failures: row.Failures, LastError: row.LastError,
			UpdatedAt: row.UpdatedAt,
		}
	}
	return instances, nil
}
