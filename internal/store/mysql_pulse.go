package store

import (
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-sql-driver/mysql"
)

// A server that answers nothing for pulsePatience is away: with the pause between two
// looks, whoever asks then is told so within two seconds.
const (
	pulseEvery    = 250 * time.Millisecond
	pulsePatience = 1250 * time.Millisecond
)

// pulse watches whether a database server answers at all. When it falls silent its
// connections are cut, so that nobody hangs on them, and no new ones are tried until it
// answers again. A statement that takes long cuts nothing: the server still answers others.
type pulse struct {
	probe driver.Connector // not watched itself
	stop  context.CancelFunc
	done  chan struct{}

	away  atomic.Bool
	heard atomic.Int64 // when a byte last came, in nanoseconds since began
	began time.Time

	mu   sync.Mutex // guards open
	open map[*line]struct{}
}

// errAway says that the server does not answer.
var errAway = &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("the database server does not answer")}

// watched prepares connections that end when the server falls silent. The watch ends with
// the pool.
func watched(cfg *mysql.Config) (driver.Connector, error) {
	plain := cfg.Clone()
	plain.Timeout, plain.ReadTimeout, plain.WriteTimeout = pulsePatience, pulsePatience, pulsePatience
	probe, err := newConnector(plain)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	p := &pulse{probe: probe, stop: stop, done: make(chan struct{}), began: time.Now(), open: map[*line]struct{}{}}
	lined := cfg.Clone()
	lined.DialFunc = p.dial
	connector, err := newConnector(lined)
	if err != nil {
		stop()
		return nil, err
	}
	go p.run(ctx)
	return watchedConnector{connector, p}, nil
}

type watchedConnector struct {
	driver.Connector
	*pulse
}

// Close implements io.Closer, by which a pool that is closed ends the watch.
func (p *pulse) Close() error {
	p.stop()
	<-p.done
	return nil
}

// run asks the server again and again, over a connection of its own.
func (p *pulse) run(ctx context.Context) {
	defer close(p.done)
	var conn driver.Conn
	defer func() { hangUp(conn) }()
	tick := time.NewTicker(pulseEvery)
	defer tick.Stop()
	for {
		asked := time.Since(p.began).Nanoseconds()
		var err error
		if conn, err = p.ask(ctx, conn); ctx.Err() != nil {
			return
		}
		if err == nil || p.heard.Load() > asked { // whoever speaks to others lives
			p.away.Store(false)
		} else {
			p.cut()
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// ask wants an answer from the server, whatever it is, and gives the connection for the
// next time; nil if there is none.
func (p *pulse) ask(ctx context.Context, conn driver.Conn) (driver.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, pulsePatience)
	defer cancel()
	var err error
	if conn == nil {
		conn, err = p.probe.Connect(ctx)
	} else {
		err = conn.(driver.Pinger).Ping(ctx)
	}
	if err == nil {
		return conn, nil
	}
	hangUp(conn)
	if refusal, ok := errors.AsType[*mysql.MySQLError](err); ok && refusal.Number != 0 {
		return nil, nil //nolint:nilnil // a refusal is an answer
	}
	return nil, err
}

func hangUp(conn driver.Conn) {
	if conn != nil {
		_ = conn.Close() // it may be broken already
	}
}

// cut ends every connection: who waits on one learns at once that nothing will come.
func (p *pulse) cut() {
	p.away.Store(true)
	p.mu.Lock()
	lines := p.open
	p.open = map[*line]struct{}{}
	p.mu.Unlock()
	for l := range lines {
		_ = l.TCPConn.Close()
	}
}

// dial opens a watched connection, unless the server is known to be away.
func (p *pulse) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if p.away.Load() {
		return nil, errAway
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	l := &line{TCPConn: conn.(*net.TCPConn), pulse: p}
	p.mu.Lock()
	p.open[l] = struct{}{}
	p.mu.Unlock()
	return l, nil
}

// line is a watched connection. It is a TCP connection in all else: the driver looks
// whether it still stands before it uses it again.
type line struct {
	*net.TCPConn

	pulse *pulse
}

// Read implements net.Conn.
func (l *line) Read(b []byte) (int, error) {
	n, err := l.TCPConn.Read(b)
	if n > 0 {
		l.pulse.heard.Store(time.Since(l.pulse.began).Nanoseconds())
	}
	return n, err
}

// Close implements net.Conn.
func (l *line) Close() error {
	l.pulse.mu.Lock()
	delete(l.pulse.open, l)
	l.pulse.mu.Unlock()
	return l.TCPConn.Close()
}
