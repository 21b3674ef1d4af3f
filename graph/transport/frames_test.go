package transport_test

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/graph/transport"
)

// bare is a client without a library: it sends bytes as they are.
type bare struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func dialBare(t *testing.T, conn net.Conn, after string) *bare {
	t.Helper()
	t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b := &bare{t: t, conn: conn, in: bufio.NewReader(conn)}
	b.send("GET / HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n" + after)
	response, err := http.ReadResponse(b.in, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil || response.StatusCode != http.StatusSwitchingProtocols ||
		response.Header.Get("Sec-WebSocket-Accept") != "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" {
		t.Fatalf("answered %s %v", response.Status, response.Header)
	}
	return b
}

func (b *bare) send(bytes string) {
	b.t.Helper()
	if _, err := io.WriteString(b.conn, bytes); err != nil {
		b.t.Fatal(err)
	}
}

// read is the next frame: its first byte and its payload.
func (b *bare) read() (byte, string, error) {
	var head [2]byte
	if _, err := io.ReadFull(b.in, head[:]); err != nil {
		return 0, "", err
	}
	n := int(head[1])
	if n == 126 {
		var length [2]byte
		if _, err := io.ReadFull(b.in, length[:]); err != nil {
			return 0, "", err
		}
		n = int(binary.BigEndian.Uint16(length[:]))
	}
	payload := make([]byte, n)
	_, err := io.ReadFull(b.in, payload)
	return head[0], string(payload), err
}

func (b *bare) want(first byte, payload string) {
	b.t.Helper()
	gotFirst, got, err := b.read()
	if err != nil || gotFirst != first || got != payload {
		b.t.Fatalf("got %x %q %v, want %x %q", gotFirst, got, err, first, payload)
	}
}

// wantClose reads a close frame with the code; 0 is none.
func (b *bare) wantClose(code uint16) {
	b.t.Helper()
	first, payload, err := b.read()
	if err != nil || first != 0x88 {
		b.t.Fatalf("got %x %q %v, want a close frame", first, payload, err)
	}
	got := uint16(0)
	if len(payload) >= 2 {
		got = binary.BigEndian.Uint16([]byte(payload))
	}
	if got != code {
		b.t.Fatalf("closed with %d %q, want %d", got, payload, code)
	}
}

func (b *bare) wantEOF() {
	b.t.Helper()
	if n, err := b.in.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		b.t.Fatalf("%d bytes and %v after the end", n, err)
	}
}

// clientFrame is masked as those of a client are.
func clientFrame(first byte, payload string) string {
	frame := []byte{first, 0x80 | byte(min(len(payload), 126))}
	if len(payload) >= 126 {
		frame = binary.BigEndian.AppendUint16(frame, uint16(len(payload)))
	}
	mask := "\x37\xfa\x21\x3d"
	frame = append(frame, mask...)
	for i := range len(payload) {
		frame = append(frame, payload[i]^mask[i&3])
	}
	return string(frame)
}

const (
	ackText = `{"type":"connection_ack"}`
	hello   = `{"id":"1","type":"subscribe","payload":{"query":"subscription { ticks(count: 1) }"}}`
)

