package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/graph"
	"github.com/spazio-in-comune/sportello/graph/generated"
	"github.com/spazio-in-comune/sportello/graph/limits"
	"github.com/spazio-in-comune/sportello/graph/model"
	"github.com/spazio-in-comune/sportello/graph/transport"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/internal/demo"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/plugins"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	towndata "github.com/spazio-in-comune/sportello/plugins/town"
)

// nothing answers the two mutations as the house does, and stores nothing: the token is
// checked, the limits of the API hold, a form is checked against its definition, reviewed
// by its department in a process of its own and merged with the rules of the town. Nothing
// is read either.
type nothing struct {
	*graph.Resolver
	unstored
}

// Mutation implements generated.ResolverRoot.
func (n nothing) Mutation() generated.MutationResolver { return n.unstored }

// unstored are the mutations of [nothing].
type unstored struct {
	mutations // a number is given as the limit of the fan-out gives it

	town        *sdk.Town
	global      *sdk.GlobalRules
	departments *catalogue.Catalogue
}

// serveNothing serves [nothing] until the context ends, with the people of a demo town that
// it makes in the folder.
func serveNothing(ctx context.Context, programs, folder string) (err error) {
	s, err := store.Open(ctx, store.Config{Dir: folder, Clock: town.SystemClock{}, Attach: access.Attach, Sign: access.Sign})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	var n unstored
	if n.town, err = towndata.Load(); err != nil {
		return fmt.Errorf("load the town's data: %w", err)
	}
	if n.global, err = sdk.CompileGlobal(n.town); err != nil {
		return fmt.Errorf("read the rules of the whole town: %w", err)
	}
	door, err := openDoor(ctx, s, n.town, folder)
	if err != nil {
		return err
	}
	if n.departments, err = startDepartments(ctx, s, n.town, programs, folder); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, n.departments.Close(context.WithoutCancel(ctx))) }()
	srv := transport.New(generated.NewExecutableSchema(generated.Config{Resolvers: nothing{&graph.Resolver{}, n}}), transport.Config{Limits: limits.Default()})
	return listen(ctx, door.Middleware(srv))
}

// openDoor lets the people of the demo town in.
func openDoor(ctx context.Context, s *store.Store, known *sdk.Town, folder string) (*identity.Door, error) {
	if err := demo.Furnish(ctx, s, known, demo.AlwaysOpen()); err != nil {
		return nil, err
	}
	sealed, err := vault.New(ctx, s, vault.NewKeyFile(vault.DefaultKeyFile(folder)))
	if err != nil {
		return nil, err
	}
	if err := identity.SeedDemo(ctx, s, sealed); err != nil {
		return nil, err
	}
	authority, err := access.NewAuthority(ctx, s)
	if err != nil {
		return nil, err
	}
	return identity.NewDoor(ctx, s, authority, true)
}

// startDepartments starts those of the house, in processes of their own.
func startDepartments(ctx context.Context, s *store.Store, known *sdk.Town, programs, folder string) (*catalogue.Catalogue, error) {
	program, err := filepath.Abs(filepath.Join(programs, "sportello-department"))
	if err != nil {
		return nil, fmt.Errorf("find the departments: %w", err)
	}
	sum, err := catalogue.Checksum(program)
	if err != nil {
		return nil, fmt.Errorf("find the departments: %w", err)
	}
	var all []catalogue.Registration
	for _, bundled := range plugins.All() {
		r := catalogue.Bundled(bundled.Name)
		r.Command, r.Args, r.SHA256 = program, []string{bundled.Name}, sum
		all = append(all, r)
	}
	departments, err := catalogue.New(ctx, catalogue.Config{
		Plugins: all, Memory: catalogue.NewStored(s), Clock: town.SystemClock{}, Logger: slog.New(slog.DiscardHandler),
		SocketFolder: filepath.Join(folder, "sockets"), PluginFolder: filepath.Join(folder, "plugins"), Town: known,
		OpenCases: func(context.Context, []string) (map[string]int, error) { return nil, nil },
	})
	if err != nil {
		return nil, err
	}
	settle, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := departments.Settled(settle); err != nil {
		return nil, errors.Join(err, departments.Close(ctx))
	}
	return departments, nil
}

// SubmitIntake decides what the form asks for, and stores nothing.
func (n unstored) SubmitIntake(ctx context.Context, in casework.SubmitIntakeInput) (*model.SubmitIntakePayload, error) {
	if _, err := access.From(ctx); err != nil {
		return nil, err
	}
	service, practice, err := n.practice(in.Practice)
	if err != nil {
		return nil, err
	}
	var answers map[string]json.RawMessage
	if err := json.Unmarshal(in.Answers, &answers); err != nil {
		return nil, fmt.Errorf("read the answers: %w", err)
	}
	facts := sdk.Facts{Now: time.Now(), Calendar: n.town.Calendar}
	form, problems := practice.Check(answers, facts)
	if len(problems) > 0 {
		return nil, fmt.Errorf("the form has %d problems", len(problems))
	}
	facts.Ambient = sdk.ClockAmbient(facts.Now)
	form = practice.Bind(form.Answers(), facts)
	answer, err := n.departments.Review(ctx, service.Definition().Service, service.Hash, sdk.ReviewRequest{
		Practice: in.Practice, Answers: form.Answers(), Now: facts.Now, Ambient: facts.Ambient, Calendar: facts.Calendar,
	})
	if err != nil {
		return nil, err
	}
	if err := service.CheckFired(in.Practice, answer.Fired, n.town); err != nil {
		return nil, err
	}
	decision := casework.Decided{Decision: sdk.Merge(form, answer.Fired, n.global.Fire(form), answer.Computed)}
	status := town.IntakeAccepted
	return &model.SubmitIntakePayload{Status: &status, Case: &ent.CaseFile{ID: "case_1", Protocol: "2026/000001"}, Decision: &decision}, nil
}

func (n unstored) practice(code string) (*catalogue.Service, *sdk.CompiledPractice, error) {
	for _, service := range n.departments.Services() {
		if practice, ok := service.Practice(code); ok {
			return service, practice, nil
		}
	}
	return nil, nil, fmt.Errorf("there is no practice %s", code)
}

// listen serves on a free port until the context ends, and says on which.
func listen(ctx context.Context, handler http.Handler) error {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	stopped := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stopped()
	fmt.Printf("listening on http://%s\n", listener.Addr())
	if err := server.Serve(listener); ctx.Err() == nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}
