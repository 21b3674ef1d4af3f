package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/internal/rehearse"
	"github.com/spazio-in-comune/sportello/plugins/sdk/sdktest"
	towndata "github.com/spazio-in-comune/sportello/plugins/town"
)

func pluginTestCommand() *cobra.Command {
	var cases string
	var plain, asJSON bool
	cmd := &cobra.Command{
		Use:   "test COMMAND [ARGS...]",
		Short: "Put a department's executable to the tests of the contract, whatever language it is written in",
		Long: `Starts COMMAND with ARGS as the server would, puts it to the tests of the contract
(package sdk, The contract; plugins/sdk/rpc/department.proto, The process), and
prints what failed with what to do about it. Flags stand before COMMAND.

The exit code is 0 if all passed, 1 if a check failed, 2 for a wrong command line.`,
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			reg, err := registrationOf(args[0], args[1:], plain)
			if err != nil {
				return usageError{err}
			}
			opts := sdktest.Options{}
			if opts.Cases, err = folderOf(cases); err != nil {
				return usageError{err}
			}
			if opts.Town, err = towndata.Load(); err != nil {
				return err
			}
			report, err := rehearse.Conform(cmd.Context(), reg, opts)
			if err != nil {
				return err
			}
			if err := writeReport(cmd.OutOrStdout(), report, asJSON); err != nil {
				return err
			}
			if failed := report.Failed(); failed > 0 {
				return fmt.Errorf("%d checks failed", failed)
			}
			return nil
		},
	}
	cmd.Flags().SetInterspersed(false) // what follows COMMAND is the department's
	cmd.Flags().StringVar(&cases, "cases", "", "folder of case files, PRACTICE.yaml: answers in, decision out")
	cmd.Flags().BoolVar(&plain, "plain-socket", false, "without certificates, for a language that cannot make them; register it so, too")
	cmd.Flags().BoolVar(&asJSON, "json", false, "the report as JSON")
	return cmd
}

// registrationOf is a command as a developer types it: its path may be relative,
// or be found as a shell finds it.
func registrationOf(command string, args []string, plain bool) (catalogue.Registration, error) {
	path, err := exec.LookPath(command)
	if err != nil && !errors.Is(err, exec.ErrDot) {
		return catalogue.Registration{}, fmt.Errorf("there is no executable %q: %w", command, err)
	}
	if path, err = filepath.Abs(path); err != nil {
		return catalogue.Registration{}, fmt.Errorf("find %s: %w", command, err)
	}
	sum, err := catalogue.Checksum(path)
	if err != nil {
		return catalogue.Registration{}, err
	}
	return catalogue.Registration{
		Name: filepath.Base(path), Command: path, Args: args, SHA256: sum, PlainSocket: plain,
	}, nil
}

// folderOf opens a folder that a flag names; nil without one.
func folderOf(path string) (fs.FS, error) {
	if path == "" {
		return nil, nil
	}
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return nil, fmt.Errorf("%s is no folder", path)
	}
	return os.DirFS(path), nil
}

func writeReport(w io.Writer, report *sdktest.Report, asJSON bool) error {
	if !asJSON {
		report.Write(w)
		return nil
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(report)
}
