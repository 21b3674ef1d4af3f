package catalogue

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
)

// process is one running department. The supervisor is written against it, so
// that its behaviour in time can be tested without processes.
type process interface {
	sdk.Department
	// health asks the process whether it serves.
	health(ctx context.Context) error
	// exited is closed when the process has ended.
	exited() <-chan struct{}
	// why says why the process has ended, once it has.
	why() error
	info() processInfo
	// stop ends the process and its descendants and returns when nothing of
	// them is left in the host. A graceful stop asks the process first. The error
	// says that descendants live on all the same.
	stop(graceful bool) error
}

type processInfo struct {
	pid int
	sum string // checksum of what runs
}

// launcher starts a process and returns when it has shaken hands.
type launcher interface {
	launch(ctx context.Context, reg Registration, logs io.Writer) (process, error)
}

// pluginLauncher starts real processes through go-plugin.
type pluginLauncher struct {
	own     *own
	spawner *spawner
	census  *census
	folder  string // private folder of the sockets
	plugins string // folder of the plug-ins of others; see openPlugin
	anyone  bool   // takes them from everywhere instead, for trying them out
	limits  Limits
	sums    sums
}

// launch implements launcher.
func (l *pluginLauncher) launch(ctx context.Context, reg Registration, logs io.Writer) (process, error) {
	exe, release, err := l.open(reg)
	if err != nil {
		return nil, err
	}
	defer release()
	p := &pluginProcess{stopTime: l.limits.Stop}
	ctx, cancel := context.WithTimeout(ctx, l.limits.Start)
	defer cancel()
	config, err := l.config(ctx, p, reg, exe, logs)
	if err != nil {
		return nil, fmt.Errorf("start department %s: %w", reg.Name, err)
	}
	p.client = plugin.NewClient(config)
	p.process.sum = exe.sum
	if err := p.connect(ctx); err != nil {
		return nil, fmt.Errorf("start department %s: %w", reg.Name, errors.Join(p.died(), err, p.stop(false)))
	}
	return p, nil
}

// open finds the verified executable; release gives back what was opened for
// this start alone.
func (l *pluginLauncher) open(reg Registration) (exe *executable, release func(), err error) {
	switch {
	case reg.Command == "":
		exe, err = l.own.open()
		return exe, func() {}, err
	case reg.Bundled:
		exe, err = openKnown(reg.Command, reg.SHA256, &l.sums)
	case l.anyone:
		exe, err = openExecutable(reg.Command, reg.SHA256)
	default:
		exe, err = openPlugin(l.plugins, reg.Command, reg.SHA256)
	}
	if err != nil {
		return nil, nil, err
	}
	return exe, func() { _ = exe.file.Close() }, nil // read only
}

// config is go-plugin's: gRPC only, certificates for this one start, a private
// socket and no inherited environment. The checksum is verified here and not by
// go-plugin, which would check a path and start it afterwards.
//
// When ctx ends before the process is there, the process is ended, and with it
// the handshake, which knows no context.
func (l *pluginLauncher) config(ctx context.Context, p *pluginProcess, reg Registration, exe *executable, logs io.Writer) (*plugin.ClientConfig, error) {
	var certificate []string
	var secure *tls.Config
	if !reg.PlainSocket {
		config, variable, err := certify()
		if err != nil {
			return nil, err
		}
		secure, certificate = config, []string{variable}
		if reg.Bundled {
			ready, err := certifyBundled(secure)
			if err != nil {
				return nil, err
			}
			certificate = append(certificate, ready)
		}
	}
	return &plugin.ClientConfig{
		TLSConfig:        secure,
		HandshakeConfig:  rpc.Handshake(),
		VersionedPlugins: rpc.ClientPlugins(rpc.Limits{Describe: l.limits.Start, Review: l.limits.Review}),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		SkipHostEnv:      true,
		StartTimeout:     l.limits.Start,
		UnixSocketConfig: &plugin.UnixSocketConfig{TempDir: l.folder},
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Off, Output: io.Discard}),
		Stderr:           logs,
		SyncStdout:       logs,
		SyncStderr:       logs,
		GRPCDialOptions: []grpc.DialOption{
			grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(rpc.MaxAnswer), grpc.MaxCallSendMsgSize(rpc.MaxRequest)),
			grpc.WithMaxHeaderListSize(maxHeaders),
			grpc.WithChainStreamInterceptor(p.keepConn, offerNothing),
		},
		RunnerFunc: func(_ hclog.Logger, spec *exec.Cmd, folder string) (runner.Runner, error) {
			env := slices.Concat(environment(reg, folder), spec.Env, certificate)
			p.child = &child{
				exe: exe, args: append([]string{exe.path}, reg.Args...), env: env, folder: folder,
				spawner: l.spawner, limits: l.limits, family: &family{census: l.census, folder: folder},
				exited: make(chan struct{}),
			}
			p.forget = context.AfterFunc(ctx, p.child.killGroup)
			return p.child, nil
		},
	}, nil
}

