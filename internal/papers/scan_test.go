package papers_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/papers"
)

// eicar is the file by which scanners are tried: it does nothing.
const eicar = `X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`

// daemon answers as clamd does, on a real socket; reply is given what was sent.
func daemon(t *testing.T, network, address string, reply func(sent []byte) string) net.Listener {
	t.Helper()
	listener, err := net.Listen(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				sent, ok := instream(conn)
				if ok {
					_, _ = io.WriteString(conn, reply(sent))
				}
			}()
		}
	}()
	return listener
}

// instream reads the command and its pieces.
func instream(conn net.Conn) ([]byte, bool) {
	in := bufio.NewReader(conn)
	if command, err := in.ReadString(0); err != nil || command != "zINSTREAM\x00" {
		return nil, false
	}
	var sent []byte
	for {
		var size uint32
		if err := binary.Read(in, binary.BigEndian, &size); err != nil || size > 1<<20 {
			return nil, false
		}
		if size == 0 {
			return sent, true
		}
		piece := make([]byte, size)
		if _, err := io.ReadFull(in, piece); err != nil {
			return nil, false
		}
		sent = append(sent, piece...)
	}
}

// asClamd finds the one thing.
func asClamd(sent []byte) string {
	if bytes.Contains(sent, []byte(eicar)) {
		return "stream: Eicar-Test-Signature FOUND\x00"
	}
	return "stream: OK\x00"
}

// TestClamd: the daemon is asked over both kinds of sockets, and what is no clear answer is
// none.
func TestClamd(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 300<<10)
	for name, tt := range map[string]struct {
		reply   func([]byte) string
		content string
		found   string
		fails   bool
	}{
		"clean":                  {asClamd, large, "", false},
		"harmful":                {asClamd, large + eicar, "Eicar-Test-Signature", false},
		"all of it arrives":      {func(sent []byte) string { return "stream: " + string(sent[len(sent)-3:]) + " FOUND\x00" }, large + "end", "end", false},
		"nothing":                {asClamd, "", "", false},
		"too large for it":       {func([]byte) string { return "INSTREAM size limit exceeded. ERROR\x00" }, large, "", true},
		"an error of its own":    {func([]byte) string { return "stream: Can't allocate memory ERROR\x00" }, "x", "", true},
		"it hangs up":            {func([]byte) string { return "" }, "x", "", true},
		"found nothing by name":  {func([]byte) string { return "stream:  FOUND\x00" }, "x", "", true},
		"words of somebody else": {func([]byte) string { return "HTTP/1.1 400 Bad Request\r\n" }, "x", "", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tcp := daemon(t, "tcp", "127.0.0.1:0", tt.reply)
			socket := filepath.Join(t.TempDir(), "c")
			daemon(t, "unix", socket, tt.reply)
			for _, url := range []string{"tcp://" + tcp.Addr().String(), "unix://" + socket} {
				scanner, err := papers.NewClamd(url)
				if err != nil {
					t.Fatal(err)
				}
				found, err := scanner.Scan(t.Context(), strings.NewReader(tt.content))
				if found != tt.found || err != nil != tt.fails {
					t.Errorf("%s: found %q, %v", url, found, err)
				}
			}
		})
	}
}

// TestClamdAway: a daemon that is not there is no verdict.
func TestClamdAway(t *testing.T) {
	t.Parallel()
	scanner, err := papers.NewClamd("unix://" + filepath.Join(t.TempDir(), "none"))
	if err != nil {
		t.Fatal(err)
	}
	if found, err := scanner.Scan(t.Context(), strings.NewReader("x")); err == nil || found != "" {
		t.Errorf("found %q, %v", found, err)
	}
	for _, url := range []string{"", "localhost:3310", "http://x", "tcp://"} {
		if _, err := papers.NewClamd(url); err == nil {
			t.Errorf("%q is taken", url)
		}
	}
}
