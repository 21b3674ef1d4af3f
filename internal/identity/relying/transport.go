package relying

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// maxAnswer bounds what is read of an answer of the issuer, in bytes.
const maxAnswer = 1 << 20

// newClient is a client for the issuer alone: bounded in time and in size, and it does
// not follow the issuer to somewhere else.
func newClient() *http.Client {
	return &http.Client{
		Timeout:   issuerTimeout,
		Transport: bounded{http.DefaultTransport},
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return errors.New("the issuer answers with a redirection, which is not followed")
		},
	}
}

// bounded cuts answers that are too long.
type bounded struct{ next http.RoundTripper }

// RoundTrip implements [http.RoundTripper].
func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := b.next.RoundTrip(r)
	if err != nil {
		return nil, err //nolint:wrapcheck // http.Client says what was being done
	}
	response.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(response.Body, maxAnswer), response.Body}
	return response, nil
}

// How often the issuer's keys may be asked for. A token with an unknown key asks for
// them again, since keys rotate; whoever invents tokens must not make us a nuisance to
// the issuer.
const (
	keysEvery = 5 * time.Second
	keysBurst = 5
)

// sparing asks for the keys at most so often, and else gives the last answer again.
type sparing struct {
	next http.RoundTripper

	mu    sync.Mutex // guards what follows
	limit *rate.Limiter
	last  *http.Response
	body  []byte
}

// RoundTrip implements [http.RoundTripper].
func (s *sparing) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.limit == nil {
		s.limit = rate.NewLimiter(rate.Every(keysEvery), keysBurst)
	}
	if !s.limit.Allow() {
		if s.last == nil {
			return nil, errors.New("the issuer's keys were asked for a moment ago, in vain")
		}
		return s.again(), nil
	}
	response, err := s.next.RoundTrip(r)
	if err != nil {
		return nil, err //nolint:wrapcheck // http.Client says what was being done
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if err != nil {
		return nil, fmt.Errorf("read the issuer's keys: %w", err)
	}
	if response.StatusCode == http.StatusOK {
		s.last, s.body = response, body
	}
	response.Body = io.NopCloser(bytes.NewReader(body))
	return response, nil
}

// again is the last good answer.
func (s *sparing) again() *http.Response {
	response := *s.last
	response.Body = io.NopCloser(bytes.NewReader(s.body))
	return &response
}
