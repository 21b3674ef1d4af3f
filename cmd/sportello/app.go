package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/spazio-in-comune/sportello/graph"
	"github.com/spazio-in-comune/sportello/graph/limits"
	"github.com/spazio-in-comune/sportello/graph/transport"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/alerts"
	"github.com/spazio-in-comune/sportello/internal/audit"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/internal/demo"
	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/httpd"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/identity/sessions"
	"github.com/spazio-in-comune/sportello/internal/orientation"
	"github.com/spazio-in-comune/sportello/internal/papers"
	"github.com/spazio-in-comune/sportello/internal/privacy"
	"github.com/spazio-in-comune/sportello/internal/results"
	"github.com/spazio-in-comune/sportello/internal/results/weekly"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/stream"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/internal/voice"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	towndata "github.com/spazio-in-comune/sportello/plugins/town"
	"github.com/spazio-in-comune/sportello/web"
)

// appConfig says what to build.
type appConfig struct {
	Listen   string
	Data     string // folder; also where the sockets of the departments are
	Database string // empty: SQLite in Data
	NATS     string // of the doorbell between servers on one database; empty: each asks the database
	// EventRetention is how far back the cursors of streams reach; 0: without end.
	EventRetention time.Duration
	Plugins        string // folder of the plug-ins; empty: plugins in Data
	KeyFile        string // of the key-encryption key; empty: keys/kek.json in Data
	Demo           bool
	Hours          demo.Hours // of the site, where there is none yet
	Clock          town.Clock
	Logger         *slog.Logger
	SignIn         signInConfig
	Alerts         alertsConfig
	Documents      documentsConfig
	Proxies        httpd.Proxies
	Limits         *limits.Table // of the API; nil: those that the product ships with

	// What only tests set: other departments than those of the house, and somebody who
	// listens to the statements.
	Departments func() ([]catalogue.Registration, error)
	Statements  func(ctx context.Context, text string, values []any)
}

// app is the whole house, wired top to bottom. The server and the simulator build
// the same one.
type app struct {
	cfg       appConfig
	metrics   *metrics
	town      *sdk.Town
	store     *store.Store
	vault     *vault.Vault
	audit     *audit.Audit
	privacy   *privacy.Privacy
	authority *access.Authority
	door      *identity.Door
	catalogue *catalogue.Catalogue
	stream    *stream.Stream
	bells     *stream.Bells // nil without NATS
	desk      *desk.Desk
	cases     *casework.Cases
	papers    *papers.Papers
	blobs     *papers.Blobs
	voice     *voice.Voice
	alerts    *alerts.Alerts
	results   *results.Results
	people    *identity.People
	point     *orientation.Point
	graph     *transport.Server
	listener  net.Listener
	http      *httpd.Server

	work    sync.WaitGroup
	workers context.Context
	stop    context.CancelFunc
}

// headsFile is the file in the data folder to which signed heads of the audit are
// appended.
const headsFile = "audit-heads.jsonl"

// stopTime bounds an orderly stop.
const stopTime = 10 * time.Second

// pluginFolder is where the plug-ins of others lie.
func (cfg appConfig) pluginFolder() string {
	return cmp.Or(cfg.Plugins, filepath.Join(cfg.Data, "plugins"))
}

// newApp opens the database, starts the departments and wires the rooms. The
// caller closes it, also after an error of serve.
func newApp(ctx context.Context, cfg appConfig) (*app, error) {
	a := &app{cfg: cfg, metrics: newMetrics()}
	if err := a.build(ctx); err != nil {
		return nil, errors.Join(err, a.close())
	}
	return a, nil
}

func (a *app) build(ctx context.Context) (err error) {
	if a.cfg.Demo && !httpd.IsLoopback(a.cfg.Listen) {
		return fmt.Errorf("a demo town listens on this machine only: use --listen 127.0.0.1:PORT")
	}
	// First of all: an address in use is told before anything is started.
	if a.listener, err = httpd.Listen(ctx, a.cfg.Listen); err != nil {
		return err
	}
	if a.cfg.NATS != "" {
		if a.bells, err = stream.JoinBells(a.cfg.NATS, a.cfg.Logger); err != nil {
			return err
		}
	}
	if a.town, err = towndata.Load(); err != nil {
		return fmt.Errorf("load the town's data: %w", err)
	}
	scribe, err := audit.NewScribe()
	if err != nil {
		return err
	}
	if a.store, err = store.Open(ctx, store.Config{
		DSN: a.cfg.Database, Dir: a.cfg.Data, Clock: a.cfg.Clock, Attach: access.Attach, Sign: access.Sign, Reads: a.metrics.read, Statements: a.cfg.Statements,
		Audit: scribe.Unit,
	}); err != nil {
		return err
	}
	if err = a.openStream(ctx); err != nil {
		return err
	}
	if err = a.furnish(ctx, scribe); err != nil {
		return err
	}
	if err = a.startDepartments(ctx); err != nil {
		return err
	}
	if err = a.buildRooms(); err != nil {
		return err
	}
	if err = a.openPapers(ctx); err != nil {
		return err
	}
	if err = a.openDoor(ctx); err != nil {
		return err
	}
	a.startWorkers(a.workers)
	return nil
}

