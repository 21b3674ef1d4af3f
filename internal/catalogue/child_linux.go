package catalogue

import (
	"errors"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// ownPath is where the platform's executable is opened: the file that runs, even
// if an update has put another one in its place.
func ownPath(string) string { return "/proc/self/exe" }

// confine gives the child a process group of its own, so that its descendants
// can be ended with it, has it killed when the host dies, and starts the
// verified descriptor instead of whatever the path names now.
func confine(cmd *exec.Cmd, exe *executable) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	cmd.ExtraFiles = append(cmd.ExtraFiles, exe.file) // descriptor 3 in the child
	cmd.Path = "/proc/self/fd/3"
}

// awaitExit returns when the process has ended. It leaves the process to be
// reaped, so that its id, which is the id of its group, is not given away yet.
func awaitExit(cmd *exec.Cmd) {
	for {
		err := unix.Waitid(unix.P_PID, cmd.Process.Pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return
		}
	}
}
