package stream

import "sync/atomic"

// Stats counts what the stream does, since the start of the process. All fields
// only grow, Followers, Position and Unlinked apart.
type Stats struct {
	// Published counts events that the hub passed on; Delivered those that
	// subscriptions handed out.
	Published, Delivered atomic.Int64
	// Overflows counts readers too slow for their buffer, which went on from the
	// table; Conflated counts states that a Latest subscription left out.
	Overflows, Conflated atomic.Int64
	// Gaps counts holes in the order that did not close. It should stay 0.
	Gaps atomic.Int64
	// Numbered counts events that this replica numbered; Takeovers how often it
	// became the one to do so.
	Numbered, Takeovers atomic.Int64
	// Linked counts entries of the audit that this replica linked after the commit;
	// Unlinked are those that wait, as the holder of the lease last saw them.
	Linked, Unlinked atomic.Int64
	// Consumed counts events handled by consumers; ConsumerFailures how often
	// one had to try again.
	Consumed, ConsumerFailures atomic.Int64
	// Followers is the number of open subscriptions.
	Followers atomic.Int64
	// Position is the number of the last event that the hub passed on.
	Position atomic.Int64
}
