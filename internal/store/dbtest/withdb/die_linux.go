package main

import "syscall"

// dieWithParent makes the kernel end a server when withdb is killed outright.
// A group of its own keeps Ctrl-C from the server until the tests have ended.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
