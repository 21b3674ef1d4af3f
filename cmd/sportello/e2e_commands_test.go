package main

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/plugins"
)

// TestE2ECommands runs the command line on every database: what it prints, its
// exit codes, and that its refusals say what to do.
func TestE2ECommands(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := emptyHouse(t, db, "--demo")
		check(t, "token before there is a town", h.command("token", "--as", "mayor"), 1, "", "")
		for range 2 {
			check(t, "migrate", h.command("migrate"), 0, `^the schema is up to date\n$`, `^$`)
		}
		check(t, "token where there is no demo town", h.command("token", "--as", "mayor"), 1, `^$`, `not a demo town`)
		h.start()
		h.awaitDepartments()

		check(t, "token", h.command("token", "--as", "head.sportello"), 0, `^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\n$`, `^$`)
		wrong := h.command("token", "--as", "sindaco")
		check(t, "token of nobody", wrong, 1, `^$`, `sindaco`)
		for _, name := range promisedNames() {
			if !regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`).MatchString(wrong.err) {
				t.Errorf("a wrong name is not answered with %s: %s", name, wrong.err)
			}
		}
		list := h.command("plugin", "list")
		check(t, "plugin list", list, 0, `(?s)^NAME +VERSION +STATE.*anagrafe +\S+ +ready .*isee .*tributi-patrimonio `, `^$`)
		if states := pluginStates(t, h); len(states) != len(plugins.All()) || states["anagrafe"] != "ready" {
			t.Errorf("plugin list --json: %v", states)
		}
		check(t, "a second server on the same folder", h.command("serve", "--demo", "--listen", "127.0.0.1:0"), 1, `^$`, `in use by another sportello process`)
		if states := pluginStates(t, h); states["anagrafe"] != "ready" {
			t.Errorf("after the second server was refused: %v", states)
		}
	})
}

// promisedNames are the names that the product promises.
func promisedNames() []string {
	names := []string{"citizen", "citizen2", "kiosk", "display", "info", "helppoint", "assessore", "mayor", "admin", "auditor"}
	for _, n := range []string{"1", "2", "3", "4", "5"} {
		names = append(names, "operator"+n)
	}
	for _, office := range []string{"sportello", "tributi-patrimonio", "segretariato-sociale", "sportello-messi", "stato-civile", "back-office-tecnico", "polizia-locale"} {
		names = append(names, "officer."+office, "head."+office)
	}
	return names
}

// TestE2ECommandsWithoutATown are those that need no database, or do not get one.
func TestE2ECommandsWithoutATown(t *testing.T) {
	t.Parallel()
	const password = "S3gretissima"
	for name, tt := range map[string]struct {
		args     []string
		code     int
		out, err string
	}{
		"policy check":          {[]string{"policy", "check"}, 0, `sound`, `^$`},
		"policy matrix":         {[]string{"policy", "matrix"}, 0, `(?m)^mayor +case:decide +deny +deny +deny$`, `^$`},
		"policy matrix, a head": {[]string{"policy", "matrix"}, 0, `(?m)^head +case:decide +allow +deny +deny$`, `^$`},
		"help":                  {[]string{"--help"}, 0, `serve`, `^$`},
		"no such command":       {[]string{"sreve"}, 2, `^$`, `sreve`},
		"no such flag":          {[]string{"serve", "--demon"}, 2, `^$`, `--demon`},
		"too many arguments":    {[]string{"serve", "now"}, 2, `^$`, `.`},
		"token of whom":         {[]string{"token"}, 2, `^$`, `--as`},
		"a demo for everybody":  {[]string{"serve", "--demo", "--listen", "0.0.0.0:0"}, 1, `^$`, `this machine only`},
		"an address in use": {
			[]string{"serve", "--listen", "127.0.0.1:99999"}, 1, `^$`, `listen on 127.0.0.1:99999`,
		},
		"a database that is not there": {
			[]string{"serve", "--database", "mysql://town:" + password + "@127.0.0.1:1/town"}, 1, `^$`, `(?i)database|connect`,
		},
		"an address that is none": {
			[]string{"serve", "--database", "postgres://town:" + password + "@127.0.0.1:1/town"}, 1, `^$`, `mysql://user:password@host:port/name`,
		},
		"an address that cannot be read": {
			[]string{"serve", "--database", "mysql://town:" + password + "%zz@127.0.0.1:1/town"}, 1, `^$`, `mysql://user:password@host:port/name`,
		},
		"several servers on SQLite": {
			[]string{"serve", "--nats", "nats://127.0.0.1:4222"}, 1, `^$`, `^[^\n]*--nats [^\n]*SQLite is for one server: add --database mysql://…, or leave --nats out\n$`,
		},
		"an address of NATS that is none": {
			[]string{"serve", "--listen", "127.0.0.1:0", "--nats", "http://town:" + password + "@127.0.0.1:1", "--database", "mysql://town:" + password + "@127.0.0.1:1/town"},
			1, `^$`, `nats://host:4222`,
		},
		"cursors that are never good": {
			[]string{"serve", "--event-retention", "0s"}, 1, `^$`, `--event-retention .* such as 720h`,
		},
		"a token from a database that is not there": {
			[]string{"token", "--as", "mayor", "--database", "mysql://town:" + password + "@127.0.0.1:1/town"}, 1, `^$`, `(?i)database|connect`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			args := tt.args
			if args[0] == "serve" || args[0] == "token" {
				args = append(args, "--data", t.TempDir())
			}
			if args[0] == "serve" && !slices.Contains(args, "--listen") {
				args = append(args, "--listen", "127.0.0.1:0") // not the one of another test
			}
			got := command(t, args...)
			check(t, name, got, tt.code, tt.out, tt.err)
			if strings.Contains(got.out+got.err, password) {
				t.Errorf("the password is told: %s%s", got.out, got.err)
			}
			if tt.code != 0 && strings.Count(strings.TrimSpace(got.err), "\n") > 3 {
				t.Errorf("the refusal is not to be read: %s", got.err)
			}
		})
	}
}

