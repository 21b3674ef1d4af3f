package main

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"net"
	"net/rpc"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// patience bounds the wait for one event to reach everybody.
const patience = 90 * time.Second

// dialers is how many sockets are opened at the same time.
const dialers = 32

// crowd are boards that follow one server, in a process of their own: nobody may have all the files that the boards of
// every server need.
type crowd struct {
	seed maphash.Seed
	news chan struct{} // something was received

	received atomic.Int64
	awaited  atomic.Int64 // so many are news
	event    atomic.Int64 // the event that is on its way, counted since Begin
	sent     atomic.Int64 // when it was published, in Unix nanoseconds

	mu    sync.Mutex // guards conns
	conns []*follower
}

// joinCrowd obeys the bench over RPC until the context ends.
func joinCrowd(ctx context.Context) error {
	server := rpc.NewServer()
	if err := server.RegisterName("Crowd", &crowd{seed: maphash.MakeSeed(), news: make(chan struct{}, 1)}); err != nil {
		return fmt.Errorf("offer a crowd: %w", err)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	stopped := context.AfterFunc(ctx, func() { _ = listener.Close() })
	defer stopped()
	fmt.Printf("listening on %s\n", listener.Addr())
	server.Accept(listener)
	return nil
}

// Joining is what a crowd is asked to follow.
type Joining struct {
	Address, Path string
	Sockets       int
	// Stuck are sockets that ask many times and never read.
	Stuck bool
}

// Join opens sockets and, where boards begin with one, awaits the snapshot of each; it answers how many seconds that took.
func (c *crowd) Join(j Joining, seconds *float64) error {
	begin, before := time.Now(), c.received.Load()
	var group errgroup.Group
	group.SetLimit(dialers)
	for range j.Sockets {
		group.Go(func() error {
			f, err := follow(j)
			if err != nil {
				return err
			}
			c.mu.Lock()
			defer c.mu.Unlock()
			c.conns = append(c.conns, f)
			if !j.Stuck {
				go f.listen(c)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return err
	}
	if j.Path != pathRaw && !j.Stuck {
		if err := c.await(before + int64(j.Sockets)); err != nil {
			return err
		}
	}
	*seconds = time.Since(begin).Seconds()
	return nil
}

// Leave closes all sockets.
func (c *crowd) Leave(_ int, _ *int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.conns {
		_ = f.conn.Close()
	}
	c.conns = nil
	return nil
}

// Begin forgets what was measured.
func (c *crowd) Begin(_ int, _ *int) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, f := range c.conns {
		f.forget()
	}
	c.received.Store(0)
	c.event.Store(0)
	return nil
}

// Published says when the next event was published.
func (c *crowd) Published(unixNano int64, _ *int) error { //nolint:unparam // as net/rpc wants it
	c.event.Add(1)
	c.sent.Store(unixNano)
	return nil
}

// Await waits until that many messages have come since Begin, and says how many have.
func (c *crowd) Await(messages int64, received *int64) error {
	err := c.await(messages)
	*received = c.received.Load()
	return err
}

func (c *crowd) await(messages int64) error {
	c.awaited.Store(messages)
	timeout := time.After(patience)
	for c.received.Load() < messages {
		select {
		case <-c.news:
		case <-timeout:
			return fmt.Errorf("%d of %d messages came within %s", c.received.Load(), messages, patience)
		}
	}
	return nil
}

// quiet is how long nothing comes once everything has.
const quiet = 300 * time.Millisecond

// Settle waits until nothing comes any more.
func (c *crowd) Settle(_ int, _ *int) error { //nolint:unparam // as net/rpc wants it
	for {
		n := c.received.Load()
		time.Sleep(quiet)
		if c.received.Load() == n {
			return nil
		}
	}
}

// Heard is what a crowd has received since Begin.
type Heard struct {
	P99  float64 // ms from the publication of an event until 99 of 100 had heard of it, of all events the median
	Last []byte  // the message that came last
}

// Figures are what was heard. It is an error if the last message is not the same for all.
func (c *crowd) Figures(_ int, heard *Heard) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	last, different := uint64(0), 0
	took := map[int64][]float64{}
	defer func() { heard.P99 = typicalP99(took) }()
	for _, f := range c.conns {
		state, message, waited := f.latest()
		for _, w := range waited {
			took[w.event] = append(took[w.event], w.ms)
		}
		if message == nil { // stuck
			continue
		}
		if last != 0 && state != last {
			different++
		}
		last, heard.Last = state, message
	}
	if different > 0 {
		return errors.New("not everybody has heard of the same last event")
	}
	return nil
}

// wait is how long a message took after the publication of its event.
type wait struct {
	event int64
	ms    float64
}

// typicalP99 is the median of the 99th percentiles of the events.
func typicalP99(took map[int64][]float64) float64 {
	var each []float64
	for _, ms := range took {
		each = append(each, quantile(ms, 0.99))
	}
	return median(each)
}

// heard counts a message, and says how long it took.
func (c *crowd) heard() wait {
	took := wait{c.event.Load(), float64(time.Now().UnixNano()-c.sent.Load()) / 1e6}
	if c.received.Add(1) >= c.awaited.Load() {
		select {
		case c.news <- struct{}{}:
		default:
		}
	}
	return took
}