// environment is all that a department sees of the host's: nothing of it.
func environment(reg Registration, folder string) []string {
	env := []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "TMPDIR=" + folder}
	if reg.Bundled {
		// Reading its files leaves a department with more than it needs, unless it
		// tidies up often; that costs next to nothing at this size.
		env = append(env, "GOMAXPROCS=1", "GOMEMLIMIT=32MiB", "GOGC=25")
	}
	return env
}

// pluginProcess is a department behind go-plugin's client. A client serves one
// start only: a second start of the same one would give the dead address.
type pluginProcess struct {
	*rpc.Client
	client   *plugin.Client
	child    *child
	process  processInfo
	stopTime time.Duration
	forget   func() bool // lets the process outlive the context of its start

	mu   sync.Mutex // guards conn
	conn *grpc.ClientConn
}

// connect shakes hands.
func (p *pluginProcess) connect(ctx context.Context) error {
	if err := p.shakeHands(); err != nil {
		return err
	}
	p.process.pid = p.child.pid()
	protocol, err := p.client.Client()
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	raw, err := protocol.Dispense(rpc.PluginName)
	if err != nil {
		return err
	}
	client, ok := raw.(*rpc.Client)
	if !ok {
		return fmt.Errorf("the process serves a %T", raw)
	}
	p.Client = client
	if err := p.health(ctx); err != nil {
		return err
	}
	if !p.forget() {
		return ctx.Err()
	}
	return nil
}

// shakeHands starts the process. The plug-in library panics over a certificate that
// it has not asked for.
func (p *pluginProcess) shakeHands() (err error) {
	defer func() {
		if fault := recover(); fault != nil {
			err = fmt.Errorf("the handshake is not what was asked for: %v", fault)
		}
	}()
	_, err = p.client.Start()
	return err
}

// died is why a process that did not shake hands has ended by itself, if it has. It
// is known a moment after its output has closed.
func (p *pluginProcess) died() error {
	if p.child == nil {
		return nil
	}
	select {
	case <-p.child.exited:
		return p.child.why()
	case <-time.After(drainTime):
		return p.child.condemned()
	}
}

// keepConn remembers the connection that go-plugin makes. Where a process dies
// between handshake and connection, go-plugin loses it with its goroutines.
func (p *pluginProcess) keepConn(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn,
	method string, streamer grpc.Streamer, opts ...grpc.CallOption,
) (grpc.ClientStream, error) {
	p.mu.Lock()
	p.conn = conn
	p.mu.Unlock()
	return streamer(ctx, desc, conn, method, opts...)
}

// maxHeaders bounds what an answer says beside its message, in bytes.
const maxHeaders = 64 << 10

// offerNothing keeps the plug-in library's broker from being set up. Through it a
// department could ask the host for services, of which there are none, and keep
// it busy with offers of its own.
func offerNothing(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn,
	method string, streamer grpc.Streamer, opts ...grpc.CallOption,
) (grpc.ClientStream, error) {
	if strings.HasPrefix(method, "/plugin.GRPCBroker/") {
		return nil, status.Error(codes.Unimplemented, "the host offers nothing")
	}
	return streamer(ctx, desc, conn, method, opts...)
}

func (p *pluginProcess) connection() *grpc.ClientConn {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.conn
}

// health implements process. go-plugin's own Ping has no deadline.
func (p *pluginProcess) health(ctx context.Context) error {
	conn := p.connection()
	if conn == nil {
		return errors.New("no connection")
	}
	answer, err := grpc_health_v1.NewHealthClient(conn).Check(ctx,
		&grpc_health_v1.HealthCheckRequest{Service: rpc.HealthService})
	if err != nil {
		return fmt.Errorf("ask for the health: %w", err)
	}
	if answer.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		return fmt.Errorf("the process says %s", answer.GetStatus())
	}
	return nil
}

// exited implements process.
func (p *pluginProcess) exited() <-chan struct{} { return p.child.exited }

// why implements process.
func (p *pluginProcess) why() error { return p.child.why() }

// info implements process.
func (p *pluginProcess) info() processInfo { return p.process }

// stop implements process. go-plugin's Kill asks the process to end and may wait
// for it for ever; it is always followed by the end of the whole group.
func (p *pluginProcess) stop(graceful bool) error {
	if p.child == nil {
		return nil // nothing was ever started
	}
	if !graceful {
		p.child.killGroup()
	}
	killed := make(chan struct{})
	go func() {
		defer close(killed)
		p.client.Kill()
	}()
	select {
	case <-killed:
	case <-time.After(p.stopTime):
	}
	p.child.killGroup()
	<-killed
	if conn := p.connection(); conn != nil {
		_ = conn.Close() // a second close only says so
	}
	left := p.child.sweep(p.stopTime)
	_ = os.RemoveAll(p.child.folder) // emptied at the next start otherwise
	if left > 0 {
		return fmt.Errorf("%d processes of the department cannot be ended", left)
	}
	return nil
}
