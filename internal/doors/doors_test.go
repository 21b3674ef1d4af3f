package doors

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// TestHouse reads the whole source tree.
func TestHouse(t *testing.T) {
	facts, err := Read(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	for _, broken := range Check(House, facts) {
		t.Error(broken)
	}
}

// TestHouseSeesTheTree guards TestHouse against passing because it read nothing.
func TestHouseSeesTheTree(t *testing.T) {
	facts, err := Read(os.DirFS("../.."))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, f := range facts {
		seen[packageOf(f.File)] = true
		if f.File == "./ent/client.go" {
			t.Fatal("generated code is read as if a person wrote it")
		}
	}
	for _, pkg := range []string{"./internal/doors", "./internal/store/dbtest", "./internal/town", "./plugins/sdk", "./ent/schema"} {
		if !seen[pkg] {
			t.Errorf("no fact was read from %s", pkg)
		}
	}
}

// attempt is one thing a file might have.
type attempt struct {
	file   string
	what   string
	breaks string // part of the rule in words; "" when allowed
}

func (a attempt) fact() Fact {
	return Fact{File: a.file, Line: 1, Test: strings.HasSuffix(a.file, "_test.go"), What: a.what}
}

// attempts try every door with what breaks it and what does not.
func attempts() map[string]attempt {
	return map[string]attempt{
		"department imports ent":                {"./plugins/isee/isee.go", "./ent", "outside this repository"},
		"department's test imports internal":    {"./plugins/isee/isee_test.go", "./internal/town", "outside this repository"},
		"department imports another":            {"./plugins/isee/isee.go", "./plugins/anagrafe", "never another department"},
		"department imports its own folder":     {"./plugins/isee/isee.go", "./plugins/isee/tables", ""},
		"department imports the sdk":            {"./plugins/isee/isee.go", "./plugins/sdk/calc", ""},
		"department imports a driver of things": {"./plugins/isee/isee.go", "github.com/spf13/cobra", "a department imports"},
		"department imports shared data":        {"./plugins/isee/isee.go", "./plugins/town", ""},
		"catalogue of departments":              {"./plugins/plugins.go", "./plugins/isee", ""},
		"sdk imports grpc":                      {"./plugins/sdk/department.go", "google.golang.org/grpc", "leaf libraries"},
		"sdk imports its own rpc":               {"./plugins/sdk/department.go", "./plugins/sdk/rpc", "leaf libraries"},
		"sdk imports decimals":                  {"./plugins/sdk/expr/value.go", "github.com/shopspring/decimal", ""},
		"sdk's rpc imports grpc":                {"./plugins/sdk/rpc/serve.go", "google.golang.org/grpc", ""},
		"sdk's test imports rapid":              {"./plugins/sdk/expr/parse_test.go", "pgregory.net/rapid", ""},

		"room imports a department":       {"./internal/casework/intake.go", "./plugins/isee", "internal knows departments"},
		"room imports rpc":                {"./internal/casework/intake.go", "./plugins/sdk/rpc", "only the catalogue"},
		"room imports the sdk":            {"./internal/casework/intake.go", "./plugins/sdk", ""},
		"catalogue imports rpc":           {"./internal/catalogue/child.go", "./plugins/sdk/rpc", ""},
		"catalogue imports department":    {"./internal/catalogue/child.go", "./plugins/isee", "never by importing one"},
		"rehearsal imports the tests":     {"./internal/rehearse/conform.go", "./plugins/sdk/sdktest", ""},
		"rehearsal imports rpc":           {"./internal/rehearse/conform.go", "./plugins/sdk/rpc", "through the catalogue"},
		"program imports all of them":     {"./cmd/sportello/app.go", "./plugins", ""},
		"desk imports casework":           {"./internal/desk/visit.go", "./internal/casework", "only through events"},
		"casework's test imports desk":    {"./internal/casework/x_test.go", "./internal/desk/queue", "only through events"},
		"voice imports desk":              {"./internal/voice/feedback.go", "./internal/desk", "only through events"},
		"a name that only begins alike":   {"./internal/voice/feedback.go", "./internal/deskwork", ""},
		"information point asks casework": {"./internal/orientation/rank.go", "./internal/casework", "stand on the leaf values"},
		"information point has values":    {"./internal/orientation/point.go", "./internal/town", ""},
		"open catalogue reads a database": {"./internal/cpsv/export.go", "./internal/store", "stand on the leaf values"},
		"program joins rooms":             {"./cmd/sportello/app.go", "./internal/voice", ""},
		"town imports a room":             {"./internal/town/ids.go", "./internal/store", "imports no room"},
		"town imports calc":               {"./internal/town/date.go", "./plugins/sdk/calc", ""},

		"casbin in graph":                   {"./graph/visit.go", "github.com/casbin/casbin/v2", "casbin is imported by internal/access only"},
		"casbin in a test of desk":          {"./internal/desk/x_test.go", "github.com/casbin/casbin/v2/model", "casbin"},
		"casbin in access":                  {"./internal/access/scope.go", "github.com/casbin/casbin/v2", ""},
		"casbin asked by a request":         {"./internal/access/scope.go", "call EnforceEx", "never on a request's path"},
		"casbin asked by the policy":        {"./internal/access/policy.go", "call EnforceEx", ""},
		"go-plugin in casework":             {"./internal/casework/ask.go", "github.com/hashicorp/go-plugin", "go-plugin is imported by"},
		"go-plugin in the catalogue":        {"./internal/catalogue/child.go", "github.com/hashicorp/go-plugin/runner", ""},
		"driver in the program":             {"./cmd/sportello/app.go", "modernc.org/sqlite", "SQL drivers"},
		"driver in store":                   {"./internal/store/open.go", "github.com/go-sql-driver/mysql", ""},
		"driver in test databases":          {"./internal/store/dbtest/schema.go", "github.com/go-sql-driver/mysql", ""},
		"OpenID Connect in graph":           {"./graph/visit.go", "golang.org/x/oauth2", "OpenID Connect is spoken by"},
		"OpenID Connect in relying":         {"./internal/identity/relying/relying.go", "github.com/coreos/go-oidc/v3/oidc", ""},
		"NATS outside stream":               {"./internal/httpd/server.go", "github.com/nats-io/nats.go", "NATS"},
		"Tink outside the vault":            {"./internal/identity/people.go", "github.com/tink-crypto/tink-go/v2/aead", "Tink"},
		"Tink in a vault for tests":         {"./internal/vault/vaulttest/vaulttest.go", "github.com/tink-crypto/tink-go/v2/aead", ""},
		"graph names ent's types":           {"./graph/visit.go", "./ent", ""},
		"graph takes a predicate":           {"./graph/visit.go", "./ent/visit", "never builds a query"},
		"graph holds a client":              {"./graph/visit.go", "use ./ent.Client", "never builds a query"},
		"graph queries an edge":             {"./graph/visit.go", "call QueryLegs", "never builds a query"},
		"graph opens a transaction":         {"./graph/visit.go", "./internal/store", "never builds a query"},
		"room knows the API":                {"./internal/desk/visit.go", "./graph/model", "no room knows the API"},
		"schema with hooks":                 {"./ent/schema/visit.go", "method Hooks", "no hooks"},
		"schema with fields":                {"./ent/schema/visit.go", "method Fields", ""},
		"interceptor in a room":             {"./internal/desk/visit.go", "call Intercept", "interceptors are attached once"},
		"init":                              {"./internal/desk/visit.go", "declare init", "no init()"},
		"init in a test":                    {"./internal/desk/visit_test.go", "declare init", "no init()"},
		"a method called init":              {"./internal/desk/visit.go", "method init", ""},
		"third context key":                 {"./internal/stream/hub.go", "use context.WithValue", "two context keys"},
		"viewer's context key":              {"./internal/access/viewer.go", "use context.WithValue", ""},
		"time.Now in a department":          {"./plugins/isee/isee.go", "use time.Now", "a rule takes `now`"},
		"time.Since in terms of law":        {"./internal/clocks/ledger.go", "use time.Since", "a rule takes `now`"},
		"time.Now where a visit is stamped": {"./internal/desk/visit.go", "use time.Now", "a rule takes `now`"},
		"time.Now in the clock":             {"./internal/town/clock.go", "use time.Now", ""},
		"time.Now where work is due":        {"./internal/clocks/due/claim.go", "use time.Now", ""},
		"pure rule imports ent":             {"./internal/clocks/ledger.go", "./ent", "a pure rule imports neither"},
		"pure rule imports the web":         {"./plugins/sdk/calc/fetch.go", "net/http", "a pure rule imports neither"},
		"pure rule maps its value":          {"./plugins/sdk/calc/date.go", "database/sql/driver", ""},
		"pure rule opens a database":        {"./plugins/sdk/calc/date.go", "database/sql", "a pure rule imports neither"},
		"due work imports ent":              {"./internal/clocks/due/claim.go", "./ent", ""},
		"rules of the desk import ent":      {"./internal/desk/rules/callnext.go", "./ent", "a pure rule imports neither"},
		"a file at the top":                 {"./generate.go", "github.com/casbin/casbin/v2", "casbin"},
		"a library like our own name":       {"./internal/town/ids.go", "github.com/spazio-in-comune/other", ""},
	}
}

func TestCheck(t *testing.T) {
	for name, tt := range attempts() {
		t.Run(name, func(t *testing.T) {
			broken := strings.Join(Check(House, []Fact{tt.fact()}), "\n")
			if tt.breaks == "" && broken != "" {
				t.Errorf("should be allowed, got:\n%s", broken)
			}
			if tt.breaks != "" && !strings.Contains(broken, tt.breaks) {
				t.Errorf("should break %q, got %q", tt.breaks, broken)
			}
		})
	}
}

func TestRead(t *testing.T) {
	root := fstest.MapFS{
		"internal/desk/visit.go": {Data: []byte(`package desk

import (
	clock "time"

	"github.com/99designs/gqlgen/graphql/v3"
	"github.com/spazio-in-comune/sportello/ent"
)

func init() { _ = clock.Now }

func (v *visit) legs(c *ent.Client) { c.Visit.QueryLegs(); graphql.Do() }
`)},
		"internal/desk/made.go":      {Data: []byte("// Code generated by x. DO NOT EDIT.\n\npackage desk\n\nimport \"net/http\"\n")},
		"internal/desk/x_test.go":    {Data: []byte("package desk\n\nimport _ \"embed\"\n")},
		"internal/testdata/not.go":   {Data: []byte("not Go at all")},
		".ci/tools/not.go":           {Data: []byte("not Go at all")},
		"internal/desk/practice.yml": {Data: []byte("not Go at all")},
	}
	got, err := Read(root)
	if err != nil {
		t.Fatal(err)
	}
	want := []Fact{
		{File: "./internal/desk/visit.go", Line: 4, What: "time"},
		{File: "./internal/desk/visit.go", Line: 6, What: "github.com/99designs/gqlgen/graphql/v3"},
		{File: "./internal/desk/visit.go", Line: 7, What: "./ent"},
		{File: "./internal/desk/visit.go", Line: 10, What: "declare init"},
		{File: "./internal/desk/visit.go", Line: 10, What: "use time.Now"},
		{File: "./internal/desk/visit.go", Line: 12, What: "method legs"},
		{File: "./internal/desk/visit.go", Line: 12, What: "use ./ent.Client"},
		{File: "./internal/desk/visit.go", Line: 12, What: "call QueryLegs"},
		{File: "./internal/desk/visit.go", Line: 12, What: "call Do"},
		{File: "./internal/desk/visit.go", Line: 12, What: "use github.com/99designs/gqlgen/graphql/v3.Do"},
		{File: "./internal/desk/x_test.go", Line: 3, Test: true, What: "embed"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("facts (-want +got):\n%s", diff)
	}
}

func TestReadRefusesBrokenSource(t *testing.T) {
	root := fstest.MapFS{"internal/desk/visit.go": {Data: []byte("package desk\n\nfunc {")}}
	if _, err := Read(root); err == nil {
		t.Error("a file that does not parse was passed over in silence")
	}
}

// TestEveryDoorIsTried finds a door nobody has tried to break, such as one whose
// exceptions have swallowed it.
func TestEveryDoorIsTried(t *testing.T) {
	for _, d := range House {
		tried := false
		for _, a := range attempts() {
			tried = tried || d.brokenBy(a.fact())
		}
		if !tried {
			t.Errorf("no attempt in this file breaks the door of %v: %s", d.From, d.Why)
		}
	}
}
