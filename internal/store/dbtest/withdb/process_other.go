//go:build unix && !linux

package main

import "syscall"

// ownGroup puts a child process into a group of its own, so that Ctrl-C reaches
// it through withdb alone. Only Linux can also signal it should withdb be
// killed outright.
func ownGroup(syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
