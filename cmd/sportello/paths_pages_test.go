package main

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// TestPathsPagesHideNothing turns the pages of every list for everyone, forwards and
// backwards, a few at a time: they are those that the oracle lists, and what a page says
// of the others is said of what is seen only.
func TestPathsPagesHideNothing(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		h := newGatehouse(t, db)
		lists := map[string]func(o *oracle) []probe{"cases": caseProbes, "feedback": feedbackProbes, "escalations": escalationProbes, "alerts": alertProbes, "reportRequests": reportProbes}
		for _, v := range h.viewers {
			if v.public() {
				continue
			}
			for _, root := range sortedKeys(lists) {
				h.turn(v, root, lists[root](h.oracle)[0], "")
			}
			for _, p := range caseProbes(h.oracle) {
				if strings.HasSuffix(p.args, `officeCode: "stato-civile"}`) {
					h.turn(v, "cases", p, `, filter: {officeCode: "stato-civile"}`)
				}
			}
			h.turnTimelines(v)
		}
		t.Logf("%d viewers, %d operations, %d comparisons", len(h.viewers)-1, h.queries, h.checks)
	})
}

// turn reads a list in pages of one to three, both ways.
func (h *gatehouse) turn(v gviewer, root string, p probe, filter string) {
	h.t.Helper()
	want := []string{}
	for _, id := range p.want {
		if h.oracle.sees(v, p.kind, id) {
			want = append(want, id)
		}
	}
	for size := 1; size <= 3; size++ {
		for _, backwards := range []bool{false, true} {
			h.pages(v, root, filter, size, backwards, want)
		}
	}
}

// page is one page as it came.
type page struct {
	Edges []struct {
		Cursor string
		Node   struct{ ID string }
	}
	PageInfo struct {
		HasNextPage, HasPreviousPage bool
		StartCursor, EndCursor       *string
	}
}

func (h *gatehouse) pages(v gviewer, root, filter string, size int, backwards bool, want []string) {
	h.t.Helper()
	have := []string{}
	cursor := ""
	for {
		args := fmt.Sprintf("first: %d", size)
		if backwards {
			args = fmt.Sprintf("last: %d", size)
		}
		if cursor != "" && backwards {
			args += fmt.Sprintf(", before: %q", cursor)
		} else if cursor != "" {
			args += fmt.Sprintf(", after: %q", cursor)
		}
		got := h.ask(v, fmt.Sprintf("{ list: %s(%s%s) { edges { cursor node { id } } %s } }", root, args, filter, pageInfo), nil)
		var read page
		if err := convert(got.data["list"], &read); err != nil || len(got.errors) > 0 {
			h.t.Fatalf("%s, %s(%s): %v %s", v.name, root, args, err, got.body)
		}
		ids := []string{}
		for _, e := range read.Edges {
			ids = append(ids, e.Node.ID)
		}
		if backwards {
			have = append(ids, have...)
		} else {
			have = append(have, ids...)
		}
		more := read.PageInfo.HasNextPage
		if backwards {
			more = read.PageInfo.HasPreviousPage
		}
		h.checkPage(v, root+"("+args+filter+")", read, more, len(have) < len(want))
		if !more || len(have) > len(want) {
			break
		}
		if cursor = *read.PageInfo.EndCursor; backwards {
			cursor = *read.PageInfo.StartCursor
		}
	}
	h.checks++
	if diff := cmp.Diff(want, have); diff != "" {
		h.wrong(root, "%s, pages of %d%s, backwards %v: (-the oracle's +the house's)\n%s", v.name, size, filter, backwards, diff)
	}
}

const pageInfo = "pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"

// checkPage compares what a page says of itself.
func (h *gatehouse) checkPage(v gviewer, path string, read page, more, want bool) {
	h.t.Helper()
	h.checks++
	if more != want {
		h.wrong("page", "%s, %s: more is %v, want %v", v.name, path, more, want)
	}
	n := len(read.Edges)
	if n == 0 {
		if read.PageInfo.StartCursor != nil || read.PageInfo.EndCursor != nil {
			h.wrong("page", "%s, %s: an empty page has a cursor", v.name, path)
		}
		return
	}
	if read.Edges[0].Cursor != *read.PageInfo.StartCursor || read.Edges[n-1].Cursor != *read.PageInfo.EndCursor {
		h.wrong("page", "%s, %s: the cursors of the page are not those of its ends", v.name, path)
	}
}

// turnTimelines reads the timelines of the first few cases that the viewer sees, line by
// line.
func (h *gatehouse) turnTimelines(v gviewer) {
	h.t.Helper()
	seen := slices.DeleteFunc(slices.Clone(h.town.cases), func(c *gcase) bool { return !h.oracle.file(v, c) })
	for _, c := range seen[:min(3, len(seen))] {
		want := idsIf(c.entries, func(e *gentry) (string, bool) { return e.id, h.oracle.sees(v, "CaseEntry", e.id) })
		var have []string
		for after := ""; len(have) <= len(want); {
			args := "first: 1"
			if after != "" {
				args += fmt.Sprintf(", after: %q", after)
			}
			got := h.ask(v, fmt.Sprintf("{ case(id: %q) { timeline(%s) { edges { cursor node { id } } %s } } }", c.id, args, pageInfo), nil)
			var read struct{ Timeline page }
			if err := convert(got.data["case"], &read); err != nil || len(got.errors) > 0 {
				h.t.Fatalf("%s, the timeline of %s: %v %s", v.name, c.id, err, got.body)
			}
			for _, e := range read.Timeline.Edges {
				have = append(have, e.Node.ID)
			}
			more := read.Timeline.PageInfo.HasNextPage
			h.checkPage(v, "timeline", read.Timeline, more, len(have) < len(want))
			if !more {
				break
			}
			after = *read.Timeline.PageInfo.EndCursor
		}
		if diff := cmp.Diff(want, have); diff != "" {
			h.wrong("timeline", "%s, the timeline of %s: (-the oracle's +the house's)\n%s", v.name, c.id, diff)
		}
	}
}

// cursorOf is the cursor of a thing, as somebody might make it up who knows its id.
func cursorOf(id string) string { return base64.RawURLEncoding.EncodeToString([]byte(id)) }
