package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// tourTown is a demo town in a process of its own.
type tourTown struct {
	binary, data, url string
}

// startTourTown serves a demo town as `make run` does.
func startTourTown(t *testing.T) *tourTown {
	t.Helper()
	d := &tourTown{binary: program(t), data: t.TempDir()}
	server := exec.Command(d.binary, "serve", "--demo", "--listen", "127.0.0.1:0", "--data", d.data)
	var log bytes.Buffer
	server.Stderr = &log
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatalf("serve: %v", err)
	}
	t.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGTERM)
		if err := server.Wait(); err != nil {
			t.Errorf("the server did not end well: %v", err)
		}
		if t.Failed() {
			t.Logf("the server said:\n%s", log.String())
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	url, ready := strings.CutPrefix(strings.TrimSpace(line), "listening on ")
	if err != nil || !ready {
		t.Fatalf("the server said %q, %v", line, err)
	}
	d.url = url
	return d
}

// token gets a token as the README says.
func (d *tourTown) token(t *testing.T, name string) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), d.binary, "token", "--data", d.data, "--as", name).Output()
	if err != nil {
		t.Fatalf("token --as %s: %v", name, err)
	}
	return strings.TrimSpace(string(out))
}

// tourRequest is an operation as it is sent.
type tourRequest struct {
	Query     string `json:"query"`
	Variables any    `json:"variables,omitempty"`
}

// tourAnswer is what comes back.
type tourAnswer struct {
	Data   map[string]any    `json:"data"`
	Errors []json.RawMessage `json:"errors"`
}

// play sends a step and gives its data; a top-level error ends the test.
func (d *tourTown) play(t *testing.T, step tourStep, answers map[int]any) map[string]any {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	req := tourRequest{Query: step.operation}
	if step.variables != "" {
		if err := json.Unmarshal([]byte(step.variables), &req.Variables); err != nil {
			t.Fatalf("step %d: variables: %v", step.number, err)
		}
		req.Variables = step.fill(t, req.Variables, answers)
	}
	send := d.post
	if strings.HasPrefix(step.operation, "subscription") {
		send = d.subscribe
	}
	answer, err := send(ctx, step.bearer(t, d, answers), req)
	if err != nil {
		t.Fatalf("step %d (%s): %v", step.number, step.title, err)
	}
	if len(answer.Errors) > 0 {
		t.Fatalf("step %d (%s): %s", step.number, step.title, answer.Errors)
	}
	for field, value := range answer.Data {
		if value == nil {
			t.Fatalf("step %d (%s): %s is null", step.number, step.title, field)
		}
	}
	return answer.Data
}

func (d *tourTown) post(ctx context.Context, bearer string, body tourRequest) (tourAnswer, error) {
	var answer tourAnswer
	raw, err := json.Marshal(body)
	if err != nil {
		return answer, fmt.Errorf("encode: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, d.url+"/graphql", bytes.NewReader(raw))
	if err != nil {
		return answer, fmt.Errorf("request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer, fmt.Errorf("post: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if err := json.NewDecoder(resp.Body).Decode(&answer); err != nil {
		return answer, fmt.Errorf("status %d: decode: %w", resp.StatusCode, err)
	}
	return answer, nil
}

// subscribe opens a socket and gives the first delivery.
func (d *tourTown) subscribe(ctx context.Context, bearer string, body tourRequest) (tourAnswer, error) {
	var answer tourAnswer
	conn, resp, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(d.url, "http")+"/graphql",
		&websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if err != nil {
		return answer, fmt.Errorf("dial: %w", err)
	}
	if resp.Body != nil {
		_ = resp.Body.Close()
	}
	defer func() { _ = conn.Close(websocket.StatusNormalClosure, "") }()
	hello := map[string]any{"type": "connection_init"}
	if bearer != "" {
		hello["payload"] = map[string]string{"Authorization": "Bearer " + bearer}
	}
	if err := wsjson.Write(ctx, conn, hello); err != nil {
		return answer, fmt.Errorf("say hello: %w", err)
	}
	for {
		var message struct {
			Type    string          `json:"type"`
			Payload json.RawMessage `json:"payload"`
		}
		if err := wsjson.Read(ctx, conn, &message); err != nil {
			return answer, fmt.Errorf("read: %w", err)
		}
		switch message.Type {
		case "connection_ack":
			err := wsjson.Write(ctx, conn, map[string]any{"id": "1", "type": "subscribe", "payload": body})
			if err != nil {
				return answer, fmt.Errorf("subscribe: %w", err)
			}
		case "ping":
			if err := wsjson.Write(ctx, conn, map[string]string{"type": "pong"}); err != nil {
				return answer, fmt.Errorf("pong: %w", err)
			}
		case "next":
			return answer, json.Unmarshal(message.Payload, &answer)
		default:
			return answer, fmt.Errorf("%s: %s", message.Type, message.Payload)
		}
	}
}
