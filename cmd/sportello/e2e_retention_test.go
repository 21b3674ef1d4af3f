package main

import (
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// TestE2EOldCursor comes back with a cursor from before the retention: what happened since
// is not told any more, which is said in so many words, and a new snapshot leads on. A
// cursor after which nothing happened stays good.
func TestE2EOldCursor(t *testing.T) {
	t.Parallel()
	const retention = 2 * time.Second
	h := emptyHouse(t, dbtest.New(t, dbtest.SQLite), "--demo", "--event-retention", retention.String())
	h.start()
	h.awaitDepartments()
	kiosk, head := h.as("kiosk"), h.as("head."+crowdOffice)
	queue := variables{"office": crowdOffice}
	before := head.follow(followQueue, queue, "").snapshot().text("cursor")
	time.Sleep(retention + time.Second)
	resumed := head.follow(followQueue, queue, before)
	kiosk.must("issueTicket", "visit { id }", variables{"siteId": site, "officeCode": crowdOffice})
	resumed.event("leg.queued") // nothing had happened since: it went on
	time.Sleep(retention + time.Second)
	if failed, _ := head.follow(followQueue, queue, before).end(); failed != "SNAPSHOT_NEEDED" {
		t.Errorf("a cursor from before the retention ends with %q, want SNAPSHOT_NEEDED", failed)
	}
	events, err := head.tryFollowEvents(followQueue, queue, before)
	if err != nil {
		t.Fatal(err)
	}
	if failed, _ := events.end(); failed != "SNAPSHOT_NEEDED" {
		t.Errorf("the same as an event stream ends with %q, want SNAPSHOT_NEEDED", failed)
	}
	head.follow(followQueue, queue, "").snapshot()
}
