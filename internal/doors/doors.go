// Package doors holds the rules of which room of the house may open which door,
// and reads the source to see that they are kept. The product never imports it:
// its test is what matters.
//
// A rule that stands in the way of good work may be changed here, in the open
// and with its reason; it is never worked around.
package doors

// Module is the path every package of the house begins with.
const Module = "github.com/spazio-in-comune/sportello"

// Door is one rule: code in From, unless it is also in But, has none of None,
// unless it is also in Except.
//
// From and But name places: a package as "./internal/desk", a package and all
// below it as "./internal/desk/...", one file as "./internal/town/clock.go".
//
// None and Except name what code has:
//
//	net/http, github.com/casbin/...   an import; "..." ends a prefix
//	./ent, ./internal/store/...       an import of ours
//	std, any                          an import of the standard library; any import
//	own                               an import from the same room: ./plugins/anagrafe/x by ./plugins/anagrafe
//	use time.Now                      a name of an imported package, used
//	call Query*                       a method or function called by that name
//	declare init                      a function declared; method Hooks: a method
//
// A star stands for any letters of a name.
type Door struct {
	Why     string // the rule in words: what a person who broke it reads
	From    []string
	But     []string
	None    []string
	Except  []string
	TestsTo bool // the rule binds test files as well
}

// leaves are the small libraries the SDK stands on: values and text, no I/O.
var leaves = []string{
	"github.com/shopspring/decimal",
	"go.yaml.in/yaml/v3/...",
	"github.com/santhosh-tekuri/jsonschema/v6/...",
}

// pure are the places where rules live that take values and a moment, and give
// values back.
var pure = []string{
	"./internal/town/...",
	"./internal/clocks",
	"./internal/desk/rules/...",
	"./internal/casework/life/...",
	"./internal/voice/ladder/...",
	"./internal/alerts/rule/...",
	"./internal/audit/chain/...",
	"./internal/results/tally/...",
	"./internal/results/weekly/...",
	"./internal/orientation/...",
	"./internal/cpsv/...",
	"./internal/identity/claims",
	"./plugins/...",
}

