//go:build unix && !linux

package dbserver

import "syscall"

// OwnGroup puts a child process into a group of its own, so that Ctrl-C reaches
// it through its parent alone. Only Linux can also signal it should the parent be
// killed outright.
func OwnGroup(syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
