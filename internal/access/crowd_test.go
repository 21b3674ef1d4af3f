package access_test

import (
	"context"
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// TestCrowd: whoever asks, in the crowd there is nobody: no person, no role, no ticket, and nothing else that came with
// them; devices of different sites are not mixed, and neither is anybody across a change of the roles.
func TestCrowd(t *testing.T) {
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	type key struct{}
	person := context.WithValue(h.as(t, "admin"), key{}, "secret")
	device := access.With(t.Context(), &access.Viewer{ID: "per_display", Kind: access.KindDevice, SiteID: "site_1", Scope: &access.Scope{}})
	elsewhere := access.With(t.Context(), &access.Viewer{ID: "per_display", Kind: access.KindDevice, SiteID: "site_2", Scope: &access.Scope{}})
	scopes := map[string]string{}
	for name, ctx := range map[string]context.Context{
		"person": person, "ticket": access.With(t.Context(), h.Ticket("vis_1")), "public": access.With(t.Context(), access.Public()),
		"nobody": t.Context(), "system": access.System(t.Context(), "test"), "device": device, "device elsewhere": elsewhere,
	} {
		crowd, scope := h.Crowd(ctx)
		scopes[name] = scope
		if _, err := access.From(crowd); town.CodeOf(err) != town.Unauthenticated {
			t.Errorf("%s: the crowd is somebody: %v", name, err)
		}
		v := access.Asker(crowd)
		if v.ID != "" || v.VisitID != "" || v.Address != "" || v.ActsFor != nil || v.Kind != access.KindPublic || access.IsStaff(crowd) || crowd.Value(key{}) != nil {
			t.Errorf("%s: the crowd is %+v", name, v)
		}
		if refused := v.RequireSite("site_1") != nil; refused != strings.Contains(name, "elsewhere") {
			t.Errorf("%s: refused at the site %v", name, refused)
		}
	}
	for name, scope := range scopes {
		if alike := scope == scopes["public"]; alike == strings.HasPrefix(name, "device") {
			t.Errorf("%s has the scope %q, the public %q", name, scope, scopes["public"])
		}
	}
	if scopes["device"] == scopes["device elsewhere"] {
		t.Error("devices of two sites are one crowd")
	}
}
