package main

import (
	"regexp"
	"strconv"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// enough is more cases than a page holds that names no size.
const enough = town.DefaultPageSize + 3

// testLists proves what a list costs: a page is bounded also where nobody said how
// long it should be, whatever it shows takes as many queries for many rows as for
// few, and nothing is counted that nobody asked to be counted.
func testLists(t *testing.T, h *house) {
	operator, officer := h.as("operator1"), h.as("officer.tributi-patrimonio")
	for n := range enough {
		if got := submit(operator, variables{"practice": practice, "answers": instalments(nil), "idempotencyKey": "list " + strconv.Itoa(n)}); got.text("status") != "ACCEPTED" {
			t.Fatalf("file a case: %v", got)
		}
	}
	page := officer.ask(`{ cases { edges { node { id } } pageInfo { hasNextPage } } }`, nil).at("cases")
	if got := len(page.list("edges")); got != town.DefaultPageSize || !page.is("pageInfo.hasNextPage") {
		t.Errorf("a page of no size has %d cases, more after it: %v", got, page.is("pageInfo.hasNextPage"))
	}

	const rich = `query($first: Int!) { cases(first: $first) {
		pageInfo { hasNextPage endCursor }
		edges { node {
			protocol office { title { it } } responsible { label } applicant { familyName } practice { title { it } }
			decision { to { code } } documents { code } clocks { dueOn } dueExplained { it }
			availableActions { action allowed } escalations { step } visit { label } linkedCase { protocol }
		} } } }`
	few, counts := reads(t, h, func() { officer.ask(rich, variables{"first": 2}) })
	if counts != 0 {
		t.Errorf("a page that asks for no total counted %d times", counts)
	}
	many, _ := reads(t, h, func() { officer.ask(rich, variables{"first": 8}) })
	for try := 0; many > few+3 && try < 4; try++ { // on a busy machine gatherings part for a while
		again, _ := reads(t, h, func() { officer.ask(rich, variables{"first": 8}) })
		many = min(many, again)
	}
	if many > few+3 { // six more rows
		t.Errorf("8 cases take %d queries, 2 take %d", many, few)
	}
	fewest := func(query string, rounds int) int {
		least, _ := reads(t, h, func() { officer.ask(query, nil) })
		for range rounds - 1 {
			again, _ := reads(t, h, func() { officer.ask(query, nil) })
			least = min(least, again)
		}
		return least
	}
	const without, with = `{ cases(first: 2) { edges { cursor } } }`, `{ cases(first: 2) { totalCount edges { cursor } } }`
	bare, total := fewest(without, 1), fewest(with, 1)
	if total <= bare { // what the house read by itself was taken for the page's
		bare, total = fewest(without, 8), fewest(with, 8)
	}
	if total <= bare {
		t.Errorf("a total is told without a query: %d with it, %d without", total, bare)
	}
}

// reads is how many queries some work takes. The house reads now and then by itself,
// and on a busy machine what is gathered may part: the fewest of several tries count.
func reads(t *testing.T, h *house, work func()) (selects, counts int) {
	t.Helper()
	selects, counts = -1, -1
	for range 8 {
		s, c := counter(t, h, "select"), counter(t, h, "count")
		work()
		s, c = counter(t, h, "select")-s, counter(t, h, "count")-c
		if selects < 0 || s < selects {
			selects = s
		}
		if counts < 0 || c < counts {
			counts = c
		}
	}
	return selects, counts
}

// counter is the metric of the queries of a kind.
func counter(t *testing.T, h *house, kind string) int {
	t.Helper()
	_, page := h.get("/metrics")
	match := regexp.MustCompile(`(?m)^sportello_reads_total\{kind="` + kind + `"\} (\S+)$`).FindStringSubmatch(page)
	if match == nil {
		return 0
	}
	n, err := strconv.ParseFloat(match[1], 64)
	if err != nil {
		t.Fatal(err)
	}
	return int(n)
}
