package dbserver

import "syscall"

// OwnGroup puts a child process into a group of its own, so that Ctrl-C reaches
// it through its parent alone, and makes the kernel signal it should the parent be
// killed outright.
func OwnGroup(whenKilled syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: whenKilled}
}
