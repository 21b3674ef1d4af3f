//go:build !unix

package transport

// canTry says that reading and writing can be tried without waiting: elsewhere each read has a buffer, and each write goes
// through its socket's queue.
const canTry = false

func tryWrite(uintptr, []byte) (int, error) { return 0, nil }

func tryRead(uintptr, []byte) (n int, wait bool, err error) { return 0, true, nil }
