package catalogue

import (
	"io"
	"os"
	"time"
)

// throttled is the standard output of a department. The plug-in library reads it
// for the line of the handshake, and then reads on and drops what comes, so that a
// department that writes without end would keep the host busy. It is made to wait
// instead, as with its log.
type throttled struct {
	*os.File
	done   <-chan struct{} // closed when the process has ended: nobody waits any more
	window time.Time       // start of the current second
	read   int             // bytes read in it
}

var _ io.ReadCloser = (*throttled)(nil)

// Read implements io.Reader for one reader.
func (t *throttled) Read(p []byte) (int, error) {
	if time.Since(t.window) >= time.Second {
		t.window, t.read = time.Now(), 0
	}
	if t.read > logRead {
		select {
		case <-time.After(time.Until(t.window.Add(time.Second))):
		case <-t.done:
		}
	}
	n, err := t.File.Read(p)
	t.read += n
	return n, err
}
