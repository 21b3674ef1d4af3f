// Command sportello is the platform of a town hall's one-stop front office: the
// server, its departments' processes and the tools around them.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"
)

// version is stamped by the build.
var version = "dev" //nolint:gochecknoglobals // the linker sets it

func main() {
	os.Exit(run())
}

// run gives the exit code: 0 fine, 1 failed, 2 wrongly called.
func run() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	understood := false
	root := rootCommand()
	root.PersistentPreRun = func(*cobra.Command, []string) { understood = true }
	if err := root.ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "sportello:", err)
		var usage usageError
		if !understood || errors.As(err, &usage) {
			return 2
		}
		return 1
	}
	return 0
}

func rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "sportello",
		Short:         "The one-stop front office of an Italian town hall",
		Version:       version,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.AddCommand(
		serveCommand(), migrateCommand(), tokenCommand(), pluginCommand(), policyCommand(), staffCommand(), simulateCommand(), exportCommand(), keysCommand(),
		verifyCommand(), retentionCommand(),
	)
	return root
}

// usageError marks a command line that a command itself finds wanting.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }
