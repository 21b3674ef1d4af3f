//go:build unix && !linux

package main

import "syscall"

// dieWithParent keeps Ctrl-C from the server until the tests have ended. Only
// Linux can also end it when withdb is killed outright.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}
