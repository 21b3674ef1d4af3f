package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
)

// tryFollowEvents subscribes by server-sent events: what comes is read as over a socket,
// but there is no close code.
func (c *client) tryFollowEvents(document string, vars variables, after string) (*live, error) {
	all := variables{"after": nil}
	if after != "" {
		all["after"] = after
	}
	for name, value := range vars {
		all[name] = value
	}
	body, err := json.Marshal(map[string]any{"query": document, "variables": all})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.h.address()+"/graphql", bytes.NewReader(body))
	if err != nil {
		cancel()
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.cookie != nil {
		req.AddCookie(c.cookie)
	}
	resp, err := http.DefaultClient.Do(req) //nolint:bodyclose // whoever follows closes it
	if err != nil {
		cancel()
		return nil, err
	}
	if got := resp.Header.Get("Content-Type"); resp.StatusCode != http.StatusOK || !strings.HasPrefix(got, "text/event-stream") {
		cancel()
		return nil, fmt.Errorf("status %d, %s", resp.StatusCode, got)
	}
	l := &live{t: c.t, what: c.name + " reads events", updates: make(chan tree, 1<<12), cursor: after, code: -1, hangUp: cancel}
	c.t.Cleanup(cancel)
	go func() {
		defer close(l.updates)
		defer func() { _ = resp.Body.Close() }()
		l.receiveEvents(bufio.NewScanner(resp.Body))
	}()
	return l, nil
}

// receiveEvents reads until the response ends. What ended it is in failed: the code of
// the last errors, or "complete" without any; empty if it just broke off.
func (l *live) receiveEvents(lines *bufio.Scanner) {
	lines.Buffer(nil, 4<<20)
	name, failed := "", ""
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ":")
		switch {
		case field == "event":
			name = strings.TrimSpace(value)
		case field == "data" && name == "next":
			var a struct {
				Data   any
				Errors []topError
			}
			if err := json.Unmarshal([]byte(value), &a); err != nil {
				l.failed = err.Error()
				return
			}
			if len(a.Errors) > 0 {
				failed = a.Errors[0].Extensions.Code
			} else {
				l.updates <- tree{l.t, a.Data}
			}
		case field == "data" && name == "complete":
			if l.failed = failed; failed == "" {
				l.failed = "complete"
			}
		}
	}
}
