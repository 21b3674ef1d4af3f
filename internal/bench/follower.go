package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"

	"github.com/spazio-in-comune/sportello/internal/demo"
)

// followBoard is what a display asks for.
const followBoard = `subscription($siteId: ID!) { boardChanged(siteId: $siteId) { kind cursor
	board { at openCounters calls { label counter calledAt state callCount } queues { waiting medianSeconds p80Seconds } } } }`

// Paths of the limits: see serveLimit.
const (
	pathRaw    = "/raw"
	pathShared = "/shared"
)

// follower is one socket of a crowd, with as little around it as can be: its work is done on the same machine as that of
// the server under measurement.
type follower struct {
	conn net.Conn
	in   *bufio.Reader

	mu    sync.Mutex // guards what follows
	state uint64     // of the last message
	last  []byte
	took  []wait // for each message since the crowd began
}

// asks of a stuck socket are many, so that the network's buffers are soon full.
const stuckAsks = 40

func follow(j Joining) (*follower, error) {
	conn, err := net.Dial("tcp", j.Address)
	if err != nil {
		return nil, fmt.Errorf("open a socket: %w", err)
	}
	f := &follower{conn: conn, in: bufio.NewReaderSize(conn, 1<<10)}
	if err := f.begin(j); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("follow %s: %w", j.Path, err)
	}
	return f, nil
}

func (f *follower) begin(j Joining) error {
	if j.Stuck {
		if err := f.conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(f.conn, "GET %s HTTP/1.1\r\nHost: %s\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"+
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n", j.Path, j.Address)
	if err != nil {
		return err
	}
	response, err := http.ReadResponse(f.in, nil)
	if err != nil {
		return err
	}
	if _ = response.Body.Close(); response.StatusCode != http.StatusSwitchingProtocols {
		return errors.New(response.Status)
	}
	if j.Path == pathRaw {
		return nil
	}
	if err := f.send([]byte(`{"type":"connection_init"}`)); err != nil {
		return err
	}
	if _, err := f.read(nil); err != nil { // the acknowledgement
		return err
	}
	asks := 1
	if j.Stuck {
		asks = stuckAsks
	}
	for i := range asks {
		if err := f.subscribe(i); err != nil {
			return err
		}
	}
	return nil
}

func (f *follower) subscribe(i int) error {
	message, err := json.Marshal(map[string]any{
		"id": fmt.Sprintf("3f2b8a4e-6d1c-4b7e-9a53-1c0d2e4f6%03d", i), "type": "subscribe",
		"payload": map[string]any{"query": followBoard, "variables": variables{"siteId": demo.SiteID}},
	})
	if err != nil {
		return err
	}
	return f.send(message)
}

// send writes a text message, masked with zeros, which is a mask as well as any.
func (f *follower) send(message []byte) error {
	const finalText, masked, twoBytes = 0x81, 0x80, 126
	frame := []byte{finalText, masked | byte(min(len(message), twoBytes))}
	if len(message) >= twoBytes {
		frame = binary.BigEndian.AppendUint16(frame, uint16(len(message)))
	}
	frame = append(append(frame, 0, 0, 0, 0), message...)
	_, err := f.conn.Write(frame)
	return err
}

// read reads one message, in one frame of less than 64 KiB, into the memory of buf.
func (f *follower) read(buf []byte) ([]byte, error) {
	const text, length, twoBytes = 0x81, 0x7f, 126
	var head [4]byte
	if _, err := io.ReadFull(f.in, head[:2]); err != nil {
		return nil, err
	}
	n := int(head[1] & length)
	if head[0] != text || n > twoBytes {
		return nil, errors.New("not a text message of less than 64 KiB")
	}
	if n == twoBytes {
		if _, err := io.ReadFull(f.in, head[2:]); err != nil {
			return nil, err
		}
		n = int(binary.BigEndian.Uint16(head[2:]))
	}
	if cap(buf) < n {
		buf = make([]byte, n)
	}
	_, err := io.ReadFull(f.in, buf[:n])
	return buf[:n], err
}

// listen counts what the socket receives until it is closed.
func (f *follower) listen(c *crowd) {
	var message []byte
	for {
		var err error
		if message, err = f.read(message); err != nil {
			return
		}
		if bytes.Contains(message, []byte(`"ping"`)) {
			_ = f.send([]byte(`{"type":"pong"}`)) // a lost socket is missed at the next event
			continue
		}
		f.mu.Lock()
		f.state, f.took = maphash.Bytes(c.seed, message), append(f.took, c.heard())
		f.last = append(f.last[:0], message...) // the next message, which may be a ping, is read into the same memory
		f.mu.Unlock()
	}
}

// forget begins a round.
func (f *follower) forget() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.took = f.took[:0]
}

// latest is the last message, what tells it from others, and how long each took; the message of one that does not read
// is nil.
func (f *follower) latest() (state uint64, message []byte, took []wait) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.state, bytes.Clone(f.last), slices.Clone(f.took)
}
