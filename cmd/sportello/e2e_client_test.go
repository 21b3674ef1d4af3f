package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// contract is schema.graphql, read as any client would.
var contract = sync.OnceValues(func() (*ast.Schema, error) {
	text, err := os.ReadFile("../../schema.graphql")
	if err != nil {
		return nil, err
	}
	return gqlparser.LoadSchema(&ast.Source{Name: "schema.graphql", Input: string(text)})
})

func schema(t testing.TB) *ast.Schema {
	t.Helper()
	s, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// client is somebody at the API: a demo person, the holder of a ticket, or the
// public, who has no token.
type client struct {
	t     testing.TB
	h     *house
	name  string
	token string
	// cookie is that of a session; ticket opens one socket. Nil where the token counts.
	cookie *http.Cookie
	ticket func() string
	acting string // id of the mandate under which one acts; empty on one's own account
}

func (h *house) as(name string) *client {
	h.t.Helper()
	return &client{t: h.t, h: h, name: name, token: h.token(name)}
}

func (h *house) with(token string) *client {
	return &client{t: h.t, h: h, name: "bearer", token: token}
}

func (h *house) public() *client { return &client{t: h.t, h: h, name: "public"} }

// in gives the client to a subtest: what fails, fails there.
func (c *client) in(t testing.TB) *client {
	other := *c
	other.t = t
	return &other
}

// variables of an operation.
type variables map[string]any

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   []byte
	data   tree
	errors []topError
}

// topError is an error beside the data.
type topError struct {
	Message    string
	Path       []any
	Extensions struct {
		Code         string
		Limit, Found int
	}
}

// code is the first top-level error's, empty if there is none.
func (a answer) code() string {
	if len(a.errors) == 0 {
		return ""
	}
	return a.errors[0].Extensions.Code
}

