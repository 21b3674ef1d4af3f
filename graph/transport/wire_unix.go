//go:build unix

package transport

import (
	"errors"
	"syscall"
)

// canTry says that reading and writing can be tried without waiting.
const canTry = true

func tryWrite(fd uintptr, data []byte) (int, error) {
	n, err := syscall.Write(int(fd), data)
	if errors.Is(err, syscall.EAGAIN) || errors.Is(err, syscall.EINTR) {
		return 0, nil
	}
	return max(n, 0), err
}

// tryRead reads what has come; wait says that nothing has. Without either, the peer will send nothing more.
func tryRead(fd uintptr, into []byte) (n int, wait bool, err error) {
	for {
		n, err = syscall.Read(int(fd), into)
		switch {
		case errors.Is(err, syscall.EINTR):
			continue
		case errors.Is(err, syscall.EAGAIN):
			return 0, true, nil
		default:
			return max(n, 0), false, err
		}
	}
}
