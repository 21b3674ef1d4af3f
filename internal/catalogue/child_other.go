//go:build unix && !linux

package catalogue

import (
	"os/exec"
	"syscall"
)

// ownPath is where the platform's executable is opened.
func ownPath(path string) string { return path }

// confine gives the child a process group of its own. Outside Linux there is no
// signal at the host's death and no start from a descriptor; the department's
// own watch of its parent remains.
func confine(cmd *exec.Cmd, exe *executable) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Path = exe.path
}

// awaitExit returns when the process has ended.
func awaitExit(cmd *exec.Cmd) { _ = cmd.Wait() }
