package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"

	"github.com/schollz/progressbar/v3"
	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/rehearse"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/vault"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/sdktest"
	towndata "github.com/spazio-in-comune/sportello/plugins/town"
)

// diffFlags say what to compare with what.
type diffFlags struct {
	databaseFlags
	plugins string
	cases   string
	stored  bool // a database was named
	plain   bool
	json    bool
	keyFile string
}

func pluginDiffCommand() *cobra.Command {
	var flags diffFlags
	cmd := &cobra.Command{
		Use:   "diff OLD NEW",
		Short: "Say which decisions a new version of a department would change, and why, before it goes live",
		Long: `Starts both versions, decides case files and stored requests with each, as at the
moment when they were filed, and tells what differs. Nothing is written, and no answer
is told: requests are named by their protocol number, points that may hold an answer
without their values.

OLD and NEW are commands, such as ./bin/orti or "./bin/sportello-department isee", or
registered versions: NAME@VERSION, or NAME for the current one. A command has a slash.
Stored requests are replayed if a database is named with --data or --database, or a
registered version is.

The exit code is 0 if nothing would change, 1 if something would, 2 for an error.`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			flags.stored = cmd.Flags().Changed("data") || cmd.Flags().Changed("database") || isRegistered(args[0]) || isRegistered(args[1])
			comparison, err := diff(cmd.Context(), cmd.ErrOrStderr(), flags, args[0], args[1])
			if err == nil {
				err = writeComparison(cmd.OutOrStdout(), comparison, flags.json)
			}
			switch {
			case err != nil:
				return usageError{err} // 1 is for changes
			case comparison.Differs():
				return errors.New("the new version changes something")
			}
			return nil
		},
	}
	flags.register(cmd)
	registerPlugins(cmd, &flags.plugins)
	registerKeyFile(cmd, &flags.keyFile)
	cmd.Flags().StringVar(&flags.cases, "cases", "", "folder of case files to replay")
	cmd.Flags().BoolVar(&flags.plain, "plain-socket", false, "start commands without certificates")
	cmd.Flags().BoolVar(&flags.json, "json", false, "the comparison as JSON")
	return cmd
}

func writeComparison(w io.Writer, c *rehearse.Comparison, asJSON bool) error {
	if !asJSON {
		c.Write(w)
		return nil
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(c)
}

// diff opens what is needed, compares, and closes it again.
func diff(ctx context.Context, progress io.Writer, flags diffFlags, before, after string) (_ *rehearse.Comparison, err error) {
	cases, err := folderOf(flags.cases)
	if err != nil {
		return nil, err
	}
	if cases == nil && !flags.stored {
		return nil, errors.New("nothing to replay: name case files with --cases, or a database with --data or --database")
	}
	town, err := towndata.Load()
	if err != nil {
		return nil, err
	}
	var s *store.Store
	if flags.stored {
		cfg := flags.config()
		cfg.Attach, cfg.Sign = access.Attach, access.Sign
		if s, err = store.OpenReader(ctx, cfg); err != nil {
			return nil, err
		}
		defer func() { _ = s.Close() }() // read only
	}
	starts := sides{flags: flags, store: s}
	old, err := starts.run(ctx, before)
	if err != nil {
		return nil, fmt.Errorf("the old version: %w", err)
	}
	defer func() { err = errors.Join(err, old.Stop()) }()
	next, err := starts.run(ctx, after)
	if err != nil {
		return nil, fmt.Errorf("the new version: %w", err)
	}
	defer func() { err = errors.Join(err, next.Stop()) }()

	described, err := old.Describe(ctx, sdk.DescribeRequest{})
	if err != nil {
		return nil, fmt.Errorf("the old version: %w", err)
	}
	requests, total, err := replayed(ctx, cases, s, keyFile(flags.keyFile, flags.data), described.Definition.Service)
	if err != nil {
		return nil, err
	}
	bar := newBar(progress, total, "replaying")
	defer func() { _ = bar.Finish() }() // nobody is left to tell when the terminal is gone
	return rehearse.Compare(ctx, old, next, town, requests, func() { _ = bar.Add(1) })
}

// newBar shows how far some work is, on a terminal only.
func newBar(w io.Writer, total int, what string) *progressbar.ProgressBar {
	file, ok := w.(*os.File)
	shown := false
	if ok {
		info, err := file.Stat()
		shown = err == nil && info.Mode()&os.ModeCharDevice != 0
	}
	return progressbar.NewOptions(total, progressbar.OptionSetWriter(w), progressbar.OptionSetVisibility(shown),
		progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionSetDescription(what))
}

// replayed are the requests of the case files, then the stored ones, and how many
// there are.
func replayed(ctx context.Context, cases fs.FS, s *store.Store, kek vault.KEK, service string) (iter.Seq2[rehearse.Request, error], int, error) {
	var invented []rehearse.Request
	if cases != nil {
		var err error
		if invented, err = caseRequests(cases); err != nil {
			return nil, 0, err
		}
	}
	total := len(invented)
	var v *vault.Vault
	if s != nil {
		n, err := casework.CountFilings(ctx, s, service)
		if err != nil {
			return nil, 0, err
		}
		if n == 0 {
			s = nil
		} else if v, err = vault.Existing(ctx, s, kek); err != nil {
			return nil, 0, err
		}
		total += n
	}
	return func(yield func(rehearse.Request, error) bool) {
		for _, r := range invented {
			if !yield(r, nil) {
				return
			}
		}
		if s == nil {
			return
		}
		for f, err := range casework.Filings(ctx, s, v, service) {
			if !yield(storedRequest(f), err) {
				return
			}
		}
	}, total, nil
}

func caseRequests(folder fs.FS) ([]rehearse.Request, error) {
	files, err := sdktest.ReadCases(folder)
	if err != nil {
		return nil, err
	}
	var all []rehearse.Request
	for i := range files {
		for _, c := range files[i].Cases {
			name := files[i].Practice + ".yaml, " + c.Name
			answers, facts, err := files[i].Form(c)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			all = append(all, rehearse.Request{Name: name, Practice: files[i].Practice, Answers: answers, Facts: facts})
		}
	}
	return all, nil
}

// storedRequest is a request of a real person. What was filed before facts were kept
// is decided with those that follow from its moment.
func storedRequest(f casework.Filing) rehearse.Request {
	facts := sdk.Facts{Now: f.At, Ambient: f.Facts}
	if facts.Ambient == nil {
		facts.Ambient = sdk.ClockAmbient(f.At)
	}
	return rehearse.Request{Name: f.Protocol, Practice: f.Practice, Answers: f.Answers, Facts: facts, Personal: true}
}