// check compares a command's end with patterns of what it prints.
func check(t *testing.T, what string, got result, code int, out, errs string) {
	t.Helper()
	if got.code != code || !regexp.MustCompile(out).MatchString(got.out) || !regexp.MustCompile(errs).MatchString(got.err) {
		t.Errorf("%s: exit %d, want %d\nout %q, want %q\nerr %q, want %q", what, got.code, code, got.out, out, got.err, errs)
	}
}

// TestE2EWithoutDemo is a town that is no demonstration: no demo person has a
// token, the schema is not told, the explorer is not there.
func TestE2EWithoutDemo(t *testing.T) {
	t.Parallel()
	other := emptyHouse(t, dbtest.New(t, dbtest.SQLite), "--demo")
	other.start()
	foreign := other.token("admin")
	other.kill()
	other.args = nil // the same folder, served for real
	other.start()
	if a := other.with(foreign).try(`{ viewer { id } }`, nil); a.status != 401 || a.data.v != nil {
		t.Errorf("a demo token where no demonstration is served: status %d, %s", a.status, a.body)
	}
	other.kill()

	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		t.Parallel()
		h := emptyHouse(t, db)
		h.start()
		check(t, "token", h.command("token", "--as", "admin"), 1, `^$`, `not a demo town`)
		if a := h.with(foreign).try(`{ viewer { id } }`, nil); a.status != 401 || a.data.v != nil {
			t.Errorf("a demo token of another town: status %d, %s", a.status, a.body)
		}
		public := h.public()
		if got := public.ask(`{ services { code practices { code } } }`, nil).list("services"); len(got) != len(plugins.All()) {
			t.Errorf("the public catalogue has %v", got)
		}
		for _, query := range []string{
			`{ __schema { types { name } } }`, `{ __type(name: "Query") { fields { name } } }`,
			`query { ...F } fragment F on Query { __schema { queryType { name } } }`, `{ x: __type(name: "Person") { name } }`,
		} {
			a := public.try(query, nil)
			if len(a.errors) == 0 || a.data.v != nil && (!isNullOr(a.data, "__schema") || !isNullOr(a.data, "__type")) {
				t.Errorf("introspection is on: %s gave %s", query, a.body)
			}
		}
		if a := public.try(`{ servizi { code } }`, nil); strings.Contains(string(a.body), "Did you mean") || len(a.errors) == 0 {
			t.Errorf("names are suggested: %s", a.body)
		}
		for path, want := range map[string]int{"/": 200, "/explorer/": 404, "/debug/pprof/": 404, "/healthz": 200, "/readyz": 200} {
			if status, _ := h.get(path); status != want {
				t.Errorf("%s: status %d, want %d", path, status, want)
			}
		}
		if code := h.terminate(); code != 0 {
			t.Errorf("stopped with exit code %d", code)
		}
	})
}

// isNullOr reports whether the answer has no such field, or null there.
func isNullOr(data tree, field string) bool {
	fields, _ := data.v.(map[string]any)
	return fields[field] == nil
}
