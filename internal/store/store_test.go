package store_test

import (
	"context"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func TestOpenAndWrite(t *testing.T) {
	ctx := context.Background()
	s, err := store.Open(ctx, store.Config{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	id, replayed, err := s.Once(ctx, store.Once{Actor: "a", Mutation: "m", Key: "k", Input: 1}, func(ctx context.Context, tx *store.Tx) (string, error) {
		tx.Emit(town.Event{Type: town.EventVisitOpened, Actor: "a"})
		return "x", nil
	})
	if err != nil || replayed || id != "x" {
		t.Fatal(id, replayed, err)
	}
	id, replayed, err = s.Once(ctx, store.Once{Actor: "a", Mutation: "m", Key: "k", Input: 1}, nil)
	if err != nil || !replayed || id != "x" {
		t.Fatal(id, replayed, err)
	}
	n, err := s.Reader().Event.Query().All(ctx)
	if err != nil || len(n) != 1 || *n[0].Seq != 1 {
		t.Fatal(n, err)
	}
}
