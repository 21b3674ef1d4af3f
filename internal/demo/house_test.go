package demo_test

import (
	"context"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/demo"
	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/internal/vault/vaulttest"
	"github.com/spazio-in-comune/sportello/internal/voice"
	"github.com/spazio-in-comune/sportello/plugins"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	towndata "github.com/spazio-in-comune/sportello/plugins/town"
)

// newHouse is a furnished demo town with the real departments in process, and the
// store in the present.
func newHouse(t *testing.T, db dbtest.DB, now time.Time, away ...string) (demo.House, *store.Store) {
	t.Helper()
	cfg := store.Config{DSN: db.DSN, Clock: town.NewManualClock(now.Add(-24 * time.Hour)), Attach: access.Attach, Sign: access.Sign}
	if db.Name == dbtest.SQLite {
		cfg.DSN, cfg.Dir = "", filepath.Dir(db.DSN)
	}
	s, err := store.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	shared, err := towndata.Load()
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Furnish(t.Context(), s, shared, demo.AlwaysOpen()); err != nil {
		t.Fatal(err)
	}
	v := vaulttest.New(t, s)
	if err := identity.SeedDemo(t.Context(), s, v); err != nil {
		t.Fatal(err)
	}
	return openRooms(t, s, v, shared, newDepartments(t, shared, away)), s
}

func openRooms(t *testing.T, s *store.Store, v *vault.Vault, shared *sdk.Town, d *departments) demo.House {
	t.Helper()
	clock := town.NewManualClock(s.Clock().Now())
	h := demo.House{
		Store: s.WithClock(clock), Clock: clock, Practice: d.practice, Town: shared, Logger: slog.New(slog.DiscardHandler),
	}
	global, err := sdk.CompileGlobal(shared)
	if err != nil {
		t.Fatal(err)
	}
	if h.Authority, err = access.NewAuthority(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	h.People = identity.NewPeople(s, v)
	h.Desk = desk.New(h.Store, v, d)
	h.Cases = casework.New(casework.Config{Store: h.Store, Vault: v, Departments: d, People: people{h.People}, Queue: hall{h.Desk}, Town: shared, Global: global})
	h.Voice = voice.New(voice.Config{Store: h.Store, Vault: v, Calendar: shared.Calendar})
	return h
}

// departments are the real ones, asked in process; those away do not answer.
type departments struct {
	offers   map[string]casework.Offer
	services map[string]*sdk.Service
	asked    map[string]sdk.Department
	away     []string
}

func newDepartments(t *testing.T, shared *sdk.Town, away []string) *departments {
	t.Helper()
	d := &departments{offers: map[string]casework.Offer{}, services: map[string]*sdk.Service{}, asked: map[string]sdk.Department{}, away: away}
	for _, bundled := range plugins.All() {
		department, err := bundled.New()
		if err != nil {
			t.Fatal(err)
		}
		described, err := department.Describe(t.Context(), sdk.DescribeRequest{})
		if err != nil {
			t.Fatal(err)
		}
		service, err := sdk.Compile(described.Definition, shared)
		if err != nil {
			t.Fatal(err)
		}
		hash, err := described.Definition.Hash()
		if err != nil {
			t.Fatal(err)
		}
		d.services[hash], d.services[bundled.Name], d.asked[bundled.Name] = service, service, department
		for _, p := range described.Definition.Practices {
			compiled, _ := service.Practice(p.ID)
			d.offers[p.ID] = casework.Offer{Service: service, Practice: compiled, Hash: hash}
		}
	}
	return d
}

func (d *departments) practice(code string) (*sdk.CompiledPractice, bool) {
	offer, ok := d.offers[code]
	return offer.Practice, ok
}

func (d *departments) Practice(code string) (casework.Offer, bool) {
	offer, ok := d.offers[code]
	return offer, ok
}

func (d *departments) ByHash(_ context.Context, hash string) (*sdk.Service, error) {
	return d.services[hash], nil
}

func (d *departments) Serves(hash string) bool { return d.services[hash] != nil }

func (d *departments) Review(ctx context.Context, service, _ string, req sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
	for _, name := range d.away {
		if name == service {
			return nil, town.Errorf(town.PluginUnavailable, "away", "assente")
		}
	}
	return d.asked[service].Review(ctx, req)
}

func (d *departments) Service(code string) (desk.Service, bool) {
	service, ok := d.services[code]
	if !ok {
		return desk.Service{}, false
	}
	return desk.Service{Letter: service.Definition().Series, Office: service.Definition().DefaultRoute}, true
}

// people are what casework sees of the persons' records.
type people struct{ kept *identity.People }

func (p people) TaxCode(ctx context.Context, id string) (string, error) {
	row, err := p.kept.Person(ctx, id)
	if err != nil {
		return "", err
	}
	data, err := p.kept.Personal(ctx, row)
	if err != nil || data == nil {
		return "", err
	}
	return data.TaxCode, nil
}

func (p people) Find(ctx context.Context, taxCode string) (string, error) {
	row, err := p.kept.FindByTaxCode(access.System(ctx, "test"), taxCode)
	if err != nil && town.CodeOf(err) == town.NotFound {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return row.ID, nil
}

func (p people) Namesakes(context.Context, string) ([]string, error) { return nil, nil } // nobody searches here

func (p people) Ensure(ctx context.Context, tx *store.Tx, who casework.Applicant) (string, error) {
	return p.kept.CreateCitizen(access.System(ctx, "test"), tx, identity.Personal{TaxCode: who.TaxCode, GivenName: who.GivenName, FamilyName: who.FamilyName})
}

// hall is what casework sees of the waiting hall.
type hall struct{ desk *desk.Desk }

func (h hall) Leg(ctx context.Context, id string) (casework.LegRef, error) {
	leg, err := h.desk.Leg(ctx, id)
	if err != nil {
		return casework.LegRef{}, err
	}
	return casework.LegRef{VisitID: leg.VisitID, SiteID: leg.SiteID, OfficeID: leg.OfficeID}, nil
}

func (h hall) Identify(ctx context.Context, tx *store.Tx, legID, personID string) error {
	return h.desk.Identify(ctx, tx, legID, personID)
}

func (hall) Facts(context.Context, string, string, string) casework.QueueFacts {
	return casework.QueueFacts{}
}

// counts groups rows by a word.
func counts[T any](rows []T, err error, word func(T) string) (map[string]int, error) {
	n := map[string]int{}
	for _, row := range rows {
		n[word(row)]++
	}
	return n, err
}
