//go:build unix

// Withdb runs a command beside throwaway MariaDB and MySQL servers, and stops
// them when it ends, however it ends:
//
//	withdb [-db "sqlite mariadb mysql"] [-durable] COMMAND [ARGUMENT...]
//
// The command finds the servers in its environment (see package dbtest) and its
// exit code becomes withdb's. A server already named in the environment is used
// as it is and left running. Otherwise one found on the machine is started, and
// on Debian one that is missing is fetched, once, into the user's cache folder
// (see package debian): nothing is installed on the machine.
//
// Each run has folders and ports of its own, so that runs never meet.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest/dbserver"
)

func main() {
	names := flag.String("db", "sqlite mariadb mysql", "databases the command must find, separated by spaces")
	durable := flag.Bool("durable", false, "flush every commit to disk, as a live server does (slower)")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: withdb [-db NAMES] [-durable] COMMAND [ARGUMENT...]")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	code, err := run(ctx, strings.Fields(*names), *durable, flag.Args())
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "withdb: %v\n", err)
		code = max(code, 1)
	}
	os.Exit(code)
}

// run starts the servers, runs the command and stops the servers again. It
// returns the command's exit code.
func run(ctx context.Context, names []string, durable bool, command []string) (code int, err error) {
	if err := checkNames(names); err != nil {
		return 2, err
	}
	servers := map[string]*dbserver.Server{} // by environment variable
	var group errgroup.Group
	for _, name := range names {
		env, isServer := dbserver.EnvOf(name)
		if !isServer || os.Getenv(env) != "" || servers[env] != nil {
			continue
		}
		s, err := dbserver.New(name, durable)
		if err != nil {
			return 2, err
		}
		servers[env] = s
		group.Go(func() error {
			if err := s.Start(ctx); err != nil {
				return err
			}
			fmt.Fprintf(os.Stderr, "withdb: %v\n", s)
			return nil
		})
	}
	defer func() {
		for _, s := range servers {
			err = errors.Join(err, s.Stop())
		}
	}()
	if err := group.Wait(); err != nil {
		return 1, err
	}
	env := append(os.Environ(), dbtest.EnvExpected+"="+strings.Join(names, " "))
	for name, s := range servers {
		env = append(env, name+"="+s.DSN())
	}
	return runCommand(ctx, command, env)
}

func checkNames(names []string) error {
	known := []string{dbtest.SQLite, dbtest.MariaDB, dbtest.MySQL}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return fmt.Errorf("unknown database %q: want some of %s", name, strings.Join(known, ", "))
		}
	}
	return nil
}

// runCommand runs the command in a process group of its own: an interruption
// reaches the test binaries it started as well, and the servers outlive them.
func runCommand(ctx context.Context, command, env []string) (int, error) {
	const grace = 10 * time.Second
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = env
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = dbserver.OwnGroup(syscall.SIGTERM)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	cmd.WaitDelay = grace
	err := cmd.Run()
	if ctx.Err() != nil {
		// Whatever of the group is still alive has had its grace.
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		return 130, errors.New("interrupted")
	}
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		return exit.ExitCode(), nil
	}
	if err != nil {
		return 1, fmt.Errorf("run %s: %w", command[0], err)
	}
	return 0, nil
}