// TestFrames says frames to the server as no library would.
func TestFrames(t *testing.T) {
	url, srv, _ := listen(t, nil)
	open := func(t *testing.T, after string) *bare {
		t.Helper()
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", strings.TrimPrefix(url, "ws://"))
		if err != nil {
			t.Fatal(err)
		}
		return dialBare(t, conn, after)
	}
	initiated := func(t *testing.T) *bare {
		t.Helper()
		b := open(t, "")
		b.send(clientFrame(0x81, `{"type":"connection_init"}`))
		b.want(0x81, ackText)
		return b
	}
	for name, tt := range map[string]struct {
		send string
		code uint16
	}{
		"not masked":                     {"\x81\x02{}", 1002},
		"reserved bit":                   {clientFrame(0xc1, `{"type":"ping"}`), 1002},
		"unknown kind":                   {clientFrame(0x83, ""), 1002},
		"nothing to continue":            {clientFrame(0x80, "x"), 1002},
		"a message in a message":         {clientFrame(0x01, "{") + clientFrame(0x81, "}"), 1002},
		"a ping in parts":                {clientFrame(0x09, ""), 1002},
		"a ping that is too long":        {clientFrame(0x89, strings.Repeat("x", 126)), 1002},
		"a close with half a code":       {clientFrame(0x88, "\x03"), 1002},
		"a close with a code of nobody":  {clientFrame(0x88, "\x03\xed"), 1002},
		"a close with no text":           {clientFrame(0x88, "\x03\xe8\xff"), 1007},
		"no text in parts":               {clientFrame(0x01, "{\"type\":\"ping\",\"payload\":{\"a\":\"\xc3") + clientFrame(0x80, "(\"}}"), 1007},
		"announces too much":             {"\x81\xff\x00\x00\x00\x01\x00\x00\x00\x00\x01\x02\x03\x04", 1009},
		"too much in parts":              {clientFrame(0x01, strings.Repeat(" ", 60_000)) + clientFrame(0x80, strings.Repeat(" ", 6_000)), 1009},
		"a binary in parts":              {clientFrame(0x02, "a") + clientFrame(0x80, "b"), 4400},
		"a close that says why":          {clientFrame(0x88, "\x03\xe9leaving"), 1001},
		"a close that says nothing":      {clientFrame(0x88, ""), 0},
		"a close in a message":           {clientFrame(0x01, "{") + clientFrame(0x88, "\x03\xe8"), 1000},
		"a close, and words after it":    {clientFrame(0x88, "\x03\xe8") + clientFrame(0x81, `{"type":"ping"}`), 1000},
		"a violation, and much after it": {"\x81\x02{}" + strings.Repeat("x", 100_000), 1002},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := initiated(t)
			b.send(tt.send)
			b.wantClose(tt.code)
			if tt.code > 1001 { // the server has said it first, and awaits the answer
				b.send(clientFrame(0x88, "\x03\xe8"))
				return
			}
			b.wantEOF()
		})
	}
	t.Run("pings have answers, also between the parts of a message", func(t *testing.T) {
		t.Parallel()
		b := initiated(t)
		b.send(clientFrame(0x89, "one"))
		b.want(0x8a, "one")
		b.send(clientFrame(0x01, hello[:10]) + clientFrame(0x89, "") + clientFrame(0x00, "") + clientFrame(0x8a, "nobody asked"))
		b.want(0x8a, "")
		b.send(clientFrame(0x80, hello[10:]))
		b.want(0x81, `{"id":"1","type":"next","payload":{"data":{"ticks":1}}}`)
		b.want(0x81, `{"id":"1","type":"complete"}`)
	})
	t.Run("byte by byte", func(t *testing.T) {
		t.Parallel()
		b := initiated(t)
		for _, c := range []byte(clientFrame(0x81, hello)) {
			b.send(string([]byte{c}))
		}
		b.want(0x81, `{"id":"1","type":"next","payload":{"data":{"ticks":1}}}`)
	})
	t.Run("what comes with the handshake is not lost", func(t *testing.T) {
		t.Parallel()
		b := open(t, clientFrame(0x81, `{"type":"connection_init"}`)+clientFrame(0x81, hello))
		b.want(0x81, ackText)
		b.want(0x81, `{"id":"1","type":"next","payload":{"data":{"ticks":1}}}`)
	})
	t.Run("a close is answered before the connection ends", func(t *testing.T) {
		t.Parallel()
		b := initiated(t)
		b.send(clientFrame(0x82, "no text"))
		b.wantClose(4400)
		b.send(clientFrame(0x81, `{"type":"ping"}`) + clientFrame(0x88, "\x11\x30"))
		b.wantEOF()
	})
	t.Run("a socket that ends without a word", func(t *testing.T) {
		t.Parallel()
		b := initiated(t)
		if err := b.conn.(*net.TCPConn).CloseWrite(); err != nil {
			t.Fatal(err)
		}
		b.wantEOF()
	})
	t.Cleanup(func() { eventually(t, "every socket is gone", func() bool { return srv.Sockets() == 0 }) })
}

// TestFramesUnderTLS: where the connection is sealed in the process the same protocol is spoken.
func TestFramesUnderTLS(t *testing.T) {
	var closed []int
	done := make(chan int, 10)
	srv, office := newServer(t, func(c *transport.Config) {
		c.Hooks.SocketClosed = func(code int, _ time.Duration) { done <- code }
	})
	server := httptest.NewTLSServer(srv)
	defer server.Close()
	open := func() *bare {
		d := tls.Dialer{Config: server.Client().Transport.(*http.Transport).TLSClientConfig}
		conn, err := d.DialContext(t.Context(), "tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		b := dialBare(t, conn, "")
		b.send(clientFrame(0x81, `{"type":"connection_init"}`))
		b.want(0x81, ackText)
		return b
	}
	b := open()
	b.send(clientFrame(0x81, `{"id":"1","type":"subscribe","payload":{"query":"subscription { pushed }"}}`))
	for i := range 3 {
		office.pushed <- i
		b.want(0x81, fmt.Sprintf(`{"id":"1","type":"next","payload":{"data":{"pushed":%d}}}`, i))
	}
	b.send(clientFrame(0x89, strings.Repeat("x", 125)))
	b.want(0x8a, strings.Repeat("x", 125))
	b.send(clientFrame(0x81, `{"type":"ping","payload":{"long":"`+strings.Repeat("x", 5_000)+`"}}`))
	b.want(0x81, `{"type":"pong"}`)
	b.send(clientFrame(0x88, "\x03\xe8"))
	b.wantClose(1000)
	b.wantEOF()
	bad := open()
	bad.send("\x81\x02{}")
	bad.wantClose(1002)
	_ = bad.conn.Close()
	_ = open().conn.Close()
	for range 3 {
		closed = append(closed, <-done)
	}
	slices.Sort(closed)
	if want := []int{1000, 1002, 1006}; !slices.Equal(closed, want) {
		t.Errorf("closed with %v, want %v", closed, want)
	}
}
