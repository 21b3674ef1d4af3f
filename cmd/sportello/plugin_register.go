package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	towndata "github.com/spazio-in-comune/sportello/plugins/town"
)

// registerFlags say what to register.
type registerFlags struct {
	file                  string
	name, version, sha256 string // what it must be; empty takes what it says
	plainSocket           bool
	args                  []string
}

func pluginRegisterCommand() *cobra.Command {
	var flags databaseFlags
	var folder string
	var what registerFlags
	cmd := &cobra.Command{
		Use:   "register FILE [-- ARGS...]",
		Short: "Register a version of a department from outside; a running server takes it up at once",
		Long: `Copies the executable FILE into the folder of the plug-ins under a name with its version
and checksum, runs it once to learn what it is and to refuse one that is broken, and
registers it. A running server starts it beside the version that serves now; it takes over
once it is ready. What follows -- are its arguments.`,
		Args: func(cmd *cobra.Command, args []string) error {
			at := cmd.ArgsLenAtDash()
			if at < 0 {
				at = len(args)
			}
			if at != 1 {
				return usageError{errors.New("name one file: sportello plugin register FILE [-- ARGS...]")}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			what.file, what.args = args[0], args[1:]
			cfg := appConfig{Data: flags.data, Plugins: folder}
			return withRegistrations(cmd.Context(), flags, func(memory catalogue.Memory) error {
				return registerFile(cmd.Context(), cmd.OutOrStdout(), memory, cfg.pluginFolder(), what, flags.again())
			})
		},
	}
	flags.register(cmd)
	registerPlugins(cmd, &folder)
	cmd.Flags().StringVar(&what.name, "name", "", "refuse another department than this")
	cmd.Flags().StringVar(&what.version, "version", "", "refuse another version than this")
	cmd.Flags().StringVar(&what.sha256, "sha256", "", "refuse a file with another checksum than this")
	cmd.Flags().BoolVar(&what.plainSocket, "plain-socket", false, "do without certificates between server and plug-in, for languages that cannot make them")
	return cmd
}

// registerFile copies, tries and registers one file. again are the flags for what comes next.
func registerFile(ctx context.Context, out io.Writer, memory catalogue.Memory, folder string, what registerFlags, again string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return fmt.Errorf("make the folder of the plug-ins: %w", err)
	}
	folder, err := filepath.Abs(folder)
	if err != nil {
		return fmt.Errorf("find the folder of the plug-ins: %w", err)
	}
	incoming := filepath.Join(folder, ".incoming-"+rand.Text())
	defer func() { _ = os.Remove(incoming) }() // gone already where all went well
	sum, err := copyPlugin(what.file, incoming)
	if err != nil {
		return err
	}
	if what.sha256 != "" && !strings.EqualFold(what.sha256, sum) {
		return fmt.Errorf("the file has the checksum %s, not the one of --sha256; is it the file that you were given?", sum)
	}
	reg := catalogue.Registration{Name: what.name, Version: what.version, Command: incoming, Args: what.args, SHA256: sum, PlainSocket: what.plainSocket}
	known, err := inspect(ctx, folder, &reg)
	if err != nil {
		return err
	}
	reg.Command = fmt.Sprintf("%s-%s-%.12s", reg.Name, reg.Version, sum)
	place := filepath.Join(folder, reg.Command)
	_, missing := os.Lstat(place)
	if err := os.Rename(incoming, place); err != nil {
		return fmt.Errorf("put the plug-in into its folder: %w", err)
	}
	var now catalogue.Instance
	err = memory.Change(ctx, "register a plug-in", func(l *catalogue.Ledger) error {
		i, err := l.Register(reg, &known, commandLine)
		if err == nil {
			now = *i
		}
		return err
	})
	if err != nil {
		if missing != nil { // it was put there for nothing
			err = errors.Join(err, os.Remove(place))
		}
		return mendable(err)
	}
	return tellRegistered(out, now, folder, again)
}

// copyPlugin copies an executable, readable by its user only and changed by nobody, and
// gives its checksum.
func copyPlugin(from, to string) (sum string, err error) {
	in, err := os.Open(from)
	if err != nil {
		return "", fmt.Errorf("open the plug-in: %w", err)
	}
	defer func() { _ = in.Close() }() // read only
	if info, err := in.Stat(); err != nil || !info.Mode().IsRegular() {
		return "", fmt.Errorf("%s is not a file: name the executable of the plug-in", from)
	}
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o700)
	if err != nil {
		return "", fmt.Errorf("copy the plug-in: %w", err)
	}
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(out, hash), in)
	if err == nil {
		err = out.Sync()
	}
	if err = errors.Join(err, out.Close()); err == nil {
		err = os.Chmod(to, 0o555)
	}
	if err != nil {
		return "", fmt.Errorf("copy the plug-in: %w", err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// inspect has the plug-in describe itself, compares that with what was asked for, and
// fills in what was not.
func inspect(ctx context.Context, folder string, reg *catalogue.Registration) (catalogue.Introduction, error) {
	known, err := towndata.Load()
	if err != nil {
		return catalogue.Introduction{}, fmt.Errorf("load the town's data: %w", err)
	}
	var def *sdk.Definition
	trial := *reg
	trial.Name = "plug-in" // it says its own, which is compared below
	is, def, err := catalogue.Inspect(ctx, catalogue.RunConfig{Registration: trial, Folder: folder}, known)
	if err != nil {
		return is, fmt.Errorf("the plug-in was run once and is refused: %w\n\"sportello plugin test FILE\" says more", mendable(err))
	}
	if reg.Name != "" && reg.Name != def.Service {
		return is, fmt.Errorf("the plug-in describes the department %q, not %q", def.Service, reg.Name)
	}
	if reg.Version != "" && reg.Version != def.Version {
		return is, fmt.Errorf("the plug-in describes the version %q, not %q", def.Version, reg.Version)
	}
	reg.Name, reg.Version = def.Service, def.Version
	return is, nil
}

// tellRegistered says what was done and what comes next, with the flags of this command.
func tellRegistered(out io.Writer, i catalogue.Instance, folder, again string) error {
	next := "A running server starts it now; it takes over once it is ready: see \"sportello plugin list" + again + "\"."
	switch {
	case i.Disabled != "":
		next = fmt.Sprintf("%s is disabled (%s): \"sportello plugin enable %s%s\" starts it.", i.Name, i.Disabled, i.Name, again)
	case i.Standing == catalogue.Current:
		next = "It is the current version."
	}
	_, err := fmt.Fprintf(out, "registered %s %s\n  file    %s\n  sha256  %s\n%s\nTo go back to the version before: sportello plugin rollback %s%s\nTo stop it: sportello plugin disable %s%s\n",
		i.Name, i.Version, filepath.Join(folder, i.Command), i.SHA256, next, i.Name, again, i.Name, again)
	return err
}
