package simulate

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

// callTimeout is more than the server gives a request.
const callTimeout = 15 * time.Second

// api calls the public GraphQL API over HTTP, one call at a time, and keeps how
// long each took.
type api struct {
	url    string
	client *http.Client
	took   map[string][]time.Duration // by operation
}

func newAPI(url string) *api {
	return &api{url: url + "/graphql", client: &http.Client{Timeout: callTimeout}, took: map[string][]time.Duration{}}
}

func (a *api) close() { a.client.CloseIdleConnections() }

// apiError is a top-level error of an answer.
type apiError struct {
	Message    string `json:"message"`
	Path       []any  `json:"path"`
	Extensions struct{ Code string }
}

func (e *apiError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("%s: %s %v", e.Extensions.Code, e.Message, e.Path))
}

// userError is what a person can mend.
type userError struct {
	Code, Message, Detail string
	Path                  []string
}

// refusals are the user errors of a payload.
type refusals []userError

func (r refusals) Error() string {
	words := make([]string, len(r))
	for i, e := range r {
		words[i] = strings.TrimSpace(fmt.Sprintf("%s %s (%s %s)", e.Code, e.Message, strings.Join(e.Path, "."), e.Detail))
	}
	return strings.Join(words, "; ")
}

// errorOf is nil if there are none.
func (r refusals) errorOf() error {
	if len(r) == 0 {
		return nil
	}
	return r
}

// variables of an operation.
type variables map[string]any

// call runs an operation as whoever the token names, the public without one. The
// operation's name is read from its text.
func (a *api) call(ctx context.Context, token, document string, vars variables, data any) error {
	name := operationName(document)
	body, err := json.Marshal(map[string]any{"query": document, "operationName": name, "variables": vars})
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make %s: %w", name, err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/graphql-response+json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	start := time.Now()
	answer, err := a.send(req)
	a.took[name] = append(a.took[name], time.Since(start))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if err := answer.into(data); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// answer is a GraphQL response.
type answer struct {
	Data   json.RawMessage `json:"data"`
	Errors []*apiError     `json:"errors"`
}

func (a *api) send(req *http.Request) (*answer, error) {
	resp, err := a.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	var got answer
	if err := json.Unmarshal(raw, &got); err != nil {
		return nil, fmt.Errorf("status %d, no GraphQL answer: %w", resp.StatusCode, err)
	}
	return &got, nil
}

func (a *answer) into(data any) error {
	if len(a.Errors) > 0 {
		return a.Errors[0]
	}
	if data == nil {
		return nil
	}
	if err := json.Unmarshal(a.Data, data); err != nil {
		return fmt.Errorf("read the data: %w", err)
	}
	return nil
}

// operationName is the word after query, mutation or subscription.
func operationName(document string) string {
	fields := strings.FieldsFunc(document, func(r rune) bool { return strings.ContainsRune(" ({\n\t", r) })
	if len(fields) < 2 {
		return ""
	}
	return fields[1]
}
