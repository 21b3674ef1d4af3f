package identity

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/internal/vault/vaulttest"
)

var opening = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// house is a demo town with everything of this package.
type house struct {
	store     *store.Store
	authority *access.Authority
	tokens    *Tokens
	tickets   *Tickets
	door      *Door
	vault     *vault.Vault
	people    *People
	issued    int // tickets
}

func openStore(t *testing.T, db dbtest.DB) *store.Store {
	t.Helper()
	cfg := store.Config{DSN: db.DSN, Clock: town.NewManualClock(opening), Attach: access.Attach, Sign: access.Sign}
	if db.Name == dbtest.SQLite {
		cfg.DSN, cfg.Dir = "", filepath.Dir(db.DSN)
	}
	s, err := store.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func demoHouse(t *testing.T, db dbtest.DB) *house {
	t.Helper()
	ctx := context.Background()
	h := &house{store: openStore(t, db)}
	h.vault = vaulttest.New(t, h.store)
	must(t, SeedDemo(ctx, h.store, h.vault))
	var err error
	h.authority, err = access.NewAuthority(ctx, h.store)
	must(t, err)
	h.door, err = NewDoor(ctx, h.store, h.authority, true)
	must(t, err)
	h.tokens, h.tickets = h.door.Tokens, h.door.Tickets
	h.people = NewPeople(h.store, h.vault)
	return h
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// id is the id of the demo person of that name.
func (h *house) id(t *testing.T, login string) string {
	t.Helper()
	id, err := h.store.Reader().Person.Query().Where(person.Login(login)).OnlyID(access.System(context.Background(), "test"))
	must(t, err)
	return id
}

// as is a context in which the demo person asks.
func (h *house) as(t *testing.T, login string) context.Context {
	t.Helper()
	v, err := h.authority.Viewer(h.id(t, login), time.Time{})
	must(t, err)
	return access.With(context.Background(), v)
}

// ticket makes a visit with a ticket and returns the visit's id and the code.
func (h *house) ticket(t *testing.T) (id, code string) {
	t.Helper()
	h.issued++
	code, hash := town.NewTicketCode()
	err := h.store.InTx(access.System(context.Background(), "test"), "issue", func(ctx context.Context, tx *store.Tx) error {
		id = town.NewID(town.PrefixVisit, tx.Now)
		return tx.Visit.Create().SetID(id).SetSiteID("site").SetDay(town.Today(tx.Now)).SetLetter("A").SetNumber(h.issued).SetCodeHash(hash).
			SetChannel(town.ChannelKiosk).SetPriority(town.P3).SetArrivedAt(tx.Now).Exec(ctx)
	})
	must(t, err)
	return id, code
}
