package main

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// TestE2EProtocol holds the server against graphql-transport-ws, with the official
// client and with raw frames. Each rule is tried on the transport alone in
// graph/transport too; here it is the whole server.
func TestE2EProtocol(t *testing.T) {
	h := emptyHouse(t, dbtest.New(t, dbtest.SQLite), "--demo")
	h.start()
	runNode(t, "protocol.test.mjs", "SPORTELLO_TOWN="+h.address(), "SPORTELLO_SITE="+site, "SPORTELLO_TOKEN="+h.token("operator5"))

	t.Run("what only bytes can say", func(t *testing.T) {
		notUTF8 := "{\"type\":\"ping\",\"payload\":{\"a\":\"\xff\"}}"
		for name, frame := range map[string]struct {
			bytes string
			code  int
		}{
			"text that is not UTF-8":       {masked(0x81, notUTF8), 1007},
			"a frame that is not masked":   {"\x81\x02{}", 1002},
			"an unknown kind of frame":     {masked(0x83, ""), 1002},
			"a reserved bit":               {masked(0xc1, ""), 1002},
			"a control frame in fragments": {masked(0x09, ""), 1002},
		} {
			t.Run(name, func(t *testing.T) {
				both, _ := upgraded(t, h, subprotocol, "") //nolint:bodyclose // upgraded closes it
				say(t, both, frame.bytes)
				if got := codeOfClose(both); got != frame.code {
					t.Errorf("closed with %d, want %d", got, frame.code)
				}
			})
		}
	})
	for _, other := range []string{"", "graphql-ws"} {
		t.Run("4406 for the subprotocol "+other, func(t *testing.T) {
			both, _ := upgraded(t, h, other, "") //nolint:bodyclose // upgraded closes it
			if got := codeOfClose(both); got != 4406 {
				t.Errorf("closed with %d", got)
			}
		})
	}
	t.Run("handshake", func(t *testing.T) {
		for name, tt := range map[string]struct {
			header string
			status int
		}{
			"from a page of another host":   {"Origin: https://evil.example\r\n", http.StatusForbidden},
			"with an offer of compression":  {"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n", http.StatusSwitchingProtocols},
			"from a page of the town's own": {"Origin: " + h.address() + "\r\n", http.StatusSwitchingProtocols},
		} {
			t.Run(name, func(t *testing.T) {
				_, answer := upgraded(t, h, subprotocol, tt.header) //nolint:bodyclose // upgraded closes it
				if answer.StatusCode != tt.status || answer.Header.Get("Sec-WebSocket-Extensions") != "" {
					t.Errorf("status %d, extensions %q; want %d and none", answer.StatusCode, answer.Header.Get("Sec-WebSocket-Extensions"), tt.status)
				}
			})
		}
	})
}

const subprotocol = "graphql-transport-ws"

// upgraded asks for a socket, with more headers, and gives the bare connection.
func upgraded(t *testing.T, h *house, protocol, header string) (*bufio.ReadWriter, *http.Response) {
	t.Helper()
	host := strings.TrimPrefix(h.address(), "http://")
	conn, err := (&net.Dialer{Timeout: patience}).DialContext(t.Context(), "tcp", host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	both := bufio.NewReadWriter(bufio.NewReader(conn), bufio.NewWriter(conn))
	if protocol != "" {
		header += "Sec-WebSocket-Protocol: " + protocol + "\r\n"
	}
	say(t, both, "GET /graphql HTTP/1.1\r\nHost: "+host+"\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"+header+"\r\n")
	answer, err := http.ReadResponse(both.Reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	return both, answer
}

func say(t *testing.T, to *bufio.ReadWriter, text string) {
	t.Helper()
	_, err := to.WriteString(text)
	if err == nil {
		err = to.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// masked is a frame as clients send it; a mask of zeros leaves its text as it is.
func masked(head byte, text string) string {
	return string([]byte{head, 0x80 | byte(len(text)), 0, 0, 0, 0}) + text
}

// codeOfClose reads up to the close frame and gives its code; 0 if the connection ends
// without one.
func codeOfClose(from *bufio.ReadWriter) int {
	for {
		head := make([]byte, 2)
		if _, err := io.ReadFull(from, head); err != nil {
			return 0
		}
		payload := make([]byte, head[1]) // the frames that come are short
		if _, err := io.ReadFull(from, payload); err != nil {
			return 0
		}
		if head[0] == 0x88 && len(payload) >= 2 {
			return int(payload[0])<<8 | int(payload[1])
		}
	}
}
