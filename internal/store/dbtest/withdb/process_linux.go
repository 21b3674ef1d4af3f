package main

import "syscall"

// ownGroup puts a child process into a group of its own, so that Ctrl-C reaches
// it through withdb alone, and makes the kernel signal it should withdb be
// killed outright.
func ownGroup(whenKilled syscall.Signal) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: whenKilled}
}
