//go:build unix

package transport

import (
	"errors"
	"syscall"
)

// canTry says that a write can be tried without waiting.
const canTry = true

func tryWrite(fd uintptr, data []byte) (int, error) {
	n, err := syscall.Write(int(fd), data)
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR) {
		return 0, nil
	}
	return max(n, 0), err
}
