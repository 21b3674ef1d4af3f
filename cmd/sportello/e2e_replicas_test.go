package main

import (
	"context"
	crand "crypto/rand"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest/dbserver"
	"github.com/spazio-in-comune/sportello/internal/stream/natstest"
)

// envKills says how many processes TestE2EReplicas kills on all databases together;
// `make soak` asks for a hundred.
const envKills = "SPORTELLO_TEST_KILLS"

// aTenth is how many it kills otherwise.
const aTenth = 10

// liveWithin is the promise: after the database takes connections again, or after another
// server was killed, what is committed anywhere is heard of everywhere within this time. It
// is held against the soak, which has the machine for itself.
const liveWithin = 5 * time.Second

// replicas are two servers of one town: a database server and a NATS of their own, all of
// which may be killed.
type replicas struct {
	t     testing.TB
	db    *dbserver.Server
	nats  *natstest.Server
	homes []*house
}

func newReplicas(t testing.TB, database string) *replicas {
	t.Helper()
	db, err := dbserver.New(database, true)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Stop(); err != nil {
			t.Error(err)
		}
	})
	if err := db.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	dsn, err := db.Schema(t.Context(), "town")
	if err != nil {
		t.Fatal(err)
	}
	r := &replicas{t: t, db: db, nats: natstest.New(t)}
	schema := dbtest.DB{Name: database, Dialect: "mysql", DSN: dsn}
	first := emptyHouse(t, schema, "--demo", "--nats", r.nats.URL())
	second := emptyHouse(t, schema, "--demo", "--nats", r.nats.URL(), "--key-file", filepath.Join(first.data, "keys", "kek.json"))
	r.homes = []*house{first, second}
	for _, h := range r.homes {
		h.start()
		h.awaitDepartments()
	}
	return r
}

// fault is a process that is killed and started again.
type fault struct {
	what         string
	kill, repair func()
}

// The places of the faults: servers come last.
const (
	theDatabase = 0
	firstServer = 2
)

// faults are in the order in which they are repaired: no server starts without its database.
func (r *replicas) faults() []fault {
	started := func(start func(context.Context) error) func() {
		return func() {
			r.t.Helper()
			if err := start(r.t.Context()); err != nil {
				r.t.Fatal(err)
			}
		}
	}
	return []fault{
		{"the database", r.db.Kill, started(r.db.Again)},
		{"NATS", r.nats.Kill, started(r.nats.Start)},
		{"the first server", r.homes[0].kill, r.homes[0].start},
		{"the second server", r.homes[1].kill, r.homes[1].start},
	}
}

// TestE2EReplicas kills servers, NATS and the database under load, at seeded moments and
// sometimes two at once. Nobody who was answered loses anything, nothing is done twice, and
// whoever follows hears of everything once and in order, at whatever server.
func TestE2EReplicas(t *testing.T) {
	t.Parallel()
	databases := slices.DeleteFunc(dbtest.Expected(t), func(name string) bool { return name == dbtest.SQLite })
	kills, soak := killsWanted(t)
	for i, name := range databases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newReplicas(t, name)
			c := newCrowd(t, r.homes...)
			slowest := r.killUnderLoad(c, rand.New(rand.NewPCG(2026, uint64(i))), kills/len(databases))
			t.Logf("heard of everywhere, at the slowest: %v", slowest)
			for what, took := range slowest {
				if soak && took > liveWithin {
					t.Errorf("%s: heard of everywhere after %v, want %v", what, took, liveWithin)
				}
			}
			r.freezeDatabase(c)
			c.finish()
			c.checkAudit()
			r.checkGaps()
		})
	}
}

func killsWanted(t *testing.T) (kills int, soak bool) {
	t.Helper()
	text := os.Getenv(envKills)
	if text == "" {
		return aTenth, false
	}
	kills, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", envKills, err)
	}
	return kills, true
}

