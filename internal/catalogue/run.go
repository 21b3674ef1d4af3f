package catalogue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// RunConfig is one process to run without supervision.
type RunConfig struct {
	// Registration says what to start. Its name may be empty: the program's is
	// taken. Its checksum may be empty: the one that the file has now is taken.
	Registration Registration
	// Logger takes the lines that the process writes, bounded and encoded as those
	// of a supervised one; nil drops them.
	Logger *slog.Logger
	// Folder is the folder of the plug-ins, whose rules then hold as in the host;
	// empty takes the program from everywhere, to try it out.
	Folder string
	Limits Limits
}

// Running is one verified process outside of supervision, for the commands that
// try out, register and compare plug-ins. It is started, called and ended by the
// very code that the host uses, with the same path rules, checksum, environment,
// socket and limits; only nobody starts it anew. Its methods may be called at the
// same time.
type Running struct {
	process process
	spawner *spawner
	own     *own
	logs    *logs
	unblock chan struct{}
	folder  string
	stop    func() error
}

var _ sdk.Department = (*Running)(nil)

// Run starts one process and returns when it has shaken hands and says that it is
// healthy, at the latest after Limits.Start. The caller ends it with Stop.
func Run(ctx context.Context, cfg RunConfig) (*Running, error) {
	reg, err := cfg.registration()
	if err != nil {
		return nil, err
	}
	folder, err := os.MkdirTemp("", "sportello-run-")
	if err != nil {
		return nil, fmt.Errorf("make the folder of the socket: %w", err)
	}
	logger := cfg.Logger
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	r := &Running{spawner: newSpawner(), own: &own{}, unblock: make(chan struct{}), folder: folder}
	r.logs = newLogs(logger, reg.Name, r.unblock)
	r.stop = sync.OnceValue(r.end)
	launch := &pluginLauncher{
		own: r.own, spawner: r.spawner, census: &census{root: folder}, folder: folder,
		plugins: cfg.Folder, anyone: cfg.Folder == "", limits: cfg.Limits.withDefaults(),
	}
	r.process, err = launch.launch(ctx, reg, r.logs)
	if err != nil {
		return nil, errors.Join(err, r.stop())
	}
	return r, nil
}

// registration is the checked one, with its name and checksum.
func (cfg RunConfig) registration() (Registration, error) {
	reg := cfg.Registration
	if reg.Name == "" {
		reg.Name = filepath.Base(reg.Command)
	}
	if reg.SHA256 == "" && reg.Command != "" {
		sum, err := Checksum(reg.Command)
		if err != nil {
			return reg, err
		}
		reg.SHA256 = sum
	}
	return reg, reg.check()
}

// Describe implements [sdk.Department]. Its errors are those of package rpc.
func (r *Running) Describe(ctx context.Context, req sdk.DescribeRequest) (*sdk.DescribeResponse, error) {
	return r.process.Describe(ctx, req)
}

// Review implements [sdk.Department]. Its errors are those of package rpc. An
// answer that the host would not take is refused here, too.
func (r *Running) Review(ctx context.Context, req sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
	answer, err := r.process.Review(ctx, req)
	if err == nil {
		err = checkReview(answer)
	}
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// Health asks the process whether it serves.
func (r *Running) Health(ctx context.Context) error { return r.process.health(ctx) }

// PID is the id of the process.
func (r *Running) PID() int { return r.process.info().pid }

// SHA256 is the checksum of what runs, in hexadecimal.
func (r *Running) SHA256() string { return r.process.info().sum }

// Exited is closed when the process has ended, by itself or not; Err then says why.
func (r *Running) Exited() <-chan struct{} { return r.process.exited() }

// Err says why the process has ended, nil while it runs: a [*LimitError] if it took
// too much.
func (r *Running) Err() error {
	select {
	case <-r.process.exited():
		return r.process.why()
	default:
		return nil
	}
}

// Stop ends the process and its descendants, asking it first, within twice
// Limits.Stop. The error says that some of them live on all the same. Later calls
// do nothing and return the same.
func (r *Running) Stop() error { return r.stop() }

func (r *Running) end() error {
	close(r.unblock)
	var err error
	if r.process != nil {
		err = r.process.stop(true)
	}
	r.logs.last()
	r.spawner.close()
	r.own.close()
	return errors.Join(err, os.RemoveAll(r.folder))
}
