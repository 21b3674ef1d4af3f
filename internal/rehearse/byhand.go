package rehearse

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"syscall"
	"time"

	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/plugins/sdk/sdktest"
)

// byHandLimit is how long a department that was started by hand may take to say so.
const byHandLimit = 5 * time.Second

// startByHand starts the command as a curious person would.
func startByHand(ctx context.Context, reg catalogue.Registration) (sdktest.Check, error) {
	c := processCheck("started by hand", 1,
		"Without SPORTELLO_DEPARTMENT in its environment it says on standard error what it is, and ends with an exit code that is not 0.",
		"Compare the variable with its value before anything else; print a sentence and exit with 1.")
	limited, cancel := context.WithTimeout(ctx, byHandLimit)
	defer cancel()
	var said bytes.Buffer
	cmd := exec.CommandContext(limited, reg.Command, reg.Args...)
	cmd.Env = []string{"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8"}
	cmd.Stderr = &said
	cmd.WaitDelay = time.Second
	switch err := cmd.Start(); {
	case errors.Is(err, syscall.ENOEXEC):
		c.Mend = "Begin a script with #! and the path of its interpreter; build a program for this machine."
		c.Tell("started it without that variable", err.Error())
		return c, nil
	case err != nil:
		return c, fmt.Errorf("start %s: %w", reg.Command, err)
	}
	err := cmd.Wait()
	var exit *exec.ExitError
	got := ""
	switch {
	case ctx.Err() != nil:
		return c, ctx.Err()
	case limited.Err() != nil:
		got = fmt.Sprintf("it ran on for %s", byHandLimit)
	case err == nil:
		got = "exit code 0, as if all were well"
	case !errors.As(err, &exit):
		return c, fmt.Errorf("run %s: %w", reg.Command, err)
	case said.Len() == 0:
		got = "it said nothing on standard error"
	}
	c.Tell("started it without that variable", got)
	return c, nil
}
