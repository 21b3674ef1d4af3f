package simulate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/coder/websocket"
)

// socket is one connection that carries one subscription, over
// graphql-transport-ws.
type socket struct{ conn *websocket.Conn }

// errEnded says that the server ended a subscription in good order.
var errEnded = errors.New("the server completed the subscription")

// frame is a message of the protocol.
type frame struct {
	ID      string          `json:"id,omitempty"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload,omitempty"`
}

const maxFrame = 4 << 20

// dial opens a socket to the API as whoever the token names, the public without
// one.
func dial(ctx context.Context, url, token string) (*socket, error) {
	url = "ws" + strings.TrimPrefix(url, "http") + "/graphql"
	conn, _, err := websocket.Dial(ctx, url, &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}}) //nolint:bodyclose // Dial says that there is nothing to close
	if err != nil {
		return nil, fmt.Errorf("open a socket: %w", err)
	}
	conn.SetReadLimit(maxFrame)
	s := &socket{conn}
	if err := s.init(ctx, token); err != nil {
		s.cut()
		return nil, err
	}
	return s, nil
}

func (s *socket) init(ctx context.Context, token string) error {
	payload := json.RawMessage(`{}`)
	if token != "" {
		payload, _ = json.Marshal(map[string]string{"Authorization": "Bearer " + token})
	}
	if err := s.send(ctx, frame{Type: "connection_init", Payload: payload}); err != nil {
		return err
	}
	for {
		got, err := s.receive(ctx)
		if err != nil {
			return fmt.Errorf("wait for the acknowledgement: %w", err)
		}
		if got.Type == "connection_ack" {
			return nil
		}
	}
}

// subscribe starts the subscription.
func (s *socket) subscribe(ctx context.Context, document string, vars variables) error {
	payload, err := json.Marshal(map[string]any{"query": document, "variables": vars})
	if err != nil {
		return fmt.Errorf("write a subscription: %w", err)
	}
	return s.send(ctx, frame{ID: "1", Type: "subscribe", Payload: payload})
}

// next waits for the next result of the subscription.
func (s *socket) next(ctx context.Context) (*answer, error) {
	for {
		got, err := s.receive(ctx)
		if err != nil {
			return nil, err
		}
		switch got.Type {
		case "next":
			var a answer
			if err := json.Unmarshal(got.Payload, &a); err != nil {
				return nil, fmt.Errorf("read a result: %w", err)
			}
			return &a, nil
		case "error":
			return nil, ended(got.Payload)
		case "complete":
			return nil, errEnded
		}
	}
}

// ended is the error with which the server ended the subscription.
func ended(payload json.RawMessage) error {
	var all []*apiError
	if err := json.Unmarshal(payload, &all); err != nil || len(all) == 0 {
		return errors.New("the server ended the subscription with an error that cannot be read")
	}
	return all[0]
}

func (s *socket) receive(ctx context.Context) (frame, error) {
	var got frame
	_, raw, err := s.conn.Read(ctx)
	if err != nil {
		return got, err
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		return got, fmt.Errorf("read a frame: %w", err)
	}
	if got.Type == "ping" {
		return got, s.send(ctx, frame{Type: "pong"})
	}
	return got, nil
}

func (s *socket) send(ctx context.Context, f frame) error {
	raw, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("write a frame: %w", err)
	}
	return s.conn.Write(ctx, websocket.MessageText, raw)
}

// cut drops the connection as a pulled cable would: without a word.
func (s *socket) cut() { _ = s.conn.CloseNow() }
