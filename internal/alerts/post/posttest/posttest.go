// Package posttest has the receivers of tests: an HTTP server that verifies the signatures
// of webhooks, and an SMTP server that keeps what it takes.
package posttest

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// Hook receives webhooks on this machine.
type Hook struct {
	// URL is where it listens.
	URL string

	t      testing.TB
	mu     sync.Mutex
	secret string
	status int
	asked  int
	got    []Received
}

// Received is a message whose signature was right.
type Received struct{ ID, Body string }

// NewHook starts a receiver that answers 200, until the test ends.
func NewHook(t testing.TB) *Hook {
	t.Helper()
	h := &Hook{t: t, status: http.StatusOK}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	h.URL = server.URL + "/alerts"
	return h
}

// Trust sets the secret with which messages are signed.
func (h *Hook) Trust(secret string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.secret = secret
}

// Answer sets the status of the next answers; what is not answered with 200 is not kept.
func (h *Hook) Answer(status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.status = status
}

// ServeHTTP implements http.Handler.
func (h *Hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		h.t.Errorf("read a message: %v", err)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked++
	verifier, err := standardwebhooks.NewWebhook(h.secret)
	if err == nil {
		err = verifier.Verify(body, r.Header)
	}
	if err != nil {
		h.t.Errorf("a message that is not signed as it should be: %v", err)
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if h.status == http.StatusOK {
		h.got = append(h.got, Received{r.Header.Get(standardwebhooks.HeaderWebhookID), string(body)})
	}
	if h.status >= 300 && h.status < 400 {
		w.Header().Set("Location", "/elsewhere")
	}
	w.WriteHeader(h.status)
}

// Got are the messages so far, in order.
func (h *Hook) Got() []Received {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]Received{}, h.got...)
}

// Asked is how often somebody came.
func (h *Hook) Asked() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.asked
}

// Mailbox is an SMTP server on this machine that takes every letter.
type Mailbox struct {
	// Address is its host and port.
	Address string

	mu      sync.Mutex
	letters []Letter
}

// Letter is one that came.
type Letter struct {
	From, To string
	Header   mail.Header
	// Body is as it was sent, encoded.
	Body string
}

// NewMailbox starts a server until the test ends.
func NewMailbox(t testing.TB) *Mailbox {
	t.Helper()
	m := &Mailbox{}
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with the server
	if err != nil {
		t.Fatal(err)
	}
	m.Address = listener.Addr().String()
	server := smtp.NewServer(m)
	server.Domain = "localhost"
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close(); <-done })
	return m
}

// NewSession implements smtp.Backend.
func (m *Mailbox) NewSession(*smtp.Conn) (smtp.Session, error) { return &session{box: m}, nil }

// Letters are those that came, in order.
func (m *Mailbox) Letters() []Letter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]Letter{}, m.letters...)
}

type session struct {
	box    *Mailbox
	letter Letter
}

// Mail implements smtp.Session.
func (s *session) Mail(from string, _ *smtp.MailOptions) error { s.letter.From = from; return nil }

// Rcpt implements smtp.Session.
func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error { s.letter.To = to; return nil }

// Data implements smtp.Session.
func (s *session) Data(r io.Reader) error {
	message, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(message.Body)
	if err != nil {
		return err
	}
	s.letter.Header, s.letter.Body = message.Header, string(body)
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.letters = append(s.box.letters, s.letter)
	return nil
}

// Reset implements smtp.Session.
func (s *session) Reset() { s.letter = Letter{} }

// Logout implements smtp.Session.
func (*session) Logout() error { return nil }
