//go:build unix && !linux

package catalogue

import (
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// ownPath is where the platform's executable is opened.
func ownPath(path string) string { return path }

// confine gives the child a process group of its own. Outside Linux there is no
// signal at the host's death and no start from a descriptor; the department's
// own watch of its parent remains.
func confine(cmd *exec.Cmd, exe *executable, _ bool) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Path = exe.path
}

// seclude does nothing: other systems have no such switch.
func seclude() {}

// humble does nothing: only Linux has rights of threads.
func humble() {}

// startBound starts a process and bounds it.
func startBound(req start) (*exec.Cmd, error) {
	cmd := req.command(false)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return bound(cmd, req.born)
}

// bind lowers the priority of the process from the start, as nobody watches how
// busy it is. The limits of another process can be set on Linux only.
func bind(pid int, _ Limits) error {
	_ = unix.Setpriority(unix.PRIO_PGRP, pid, demotedNice) // may have ended already
	return nil
}

// awaitExit returns when the process has ended.
func awaitExit(cmd *exec.Cmd) { _ = cmd.Wait() }