func (a *app) openStream(ctx context.Context) (err error) {
	cfg := stream.Config{Store: a.store, Log: a.cfg.Logger, Replica: replicaName(), Retention: a.cfg.EventRetention}
	if a.bells != nil {
		cfg.Committed, cfg.Numbered = a.bells.Committed, a.bells.Numbered
	}
	a.stream, err = stream.New(ctx, cfg)
	if err != nil {
		return err
	}
	a.workers, a.stop = context.WithCancel(context.WithoutCancel(ctx))
	a.background(a.workers, a.stream.Run)
	return nil
}

func (a *app) furnish(ctx context.Context, scribe *audit.Scribe) (err error) {
	if err := demo.Furnish(ctx, a.store, a.town, a.cfg.Hours); err != nil {
		return err
	}
	if a.vault, err = vault.New(ctx, a.store, keyFile(a.cfg.KeyFile, a.cfg.Data)); err != nil {
		return err
	}
	a.audit = audit.New(audit.Config{
		Store: a.store, Scribe: scribe, Vault: a.vault, Logger: a.cfg.Logger, HeadsFile: filepath.Join(a.cfg.Data, headsFile),
	})
	if a.cfg.Demo {
		if err := identity.SeedDemo(ctx, a.store, a.vault); err != nil {
			return err
		}
	}
	if a.authority, err = access.NewAuthority(ctx, a.store); err != nil {
		return err
	}
	a.store.GuardWith(a.authority.Guard())
	a.people = identity.NewPeople(a.store, a.vault)
	// A town that is not served as a demonstration takes no demo token, whatever
	// its folder holds.
	a.door, err = identity.NewDoor(ctx, a.store, a.authority, a.cfg.Demo && httpd.IsLoopback(a.cfg.Listen))
	return err
}

func (a *app) startDepartments(ctx context.Context) (err error) {
	departments := a.cfg.Departments
	if departments == nil {
		departments = bundledDepartments
	}
	registered, err := departments()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(a.cfg.pluginFolder(), 0o700); err != nil {
		return fmt.Errorf("make the folder of the plug-ins: %w", err)
	}
	a.catalogue, err = catalogue.New(ctx, catalogue.Config{
		Plugins: registered, Memory: catalogue.NewStored(a.store), Clock: a.cfg.Clock, Logger: a.cfg.Logger,
		SocketFolder: filepath.Join(a.cfg.Data, "sockets"), PluginFolder: a.cfg.pluginFolder(), Town: a.town,
		OpenCases: func(ctx context.Context, hashes []string) (map[string]int, error) {
			return casework.CountOpen(ctx, a.store, hashes)
		},
	})
	if err != nil {
		return err
	}
	settle, cancel := context.WithTimeout(ctx, stopTime)
	defer cancel()
	if err := a.catalogue.Settled(settle); err != nil {
		a.cfg.Logger.WarnContext(ctx, "some departments are not up yet; the counter works without them", "error", err)
	}
	return nil
}

func (a *app) buildRooms() (err error) {
	if a.point, err = orientation.New(shelf{a.catalogue}, a.town, a.cfg.Clock); err != nil {
		return err
	}
	if a.privacy, err = newPrivacy(a.store, a.authority, a.vault, a.audit); err != nil {
		return err
	}
	if a.desk, a.cases, a.voice, err = a.rooms(a.store); err != nil {
		return err
	}
	a.results = results.New(results.Config{Store: a.store, Names: func(ctx context.Context) (weekly.Names, error) { return namesFor(ctx, a.store) }})
	a.alerts, err = a.newAlerts()
	return err
}

// rooms are the three rooms on the store.
func (a *app) rooms(s *store.Store) (*desk.Desk, *casework.Cases, *voice.Voice, error) {
	global, err := sdk.CompileGlobal(a.town)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("read the rules of the whole town: %w", err)
	}
	letters, err := a.cfg.Alerts.letters()
	if err != nil {
		return nil, nil, nil, err
	}
	d := desk.New(s, a.vault, services{a.catalogue})
	cases := casework.New(casework.Config{
		Store: s, Vault: a.vault, Departments: departments{a.catalogue}, People: citizens{a.people}, Queue: hall{d}, Town: a.town, Global: global,
	})
	return d, cases, voice.New(voice.Config{
		Store: s, Vault: a.vault, Calendar: a.town.Calendar, Rights: a.authority, Cases: ladderCases{cases}, Mail: letters,
	}), nil
}