// send posts an operation. The error is the network's.
func (c *client) send(query string, vars variables) (answer, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": vars})
	if err != nil {
		return answer{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.h.address()+"/graphql", bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/graphql-response+json")
	return c.do(req)
}

func (c *client) do(req *http.Request) (answer, error) {
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.cookie != nil {
		req.AddCookie(c.cookie)
	}
	if c.acting != "" {
		req.Header.Set("Sportello-Acting-For", c.acting)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = resp.Body.Close() }()
	a := answer{status: resp.StatusCode, header: resp.Header}
	if a.body, err = io.ReadAll(resp.Body); err != nil {
		return answer{}, err
	}
	var got struct {
		Data   any
		Errors []topError
	}
	if json.Unmarshal(a.body, &got) == nil { // a refusal below GraphQL is plain text
		a.data, a.errors = tree{c.t, got.Data}, got.Errors
	}
	return a, nil
}

// get reads a page.
func (h *house) get(path string) (status int, body string) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.address()+path, nil)
	if err != nil {
		h.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// try posts an operation that may be refused.
func (c *client) try(query string, vars variables) answer {
	c.t.Helper()
	a, err := c.send(query, vars)
	if err != nil {
		c.t.Fatalf("%s: %v", c.name, err)
	}
	return a
}

// ask posts an operation that must be answered.
func (c *client) ask(query string, vars variables) tree {
	c.t.Helper()
	a := c.try(query, vars)
	if len(a.errors) > 0 || a.status != http.StatusOK {
		c.t.Fatalf("%s asked %s: status %d, %+v", c.name, query, a.status, a.errors)
	}
	return a.data
}

// mutation writes the text of a mutation with one input, from the contract.
func mutation(t testing.TB, name, selection string) (string, *ast.Definition) {
	t.Helper()
	s := schema(t)
	field := s.Mutation.Fields.ForName(name)
	if field == nil {
		t.Fatalf("the contract has no mutation %s", name)
	}
	input := field.Arguments.ForName("input").Type
	text := fmt.Sprintf("mutation M($input: %s) { %s(input: $input) { userErrors { code message messageIt path detail } %s } }", input, name, selection)
	return text, s.Types[input.Name()]
}

// tryTo makes a mutation; a key is made where the input takes one and has none.
// The payload is empty where there is a top-level error.
func (c *client) tryTo(name, selection string, input variables) (tree, answer) {
	c.t.Helper()
	text, kind := mutation(c.t, name, selection)
	if kind.Fields.ForName("idempotencyKey") != nil && input["idempotencyKey"] == nil {
		input["idempotencyKey"] = rand.Text()
	}
	a := c.try(text, variables{"input": input})
	if len(a.errors) > 0 {
		return tree{c.t, nil}, a
	}
	payload := a.data.at(name)
	if len(payload.list("userErrors")) == 0 {
		c.h.did(name)
	}
	return payload, a
}

// must makes a mutation that has to succeed.
func (c *client) must(name, selection string, input variables) tree {
	c.t.Helper()
	payload, a := c.tryTo(name, selection, input)
	if a.code() != "" || len(payload.list("userErrors")) > 0 {
		c.t.Fatalf("%s: %s: %s", c.name, name, a.body)
	}
	return payload
}

// refused makes a mutation that has to be refused, and gives the code.
func (c *client) refused(name string, input variables) string {
	c.t.Helper()
	payload, a := c.tryTo(name, "", input)
	if a.code() != "" {
		return a.code()
	}
	refusals := payload.list("userErrors")
	if len(refusals) == 0 {
		c.t.Fatalf("%s: %s went through: %s", c.name, name, a.body)
	}
	if refusals[0].text("message") == "" || refusals[0].text("messageIt") == "" {
		c.t.Errorf("%s: %s is refused without words: %s", c.name, name, a.body)
	}
	return refusals[0].text("code")
}

// tree is a part of an answer.
type tree struct {
	t testing.TB
	v any
}

// at goes down by names and positions, "edges.0.node"; null stays null.
func (n tree) at(path string) tree {
	n.t.Helper()
	v := n.v
	for step := range strings.SplitSeq(path, ".") {
		switch here := v.(type) {
		case nil:
			return tree{n.t, nil}
		case map[string]any:
			next, ok := here[step]
			if !ok {
				n.t.Fatalf("the answer has no %s: %v", path, n.v)
			}
			v = next
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(here) {
				n.t.Fatalf("the answer has no %s: %v", path, n.v)
			}
			v = here[i]
		default:
			n.t.Fatalf("the answer has no %s: %v", path, n.v)
		}
	}
	return tree{n.t, v}
}

func (n tree) isNull(path string) bool { n.t.Helper(); return n.at(path).v == nil }

// text is a string; null is empty.
func (n tree) text(path string) string {
	n.t.Helper()
	v := n.at(path).v
	s, ok := v.(string)
	if !ok && v != nil {
		n.t.Fatalf("%s is %v, not a text", path, v)
	}
	return s
}

func (n tree) number(path string) int {
	n.t.Helper()
	v, ok := n.at(path).v.(float64)
	if !ok {
		n.t.Fatalf("%s is %v, not a number", path, n.at(path).v)
	}
	return int(v)
}

func (n tree) is(path string) bool {
	n.t.Helper()
	v, ok := n.at(path).v.(bool)
	if !ok {
		n.t.Fatalf("%s is %v, not true or false", path, n.at(path).v)
	}
	return v
}

// list is empty for null.
func (n tree) list(path string) []tree {
	n.t.Helper()
	items, _ := n.at(path).v.([]any)
	all := make([]tree, len(items))
	for i, v := range items {
		all[i] = tree{n.t, v}
	}
	return all
}

// texts are the texts at a path of each item.
func texts(items []tree, path string) []string {
	all := []string{}
	for _, item := range items {
		all = append(all, item.text(path))
	}
	return all
}

// String shows the part as JSON.
func (n tree) String() string {
	raw, err := json.Marshal(n.v)
	if err != nil {
		return err.Error()
	}
	return string(raw)
}
