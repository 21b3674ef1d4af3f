package catalogue

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/pluginregistration"
	"github.com/spazio-in-comune/sportello/ent/sequencer"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// systemName is the name of the host's own work in events and audit.
const systemName = "catalogue"

// stampRow is the row of the sequencers that counts the changes of registrations. Each
// change takes it first and so waits for the one before, whatever process makes it.
const stampRow = "plugins"

// storeMemory keeps registrations, and what the host remembers, in the database.
type storeMemory struct{ store *store.Store }

// NewStored is the memory in the database. Every change of a registration or of a
// department's state is an event, too. A store that was opened for reading serves
// [List].
func NewStored(s *store.Store) Memory { return &storeMemory{s} }

// SaveDefinition implements Memory.
func (m *storeMemory) SaveDefinition(ctx context.Context, def StoredDefinition) error {
	ctx = access.System(ctx, systemName)
	if known, err := m.store.Reader().Definition.Get(ctx, def.Hash); err == nil && known != nil {
		return nil // as at most starts
	}
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

// SaveState implements Memory.
func (m *storeMemory) SaveState(ctx context.Context, i Instance) error {
	ctx = access.System(ctx, systemName)
	return m.store.InTx(ctx, "keep the state of a department", func(ctx context.Context, tx *store.Tx) error {
		old, err := tx.PluginRegistration.Get(ctx, i.ID)
		if err != nil {
			return err
		}
		if old.State == string(i.State) && old.Failures == i.Failures && old.LastError == i.LastError {
			return nil
		}
		err = old.Update().SetState(string(i.State)).SetFailures(i.Failures).SetLastError(i.LastError).
			SetUpdatedAt(i.UpdatedAt).Exec(ctx)
		if err == nil && old.State != string(i.State) {
			tx.Emit(stateChanged(i))
		}
		return err
	})
}

func stateChanged(i Instance) town.Event {
	return town.Event{
		Type: town.EventPluginState, ServiceID: i.Name, Actor: actorCatalogue,
		Data: map[string]string{town.DataPlugin: i.ID, "state": string(i.State), "version": i.Version},
	}
}

// Instances implements Memory.
func (m *storeMemory) Instances(ctx context.Context) ([]Instance, error) {
	return instances(access.System(ctx, systemName), m.store.Reader())
}

func instances(ctx context.Context, db *ent.Client) ([]Instance, error) {
	rows, err := db.PluginRegistration.Query().
		Order(ent.Asc(pluginregistration.FieldName, pluginregistration.FieldRegisteredAt, pluginregistration.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("load the registered departments: %w", err)
	}
	list := make([]Instance, len(rows))
	for n, row := range rows {
		list[n] = instanceOf(row)
	}
	return list, nil
}

func instanceOf(row *ent.PluginRegistration) Instance {
	return Instance{
		ID: row.ID, Name: row.Name, Version: row.Version, SHA256: row.Sha256, Command: row.Command, Args: row.Args,
		PlainSocket: row.PlainSocket, Bundled: row.Bundled, Standing: Standing(row.Standing), Previous: row.PreviousID,
		RegisteredAt: row.RegisteredAt, RegisteredBy: row.RegisteredBy, Disabled: row.Disabled, Restarts: row.Restarts,
		Practices: row.Practices, Series: row.Series, DefinitionHash: row.DefinitionHash,
		State: State(row.State), Failures: row.Failures, LastError: row.LastError, UpdatedAt: row.UpdatedAt,
	}
}

// Stamp implements Memory.
func (m *storeMemory) Stamp(ctx context.Context) (int64, error) {
	row, err := m.store.Reader().Sequencer.Get(access.System(ctx, systemName), stampRow)
	if ent.IsNotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("look whether registrations have changed: %w", err)
	}
	return row.Last, nil
}

// Change implements Memory.
func (m *storeMemory) Change(ctx context.Context, what string, f func(*Ledger) error) error {
	return m.store.InTx(access.System(ctx, systemName), what, func(ctx context.Context, tx *store.Tx) error {
		return change(ctx, tx, f)
	})
}

// ChangeOnce implements Memory.
func (m *storeMemory) ChangeOnce(ctx context.Context, once store.Once, f func(*Ledger) (string, error)) (string, error) {
	id, _, err := m.store.Once(access.System(ctx, systemName), once, func(ctx context.Context, tx *store.Tx) (id string, err error) {
		err = change(ctx, tx, func(l *Ledger) error {
			id, err = f(l)
			return err
		})
		return id, err
	})
	return id, err
}

func change(ctx context.Context, tx *store.Tx, f func(*Ledger) error) error {
	if err := raiseStamp(ctx, tx); err != nil {
		return err
	}
	rows, err := instances(ctx, tx.Client)
	if err != nil {
		return err
	}
	letters, err := lettersOf(ctx, tx)
	if err != nil {
		return err
	}
	l := newLedger(rows, letters, tx.Now)
	if err := f(l); err != nil {
		return err
	}
	return write(ctx, tx, l)
}

func raiseStamp(ctx context.Context, tx *store.Tx) error {
	raise := func() (int, error) {
		return tx.Sequencer.Update().Where(sequencer.ID(stampRow)).AddLast(1).Save(ctx)
	}
	n, err := raise()
	if err == nil && n == 0 {
		err = tx.Sequencer.Create().SetID(stampRow).SetLast(1).Exec(ctx)
		if ent.IsConstraintError(err) { // another process began just now
			_, err = raise()
		}
	}
	if err != nil {
		return fmt.Errorf("note that registrations change: %w", err)
	}
	return nil
}

// lettersOf are the series that the sites have set, and what they stand for.
func lettersOf(ctx context.Context, tx *store.Tx) (map[string]string, error) {
	sites, err := tx.Site.Query().All(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the series of the sites: %w", err)
	}
	letters := map[string]string{}
	for _, site := range sites {
		for letter, target := range site.Series {
			letters[letter] = target
		}
	}
	return letters, nil
}

// write keeps what a change has left in the ledger.
func write(ctx context.Context, tx *store.Tx, l *Ledger) error {
	for _, id := range l.removed {
		if err := tx.PluginRegistration.DeleteOneID(id).Exec(ctx); err != nil {
			return fmt.Errorf("remove a registration: %w", err)
		}
	}
	for _, created := range []bool{false, true} { // a new row may take the version that another gives up
		for _, i := range l.rows {
			if !l.changed[i.ID] || l.created[i.ID] != created {
				continue
			}
			if err := writeRow(ctx, tx, i, created); err != nil {
				return fmt.Errorf("write the registration of %s %s: %w", i.Name, i.Version, err)
			}
		}
	}
	for _, e := range l.events {
		tx.Emit(e)
	}
	return nil
}

func writeRow(ctx context.Context, tx *store.Tx, i *Instance, created bool) error {
	if created {
		err := tx.PluginRegistration.Create().SetID(i.ID).SetName(i.Name).SetVersion(i.Version).SetStanding(string(i.Standing)).
			SetState(string(i.State)).SetBundled(i.Bundled).SetRegisteredAt(i.RegisteredAt).SetUpdatedAt(i.UpdatedAt).Exec(ctx)
		if err != nil {
			return err
		}
	}
	row := tx.PluginRegistration.UpdateOneID(i.ID)
	if i.Standing == Retired && !i.Bundled { // one that no host has started has nobody to say so
		row.SetState(string(Stopped))
	}
	return row.SetVersion(i.Version).SetSha256(i.SHA256).SetCommand(i.Command).
		SetArgs(i.Args).SetPlainSocket(i.PlainSocket).SetStanding(string(i.Standing)).SetPreviousID(i.Previous).
		SetRegisteredAt(i.RegisteredAt).SetRegisteredBy(i.RegisteredBy).SetDisabled(i.Disabled).SetRestarts(i.Restarts).
		SetPractices(i.Practices).SetSeries(i.Series).SetDefinitionHash(i.DefinitionHash).Exec(ctx)
}
