package stream

import (
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// The subjects on which the doorbells of several servers ring. Servers of another town on
// the same NATS hear them too, look into their own log, and find nothing.
const (
	committedSubject = "sportello.committed"
	numberedSubject  = "sportello.numbered"
)

// The connection to NATS is tried again for ever, and given up as dead within seconds.
const (
	natsTimeout   = 2 * time.Second
	natsReconnect = 250 * time.Millisecond
	natsPing      = 2 * time.Second
)

// Bells are the doorbells of several servers on one database. Each rings inside its own
// process at once, and in the others by NATS while that is there. A ring that is lost
// costs the others the time until they look by themselves.
type Bells struct {
	// Committed and Numbered are for the [Config] of a stream.
	Committed, Numbered Doorbell

	conn     *nats.Conn
	outgoing []*outgoing
	done     chan struct{}
	work     sync.WaitGroup
}

// outgoing is a bell whose rings are passed on to other processes.
type outgoing struct {
	Bell

	subject string
	rung    chan struct{}
}

// Ring implements [Doorbell].
func (o *outgoing) Ring() {
	o.Bell.Ring()
	nudge(o.rung)
}

// JoinBells connects to NATS at the addresses, which are separated by commas
// (nats://host:4222, with user:password@ where it asks for them, or tls://). A server
// that is not there now is no error: it is tried for until Close.
func JoinBells(addresses string, log *slog.Logger) (*Bells, error) {
	if err := checkNATS(addresses); err != nil {
		return nil, err
	}
	committed := &outgoing{subject: committedSubject, rung: make(chan struct{}, 1)}
	numbered := &outgoing{subject: numberedSubject, rung: make(chan struct{}, 1)}
	b := &Bells{Committed: committed, Numbered: numbered, outgoing: []*outgoing{committed, numbered}, done: make(chan struct{})}
	back := func(*nats.Conn) {
		log.Info("the doorbell rings through NATS")
		for _, o := range b.outgoing { // something may have been missed
			o.Bell.Ring()
		}
	}
	var err error
	b.conn, err = nats.Connect(addresses,
		nats.Name("sportello"), nats.NoEcho(), nats.Timeout(natsTimeout),
		nats.RetryOnFailedConnect(true), nats.MaxReconnects(-1), nats.IgnoreAuthErrorAbort(),
		nats.CustomReconnectDelay(func(int) time.Duration { return natsReconnect }),
		nats.ReconnectBufSize(-1), // old rings are worth nothing
		nats.PingInterval(natsPing), nats.MaxPingsOutstanding(1),
		nats.ConnectHandler(back), nats.ReconnectHandler(back),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("NATS is away: other servers are heard of by asking the database", "error", err)
			}
		}),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { log.Warn("NATS complains", "error", err) }),
	)
	if err != nil {
		return nil, fmt.Errorf("connect to NATS: %w", err)
	}
	for _, o := range b.outgoing {
		if _, err := b.conn.Subscribe(o.subject, func(*nats.Msg) { o.Bell.Ring() }); err != nil {
			b.conn.Close()
			return nil, fmt.Errorf("listen on NATS: %w", err)
		}
		b.work.Go(func() { b.passOn(o) })
	}
	return b, nil
}

// passOn publishes rings, several at once where they come fast. A ring that cannot be
// published is lost.
func (b *Bells) passOn(o *outgoing) {
	for {
		select {
		case <-b.done:
			return
		case <-o.rung:
			if b.conn.IsConnected() {
				_ = b.conn.Publish(o.subject, nil) // whoever listens also polls
			}
		}
	}
}

// Connected reports whether rings reach other processes now.
func (b *Bells) Connected() bool { return b.conn.IsConnected() }

// Close passes on what was rung and leaves NATS. Rings inside the process go on.
func (b *Bells) Close() {
	close(b.done)
	b.work.Wait()
	for _, o := range b.outgoing {
		select {
		case <-o.rung:
			_ = b.conn.Publish(o.subject, nil)
		default:
		}
	}
	if b.conn.IsConnected() {
		_ = b.conn.FlushTimeout(natsTimeout)
	}
	b.conn.Close()
}

// checkNATS refuses what is not an address of NATS. Passwords are not repeated.
func checkNATS(addresses string) error {
	for address := range strings.SplitSeq(addresses, ",") {
		u, err := url.Parse(strings.TrimSpace(address))
		if err != nil || u.Host == "" || !slices.Contains([]string{"nats", "tls", "ws", "wss"}, u.Scheme) {
			return errors.New("read the address of NATS: want nats://host:4222, or tls://host:4222")
		}
	}
	return nil
}
