package main

import (
	"testing"

	"github.com/spazio-in-comune/sportello/internal/demo"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// TestE2E is the main job on every database: one town hall each, through which
// the tests go one after the other.
func TestE2E(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := newHouse(t, db)
		for _, way := range []struct {
			name string
			test func(*testing.T, *house)
		}{
			{"a number", testNumber},
			{"an intake", testIntake},
			{"blocked and past it", testBlock},
			{"a case withdrawn", testWithdrawal},
			{"the information point", testOrientation},
			{"a dissatisfied citizen", testVoice},
			{"one effect", testOneEffect},
			{"stale versions", testStaleVersions},
			{"no token no data", testNoToken},
			{"bad tokens", testBadTokens},
			{"rights that end", testRightsEnd},
			{"acting for another", testDelega},
			{"devices", testDevices},
			{"lists", testLists},
			{"abuse over HTTP", testAbuse},
			{"abuse over sockets", testSocketAbuse},
			{"health and metrics", testHealth},
			{"a department killed", testDepartmentKilled},
			{"versions of a department", testVersions},
			{"a department in Python", testPython},
			{"a department from outside", testKit},
		} {
			t.Run(way.name, func(t *testing.T) { way.test(t, h.in(t)) })
		}
		if code := h.terminate(); code != 0 {
			t.Errorf("the server stopped with exit code %d\n%s", code, h.log())
		}
	})
}

// site is the one place of the demo town.
const site = demo.SiteID
