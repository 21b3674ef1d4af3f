package access_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/spazio-in-comune/sportello/ent/setting"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// note is a unit of whoever asks that leaves a trace.
func (h house) note(ctx context.Context, id string) error {
	return h.store.InTx(ctx, "note", func(ctx context.Context, tx *store.Tx) error {
		return tx.Setting.Create().SetID(id).SetValue([]byte("noted")).SetUpdatedAt(tx.Now).Exec(access.System(ctx, "test"))
	})
}

func (h house) notes(t *testing.T, prefix string) int {
	t.Helper()
	return h.store.Reader().Setting.Query().Where(setting.IDGTE(prefix), setting.IDLT(prefix+"~")).CountX(access.System(t.Context(), "test"))
}

func (h house) demote(t *testing.T, person string, role town.Role, office string) {
	t.Helper()
	input := access.RevokeRoleInput{IdempotencyKey: person + string(role), PersonID: person, Role: string(role), OfficeCode: office}
	if _, err := h.RevokeRole(h.as(t, "admin"), input); err != nil {
		t.Fatal(err)
	}
}

// A request that was looked at before a right was lost writes nothing after it was.
func TestNothingIsWrittenUnderLostRights(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHouse(t, db)
		h.store.GuardWith(h.Guard())
		tests := map[string]struct {
			ctx  context.Context
			want town.Code // empty: it is written
		}{
			"of the last role":       {h.as(t, "head.births"), town.Unauthenticated},
			"of one role of two":     {h.as(t, "cleared.births"), town.Forbidden},
			"somebody else's":        {h.as(t, "operator"), ""},
			"the house for who lost": {access.System(h.as(t, "head.births"), "test"), town.Unauthenticated},
			"the house for others":   {access.System(h.as(t, "operator"), "test"), ""},
			"the house by itself":    {access.System(t.Context(), "test"), ""},
			"the public":             {access.With(t.Context(), access.Public()), ""},
		}
		h.demote(t, "head.births", town.RoleHead, "births")
		h.demote(t, "cleared.births", town.RoleConfidential, "births")
		for name, test := range tests {
			for _, id := range []string{"one of " + name, "two of " + name} {
				if err := h.note(test.ctx, id); town.CodeOf(err) != test.want && (err != nil || test.want != "") {
					t.Errorf("%s: %v, want %q", id, err, test.want)
				}
				if written := h.notes(t, id) == 1; written != (test.want == "") {
					t.Errorf("%s: written %v", id, written)
				}
			}
		}
	})
}

// Whatever is written while a role is taken away is there when that has been answered.
func TestARevocationIsTheLast(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newHouse(t, db)
		h.store.GuardWith(h.Guard())
		ctx := h.as(t, "officer.taxes")
		var wg sync.WaitGroup
		var written atomic.Int32
		begun := make(chan struct{})
		for n := range 8 {
			wg.Go(func() {
				for i := range 200 {
					if err := h.note(ctx, fmt.Sprintf("n%d.%d", n, i)); err != nil {
						if town.CodeOf(err) != town.Unauthenticated {
							t.Errorf("a write: %v", err)
						}
						return
					}
					if written.Add(1) == 40 {
						close(begun)
					}
				}
			})
		}
		<-begun
		h.demote(t, "officer.taxes", town.RoleOfficer, "taxes")
		answered := h.notes(t, "n")
		wg.Wait()
		if after := h.notes(t, "n"); after != answered || int(written.Load()) != after {
			t.Errorf("%d notes when the revocation was answered, %d in the end, %d answered", answered, after, written.Load())
		}
	})
}
