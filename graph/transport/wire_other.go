//go:build !unix

package transport

// canTry says that a write can be tried without waiting: elsewhere each goes through its socket's queue.
const canTry = false

func tryWrite(uintptr, []byte) (int, error) { return 0, nil }