// killUnderLoad makes so many kills, and gives the slowest return to life by what was killed.
func (r *replicas) killUnderLoad(c *crowd, moments *rand.Rand, kills int) map[string]time.Duration {
	r.t.Helper()
	slowest := map[string]time.Duration{}
	all := r.faults()
	var deck []int
	for done := 0; done < kills && !r.t.Failed(); {
		if len(deck) == 0 {
			deck = moments.Perm(len(all))
		}
		victims := slices.Clone(deck[:1])
		if len(deck) > 1 && kills-done > 1 && moments.IntN(4) == 0 {
			victims = slices.Sorted(slices.Values(deck[:2]))
		}
		deck, done = deck[len(victims):], done+len(victims)
		before := c.answered()
		eventually(r.t, "the crowd is served", func() bool { return c.answered() > before+2*askers })
		time.Sleep(time.Duration(moments.IntN(400)) * time.Millisecond)
		what := r.killOnce(c, all, victims, time.Duration(moments.IntN(1500))*time.Millisecond)
		for when, took := range what {
			slowest[when] = max(slowest[when], took)
			r.t.Logf("after %d kills: %s: %v", done, when, took.Round(time.Millisecond))
		}
	}
	return slowest
}

// killOnce kills the victims and starts them again after a while. It says how long it took
// until what was committed at each server was heard of everywhere: after the kill where the
// others can go on, and after the repair.
func (r *replicas) killOnce(c *crowd, all []fault, victims []int, away time.Duration) map[string]time.Duration {
	r.t.Helper()
	alive, names := slices.Clone(r.homes), []string{}
	began := time.Now()
	for _, v := range victims {
		all[v].kill()
		names = append(names, all[v].what)
		if v >= firstServer {
			alive = slices.DeleteFunc(alive, func(h *house) bool { return h == r.homes[v-firstServer] })
		}
	}
	what, took := strings.Join(names, " and "), map[string]time.Duration{}
	if victims[0] != theDatabase && len(alive) > 0 {
		r.heardOfEverywhere(c, alive)
		took[what+" killed"] = time.Since(began)
	}
	time.Sleep(away)
	for _, v := range victims {
		all[v].repair()
	}
	began = time.Now()
	r.heardOfEverywhere(c, r.homes)
	took[what+" back"] = time.Since(began)
	return took
}

// freezeDatabase lets the database fall silent with its connections open: whoever asks is
// told so, and soon, and all goes on afterwards.
func (r *replicas) freezeDatabase(c *crowd) {
	r.t.Helper()
	if err := r.db.Freeze(); err != nil {
		r.t.Fatal(err)
	}
	for _, h := range r.homes {
		began := time.Now()
		a := h.as("operator1").try(`{ cases(first: 1) { edges { node { id } } } }`, nil)
		// The promise is two seconds; the tests share a busy machine.
		if took := time.Since(began); a.code() != "UNAVAILABLE" || took > 2*liveWithin {
			r.t.Errorf("a list while the database is silent: %s after %v", a.body, took)
		}
		await(r.t, "the server says that it is not ready", func() bool {
			status, _ := h.get("/readyz")
			return status == http.StatusServiceUnavailable
		})
	}
	if err := r.db.Thaw(); err != nil {
		r.t.Fatal(err)
	}
	r.heardOfEverywhere(c, r.homes)
}

// heardOfEverywhere takes a number at each of the servers and waits until every witness
// has heard of it.
func (r *replicas) heardOfEverywhere(c *crowd, at []*house) {
	r.t.Helper()
	for _, h := range at {
		key := crand.Text()
		c.take(somebody{h.as("kiosk")}, key)
		c.mu.Lock()
		leg := c.given[key].leg
		c.mu.Unlock()
		if leg == "" {
			r.t.Fatalf("no number at %s", h.address())
		}
		for _, w := range c.witnesses {
			if w.document == witnessQueue {
				await(r.t, w.what+": hears of a number", func() bool { return w.heardOf(leg) })
			}
		}
	}
}

// checkGaps: no server saw a hole in the order of events.
func (r *replicas) checkGaps() {
	r.t.Helper()
	for _, h := range r.homes {
		if _, text := h.get("/metrics"); !strings.Contains(text, "\nsportello_stream_gaps_total 0\n") || !strings.Contains(text, "\nsportello_doorbell_connected 1\n") {
			r.t.Errorf("the metrics of a server tell of a gap, or of no doorbell:\n%s", text)
		}
	}
}

// await is eventually, asking often: it is timed.
func await(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !holds(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within %v: %s", patience, what)
		}
	}
}
