package main

import (
	"context"
	"fmt"
	"time"
)

// listCases is what an officer's screen shows of each case.
const listCases = `query($first: Int) { cases(first: $first) { edges { node {
	id protocol phase dueOn office { code } documents { code state } availableActions { action allowed } clocks { kind state } } } } }`

// pageOfCases is how many cases a page has unless asked otherwise.
const pageOfCases = 25

// listCalls is how often a list is read in a round.
const listCalls = 30

// measureList reads a page of the officer's list, and one case of it: the number of
// statements is the same, so that the page costs much less than 25 times as much.
func measureList(ctx context.Context, o options, h *house, t *report) error {
	token, err := h.token(ctx, "officer.tributi-patrimonio")
	if err != nil {
		return err
	}
	if err := fileCases(ctx, h, pageOfCases); err != nil {
		return err
	}
	officer := newAPI(h.url, token)
	few := t.add(&row{path: "GraphQL list of 25 cases, nested, p50", unit: "ms", target: "≤ 2 ambitious", against: "one case"})
	for round := range o.rounds {
		progress("round %d of %d: lists over HTTP", round+1, o.rounds)
		page, err := readList(ctx, officer, pageOfCases)
		if err != nil {
			return err
		}
		one, err := readList(ctx, officer, 1)
		if err != nil {
			return err
		}
		few.ours, few.limit = append(few.ours, page), append(few.limit, one)
	}
	return nil
}

// fileCases sees to it that the office has a page of cases.
func fileCases(ctx context.Context, h *house, n int) error {
	token, err := h.token(ctx, "operator1")
	if err != nil {
		return err
	}
	counter := newAPI(h.url, token)
	for range n {
		if err := intake(ctx, counter); err != nil {
			return err
		}
	}
	return nil
}

// readList is how long the answer takes in the mean of the calls' middle, in ms.
func readList(ctx context.Context, a *api, first int) (float64, error) {
	var took []float64
	for range listCalls {
		var got struct{ Cases struct{ Edges []struct{} } }
		start := time.Now()
		if err := a.ask(ctx, listCases, variables{"first": first}, &got); err != nil {
			return 0, err
		}
		took = append(took, time.Since(start).Seconds()*1e3)
		if len(got.Cases.Edges) != first {
			return 0, fmt.Errorf("%d cases in the list, want %d", len(got.Cases.Edges), first)
		}
	}
	return median(took), nil
}
