package store_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Every part of an event comes back from its row, and no column is forgotten: they are
// written without ent, which would say so.
func TestEventsAreKeptWhole(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s, ctx := open(t, db), context.Background()
		full := town.Event{Level: town.LevelOffice, Parties: []string{"per_1", "per_2"}, Confidential: true, Data: map[string]string{"words": "perché è \"così\""}}
		fields := reflect.ValueOf(&full).Elem()
		for i := range fields.NumField() {
			if f := fields.Field(i); f.Kind() == reflect.String {
				f.SetString("of_" + fields.Type().Field(i).Name)
			}
		}
		err := s.InTx(ctx, "tell", func(_ context.Context, tx *store.Tx) error {
			full.At = tx.Now
			tx.Emit(full)
			tx.Emit(town.Event{Type: town.EventVisitOpened})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := s.Reader().Event.Query().Order(ent.Asc("id")).All(ctx)
		if err != nil || len(rows) != 2 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		kept := reflect.ValueOf(rows[0]).Elem()
		for i := range fields.NumField() {
			name := fields.Type().Field(i).Name
			if name == "ID" || name == "Seq" { // given by the store
				continue
			}
			if diff := cmp.Diff(fields.Field(i).Interface(), kept.FieldByName(name).Interface()); diff != "" && name != "At" {
				t.Errorf("%s (-told +kept):\n%s", name, diff)
			}
		}
		if !rows[0].At.Equal(town.Stamp(full.At)) || town.PrefixOf(rows[0].UID) != town.PrefixEvent {
			t.Errorf("kept as %s at %s, told at %s", rows[0].UID, rows[0].At, full.At)
		}
		if bare := rows[1]; bare.Parties != nil || bare.Data != nil || bare.OfficeID != "" || bare.Level != 0 || bare.Confidential {
			t.Errorf("a bare event is kept as %v", bare)
		}
	})
}

// More events than one statement holds are appended in their order.
func TestManyEventsOfOneUnit(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		s, ctx := open(t, db), context.Background()
		var want []string
		err := s.InTx(ctx, "tell", func(_ context.Context, tx *store.Tx) error {
			want = nil
			for i := range 250 {
				want = append(want, town.NewID("leg", tx.Now))
				tx.Emit(town.Event{Type: town.EventLegQueued, LegID: want[i]})
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := s.Reader().Event.Query().Order(ent.Asc("id")).All(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, row := range rows {
			got = append(got, row.LegID)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-told +kept):\n%s", diff)
		}
	})
}

// Events are signed before they are kept; what cannot be signed does not happen.
func TestEventsAreSigned(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		cfg, ctx := config(db), context.Background()
		refused := errors.New("nobody asks")
		cfg.Attach = func(*ent.Client) {}
		cfg.Sign = func(_ context.Context, e *town.Event) error {
			if e.Actor == "" {
				return refused
			}
			e.OnBehalfOf = "for " + e.Actor
			return nil
		}
		s, err := store.Open(ctx, cfg)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		without := cfg
		without.Sign = nil
		if unsigned, err := store.Open(ctx, without); err == nil {
			t.Error("opened with rules for rows and none for events")
			defer unsigned.Close()
		}
		tell := func(actor string) error {
			return s.InTx(ctx, "tell", func(ctx context.Context, tx *store.Tx) error {
				tx.Emit(town.Event{Type: town.EventVisitOpened, Actor: actor})
				return put(ctx, tx, "by "+actor, tx.Now)
			})
		}
		if err := tell("bianchi"); err != nil {
			t.Error(err)
		}
		if err := tell(""); !errors.Is(err, refused) {
			t.Errorf("got %v, want %v", err, refused)
		}
		row, err := s.Reader().Event.Query().Only(ctx)
		if err != nil || row.OnBehalfOf != "for bianchi" {
			t.Errorf("kept %v, %v", row, err)
		}
		if diff := cmp.Diff([]string{"by bianchi"}, ids(t, s)); diff != "" {
			t.Errorf("effects (-want +got):\n%s", diff)
		}
	})
}