// House are the doors of the house.
var House = []Door{
	// Departments and what they stand on.
	{
		Why:     "a department must be able to live outside this repository: nothing under plugins/ imports internal, ent, graph or cmd",
		From:    []string{"./plugins/..."},
		None:    []string{"./internal/...", "./ent/...", "./graph/...", "./cmd/..."},
		TestsTo: true,
	},
	{
		Why:    "plugins/sdk imports the standard library and small leaf libraries only; what speaks RPC is in rpc and sdktest",
		From:   []string{"./plugins/sdk/..."},
		But:    []string{"./plugins/sdk/rpc/...", "./plugins/sdk/sdktest/..."},
		None:   []string{"any"},
		Except: append([]string{"std", "./plugins/sdk", "./plugins/sdk/calc", "./plugins/sdk/expr"}, leaves...),
	},
	{
		// plugins/town is data alone, and open to departments elsewhere as well.
		Why:    "a department imports the standard library, plugins/sdk and the town's shared data only, and never another department",
		From:   []string{"./plugins/..."},
		But:    []string{"./plugins", "./plugins/sdk/..."},
		None:   []string{"any"},
		Except: append([]string{"std", "own", "./plugins/town", "./plugins/sdk/..."}, leaves...),
	},
	{
		// The bench wires a house of its own, as cmd does.
		Why:    "internal knows departments only through plugins/sdk and its calc; only the catalogue speaks their RPC",
		From:   []string{"./internal/..."},
		But:    []string{"./internal/catalogue/...", "./internal/rehearse/...", "./internal/bench"},
		None:   []string{"./plugins/..."},
		Except: []string{"./plugins/sdk", "./plugins/sdk/calc"},
	},
	{
		Why:    "the catalogue reaches departments through plugins/sdk, never by importing one",
		From:   []string{"./internal/catalogue/..."},
		None:   []string{"./plugins/..."},
		Except: []string{"./plugins/sdk/..."},
	},
	{
		Why:    "a rehearsal reaches departments through the catalogue and puts them to the tests of the SDK, never by importing one",
		From:   []string{"./internal/rehearse/..."},
		None:   []string{"./plugins/..."},
		Except: []string{"./plugins/sdk", "./plugins/sdk/calc", "./plugins/sdk/sdktest"},
	},

	// One keeper for each library that could spread.
	{
		Why:     "casbin is imported by internal/access only: who sees what is decided in one place",
		From:    []string{"./..."},
		But:     []string{"./internal/access/..."},
		None:    []string{"github.com/casbin/..."},
		TestsTo: true,
	},
	{
		Why:  "casbin is asked when the policy is read and never on a request's path: requests look their scope up",
		From: []string{"./..."},
		But:  []string{"./internal/access/policy.go"},
		None: []string{"call Enforce*", "call BatchEnforce*"},
	},
	{
		Why:     "go-plugin is imported by internal/catalogue, plugins/sdk/rpc and plugins/sdk/sdktest only",
		From:    []string{"./..."},
		But:     []string{"./internal/catalogue/...", "./plugins/sdk/rpc/...", "./plugins/sdk/sdktest/..."},
		None:    []string{"github.com/hashicorp/go-plugin/..."},
		TestsTo: true,
	},
	{
		Why:     "SQL drivers are imported by internal/store only",
		From:    []string{"./..."},
		But:     []string{"./internal/store/..."},
		None:    []string{"modernc.org/sqlite/...", "github.com/go-sql-driver/mysql/..."},
		TestsTo: true,
	},
	{
		Why:     "Tink is imported by internal/vault only: what is sealed is opened in one place, on record",
		From:    []string{"./..."},
		But:     []string{"./internal/vault/..."},
		None:    []string{"github.com/tink-crypto/..."},
		TestsTo: true,
	},
	{
		Why:     "OpenID Connect is spoken by internal/identity/relying, and by the issuer of a demonstration in internal/identity/demoissuer; nobody else",
		From:    []string{"./..."},
		But:     []string{"./internal/identity/relying/...", "./internal/identity/demoissuer/..."},
		None:    []string{"github.com/coreos/go-oidc/...", "golang.org/x/oauth2/...", "github.com/zitadel/oidc/..."},
		TestsTo: true,
	},
	{
		Why:     "NATS is imported by internal/stream only: it is one of two doorbells",
		From:    []string{"./..."},
		But:     []string{"./internal/stream/..."},
		None:    []string{"github.com/nats-io/..."},
		TestsTo: true,
	},

	// The API calls the rooms; it does none of their work.
	{
		Why:  "graph may name ent's types, but never builds a query or opens a transaction: domain packages own both",
		From: []string{"./graph/..."},
		None: []string{
			"./ent/...", "entgo.io/ent/...", "database/sql/...", "./internal/store/...",
			"use ./ent.Client", "use ./ent.Tx", "use ./ent.NewClient", "use ./ent.Open", "use ./ent.FromContext", "use ./ent.TxFromContext",
			"call Query*",
		},
		Except: []string{"./ent"},
	},
	{
		// bench is no room: it serves the contract from memory, to have something to compare with.
		Why:  "no room knows the API",
		From: []string{"./internal/...", "./ent/..."},
		But:  []string{"./internal/httpd/...", "./internal/simulate/...", "./internal/bench"},
		None: []string{"./graph/...", "github.com/99designs/gqlgen/..."},
	},

	// Rooms that must stay apart.
	{
		Why:  "the information point and the open catalogue read what departments publish, and stand on the leaf values of internal/town alone",
		From: []string{"./internal/orientation/...", "./internal/cpsv/..."},
		None: []string{"./internal/...", "./ent/..."}, Except: []string{"own", "./internal/town"},
	},
	{
		Why:     "desk, casework and voice know each other only through events and the interfaces they declare; adapters meet in cmd/sportello/app.go",
		From:    []string{"./internal/desk/..."},
		None:    []string{"./internal/casework/...", "./internal/voice/..."},
		TestsTo: true,
	},
	{
		Why:     "desk, casework and voice know each other only through events and the interfaces they declare; adapters meet in cmd/sportello/app.go",
		From:    []string{"./internal/casework/..."},
		None:    []string{"./internal/desk/...", "./internal/voice/..."},
		TestsTo: true,
	},
	{
		Why:     "desk, casework and voice know each other only through events and the interfaces they declare; adapters meet in cmd/sportello/app.go",
		From:    []string{"./internal/voice/..."},
		None:    []string{"./internal/desk/...", "./internal/casework/..."},
		TestsTo: true,
	},
	{
		Why:    "internal/town holds leaf values everyone may name: it imports no room",
		From:   []string{"./internal/town/..."},
		None:   []string{"./..."},
		Except: []string{"./plugins/sdk/calc", "own"},
	},

	// Nothing happens by being imported.
	{
		Why:  "ent/schema holds no hooks, interceptors or policies: they are attached once, in store and access, so that nothing depends on an import for its side effect",
		From: []string{"./ent/schema/..."},
		None: []string{"method Hooks", "method Interceptors", "method Policy"},
	},
	{
		Why:  "interceptors are attached once, in store and access",
		From: []string{"./..."},
		But:  []string{"./internal/store/...", "./internal/access/..."},
		None: []string{"call Intercept"},
	},
	{
		Why:     "no init(): what a package needs is passed to it",
		From:    []string{"./..."},
		None:    []string{"declare init"},
		TestsTo: true,
	},
	{
		// Who listens to statements, as only tests and benches do, marks whose they are.
		Why:  "two context keys in the program: the viewer (internal/access) and graph's loaders",
		From: []string{"./..."},
		But:  []string{"./internal/access/...", "./graph/...", "./internal/store/overheard.go", "./internal/store/replay"},
		None: []string{"use context.WithValue"},
	},

	// Pure rules.
	{
		Why:  "a rule takes `now`: time is read from the Clock at the edge, never inside a rule, a department or the rooms that stamp what happened",
		From: append([]string{"./internal/desk/...", "./internal/casework/...", "./internal/voice/..."}, pure...),
		But:  []string{"./internal/town/clock.go", "./plugins/sdk/rpc/...", "./plugins/sdk/sdktest/..."},
		None: []string{"use time.Now", "use time.Since", "use time.Until"},
	},
	{
		Why:  "a pure rule imports neither ent nor gqlgen nor net/http nor a database",
		From: pure,
		But:  []string{"./plugins/sdk/rpc/...", "./plugins/sdk/sdktest/..."},
		None: []string{"./ent/...", "entgo.io/...", "github.com/99designs/gqlgen/...", "net/http/...", "database/sql"},
	},
}