func (a *app) openDoor(ctx context.Context) error {
	signIn, issuer, err := a.openSignIn(ctx)
	if err != nil {
		return err
	}
	a.metrics.watch(a)
	a.graph = graph.NewServer(&graph.Resolver{
		Roster: identity.NewMembers(a.store, a.authority), DeviceTokens: identity.NewCredentials(a.store, a.authority),
		Delegations: identity.NewMandates(a.store, a.authority, a.people, a.vault),
		Desk:        a.desk, Casework: a.cases, Papers: a.papers, Voice: a.voice, Alarms: a.alerts, Tallies: a.results, Privacy: a.privacy, Catalogue: a.catalogue, People: a.people, Access: a.authority, Stream: a.stream,
		Sockets: a.door.Sockets, SignIns: identity.NewSignIns(a.store, a.authority, sessions.New(a.store, 0)),
		Audit:       a.audit,
		Orientation: a.point, Town: a.town, Time: a.cfg.Clock,
	}, graph.Config{
		Logger:        a.cfg.Logger,
		Introspection: a.cfg.Demo,
		Limits:        a.cfg.Limits,
		Unavailable:   store.IsUnavailable,
		Hooks:         a.metrics.hooks(),
		Socket:        transport.SocketConfig{Init: a.openSocket, Keep: keepAsker, UserKey: socketUser},
		Events:        transport.EventStreamConfig{Open: a.openEvents},
	})
	documents, err := a.documents()
	if err != nil {
		return err
	}
	var explorer http.Handler
	if a.cfg.Demo {
		explorer = web.Explorer()
	}
	a.http = httpd.New(a.listener, httpd.Config{
		GraphQL: a.door.Middleware(a.graph), Pages: web.Pages(a.cfg.Demo), Explorer: explorer, Documents: documents, SignIn: signIn, DemoIssuer: issuer,
		Metrics: a.metrics.handler(), Ready: a.ready, Logger: a.cfg.Logger, Proxies: a.cfg.Proxies,
	})
	return nil
}

// socketUser is who a socket counts for. Displays and kiosks share a token per
// site, and are as many as the site has screens.
func socketUser(ctx context.Context) string {
	viewer, err := access.From(ctx)
	if err != nil || viewer.Kind != access.KindPerson {
		return ""
	}
	return viewer.ID
}

// ready reports whether requests can be answered now.
func (a *app) ready(ctx context.Context) error { return a.store.Ping(ctx) }

// serve answers until ctx ends, then stops in order: no new work, running calls
// end, sockets are told to come back.
func (a *app) serve(ctx context.Context) error {
	failed := make(chan error, 1)
	go func() { failed <- a.http.Serve() }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
	defer cancel()
	return errors.Join(a.graph.Shutdown(end), a.http.Shutdown(end))
}

// background runs work of the house until the app is closed.
func (a *app) background(ctx context.Context, work func(context.Context)) {
	a.work.Go(func() { work(ctx) })
}

// close ends everything that was started, in the opposite order.
func (a *app) close() error {
	var errs []error
	if a.listener != nil {
		_ = a.listener.Close() // the server may have closed it before
	}
	leads := a.stream != nil && a.stream.Leads()
	if a.stop != nil {
		a.stop()
	}
	if a.catalogue != nil {
		ctx, cancel := context.WithTimeout(context.Background(), stopTime)
		defer cancel()
		errs = append(errs, a.catalogue.Close(ctx))
	}
	a.work.Wait()
	if a.bells != nil {
		a.bells.Close()
	}
	if a.audit != nil && leads {
		a.signAudit()
	}
	if a.blobs != nil {
		errs = append(errs, a.blobs.Close())
	}
	if a.store != nil {
		errs = append(errs, a.store.Close())
	}
	return errors.Join(errs...)
}

// signAudit signs the end of the audit at an orderly stop.
func (a *app) signAudit() {
	ctx, cancel := context.WithTimeout(context.Background(), stopTime)
	defer cancel()
	if err := a.audit.Sign(ctx); err != nil {
		a.cfg.Logger.WarnContext(ctx, "the audit's chain was not signed at the stop", "error", err)
	}
}

// replicaName tells this process from others on the same database.
func replicaName() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return fmt.Sprintf("%s-%d", host, os.Getpid())
}
