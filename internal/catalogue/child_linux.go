package catalogue

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// ownPath is where the platform's executable is opened: the file that runs, even
// if an update has put another one in its place.
func ownPath(string) string { return "/proc/self/exe" }

// confine gives the child a process group of its own, so that its descendants
// can be ended with it, has it killed when the host dies, and starts the
// verified descriptor instead of whatever the path names now. A traced child
// stops before its first instruction.
func confine(cmd *exec.Cmd, exe *executable, traced bool) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL, Ptrace: traced}
	cmd.ExtraFiles = append(cmd.ExtraFiles, exe.file) // descriptor 3 in the child
	cmd.Path = "/proc/self/fd/3"
}

// humble makes the calling thread, and with it all that it starts, unable to gain
// rights through set-uid programs. An old kernel leaves the thread as it is.
func humble() {
	_ = unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
}

// seclude closes the host's environment and memory to its departments, which run
// as the same user and could read them otherwise, the keys of the database among
// them. Only root still can. The price is that the host leaves no core dump.
func seclude() {
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) // cannot fail
}

// startBound starts a process and bounds it between its exec and its first
// instruction. Where tracing is forbidden it is bounded right after the start: it
// has then run for some microseconds, in which a program gets no further than
// being loaded.
func startBound(req start) (*exec.Cmd, error) {
	cmd := req.command(true)
	err := cmd.Start()
	if errors.Is(err, syscall.EPERM) || errors.Is(err, syscall.EACCES) {
		cmd = req.command(false)
		if err := cmd.Start(); err != nil {
			return nil, err
		}
		return bound(cmd, req.born)
	}
	if err != nil {
		return nil, err
	}
	awaitStop(cmd.Process.Pid)
	if cmd, err = bound(cmd, req.born); err != nil {
		return nil, err
	}
	// Lets it run. It fails if the process was killed meanwhile, which whoever
	// waits for it learns.
	_ = unix.PtraceDetach(cmd.Process.Pid)
	return cmd, nil
}

// awaitStop returns when a traced process stands still or has ended, and leaves
// its state for whoever waits for it.
func awaitStop(pid int) {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WSTOPPED|unix.WEXITED|unix.WNOWAIT, nil)
		if !errors.Is(err, unix.EINTR) {
			return
		}
	}
}

// bind sets what the kernel bounds, on a process that stands still. All of it is
// inherited by its descendants.
func bind(pid int, limits Limits) error {
	for _, l := range []struct {
		name     string
		resource int
		max      int64
	}{
		{"open files", unix.RLIMIT_NOFILE, limits.OpenFiles},
		{"size of a file", unix.RLIMIT_FSIZE, limits.FileSize},
		{"core dump", unix.RLIMIT_CORE, 0},
	} {
		if err := lower(pid, l.resource, uint64(l.max)); err != nil {
			return fmt.Errorf("bound the %s of the process: %w", l.name, err)
		}
	}
	// Where the machine runs out of memory, a department goes before the platform.
	_ = os.WriteFile(fmt.Sprintf("/proc/%d/oom_score_adj", pid), []byte("500"), 0) // may be forbidden
	return nil
}

// lower sets a limit, unless the host's own is lower still: a limit that was
// raised would need rights that the host should not have.
func lower(pid, resource int, most uint64) error {
	var has unix.Rlimit
	if err := unix.Prlimit(pid, resource, nil, &has); err != nil {
		return err
	}
	most = min(most, has.Max)
	return unix.Prlimit(pid, resource, &unix.Rlimit{Cur: most, Max: most}, nil)
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
