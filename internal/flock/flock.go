//go:build unix

// Package flock locks files, so that runs of the same tool on one machine wait
// for each other. A lock ends with its process, or when the file is closed.
package flock

import (
	"context"
	"errors"
	"os"
	"syscall"
	"time"
)

// Wait makes the file if need be and waits until no other process holds it. The
// caller closes the file.
func Wait(ctx context.Context, path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err := Try(file)
		if err == nil {
			return file, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			_ = file.Close()
			return nil, err
		}
		select {
		case <-ctx.Done():
			_ = file.Close()
			return nil, ctx.Err()
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Try locks the file, or fails at once with syscall.EWOULDBLOCK if another
// process holds it.
func Try(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
