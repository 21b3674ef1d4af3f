// Package post takes messages out of the house: signed webhooks and letters by mail.
package post

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Message is what a webhook is sent.
type Message struct {
	town.Private

	// ID is the same at each try, so that a receiver can leave a repeat out.
	ID string
	// URL is where to, Secret signs it: "whsec_" and base64.
	URL, Secret string
	// Body is JSON.
	Body []byte
}

// Webhooks sends messages as the Standard Webhooks specification wants them: the headers
// webhook-id, webhook-timestamp and webhook-signature (v1, HMAC-SHA256). It follows no
// redirect, uses no proxy, and connects to public addresses only, whatever a name resolves
// to; to this machine only where the address says so itself.
type Webhooks struct {
	// allowPrivate lets it connect to private networks too.
	allowPrivate bool
	client       *http.Client

	// lookUp asks for the addresses of a name, connect connects to one of them.
	lookUp  func(ctx context.Context, network, host string) ([]netip.Addr, error)
	connect func(ctx context.Context, network, address string) (net.Conn, error)
}

// The bounds of a try.
const (
	connectFor = 5 * time.Second
	answerFor  = 15 * time.Second
	// maxAnswer is how much of an answer is read, in bytes.
	maxAnswer = 4 << 10
	// maxURL bounds an address, in bytes.
	maxURL = 2048
)

// NewWebhooks makes the sender. With allowPrivate it connects to private networks too, for
// receivers within the town hall.
func NewWebhooks(allowPrivate bool) *Webhooks {
	dialer := &net.Dialer{Timeout: connectFor}
	w := &Webhooks{allowPrivate: allowPrivate, lookUp: net.DefaultResolver.LookupNetIP, connect: dialer.DialContext}
	w.client = &http.Client{
		Timeout:       answerFor,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport:     &http.Transport{DialContext: w.dial, TLSHandshakeTimeout: connectFor, ForceAttemptHTTP2: true, DisableKeepAlives: true},
	}
	return w
}

// Check refuses, as INVALID, an address that is none, that is not encrypted and leaves this
// machine, or that names a network to which nothing is sent.
func (w *Webhooks) Check(address string) error {
	u, err := url.Parse(address)
	if err != nil || len(address) > maxURL || u.Hostname() == "" || u.User != nil || u.Fragment != "" {
		return errAddress("This is no address of a webhook.", "Questo non è l'indirizzo di un webhook.")
	}
	local := isLocal(u.Hostname())
	if u.Scheme != "https" && (u.Scheme != "http" || !local) {
		return errAddress("Webhooks are sent by https only.", "I webhook si inviano solo tramite https.")
	}
	if ip, err := netip.ParseAddr(u.Hostname()); err == nil && !local && !w.allows(ip) {
		return errAddress("Nothing is sent to this network.", "Non si invia nulla a questa rete.")
	}
	return nil
}

func errAddress(en, it string) *town.Error {
	return town.Errorf(town.Invalid, en, it).At("input", "url")
}

// isLocal reports whether the name itself says that it is this machine.
func isLocal(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.Unmap().IsLoopback()
}

// notPublic are networks that are not public although they are not called private.
func notPublic() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
		netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
		netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
	}
}

// allows reports whether messages may be sent to the address.
func (w *Webhooks) allows(ip netip.Addr) bool {
	ip = ip.Unmap()
	switch {
	case !ip.IsValid(), ip.IsUnspecified(), ip.IsMulticast(), ip.IsLinkLocalUnicast(), ip.IsLoopback():
		return false
	case w.allowPrivate:
		return true
	case ip.IsPrivate():
		return false
	}
	for _, network := range notPublic() {
		if network.Contains(ip) {
			return false
		}
	}
	return true
}

// dial asks once for the addresses of the name, and connects to one that was checked and to
// nothing else: a name that is resolved again, and leads elsewhere then, is never asked for.
func (w *Webhooks) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("read an address: %w", err)
	}
	addresses, err := w.lookUp(ctx, "ip", host)
	if err != nil {
		return nil, fmt.Errorf("resolve a name: %w", err)
	}
	local := isLocal(host)
	err = errors.New("the name has no address")
	for _, ip := range addresses {
		ip = ip.Unmap()
		if local != ip.IsLoopback() || !local && !w.allows(ip) {
			err = fmt.Errorf("nothing is sent to the network of %s", ip)
			continue
		}
		var conn net.Conn
		if conn, err = w.connect(ctx, network, net.JoinHostPort(ip.String(), port)); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

// Send sends a message once. Any answer of 2xx is a success. What a fault says names no
// address.
func (w *Webhooks) Send(ctx context.Context, m Message) error {
	if err := w.Check(m.URL); err != nil {
		return err
	}
	signer, err := standardwebhooks.NewWebhook(m.Secret)
	if err != nil {
		return errors.New("the secret of the webhook cannot be read")
	}
	now := time.Now() // receivers compare it with their own clock
	signature, err := signer.Sign(m.ID, now, m.Body)
	if err != nil {
		return fmt.Errorf("sign a message: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, m.URL, bytes.NewReader(m.Body))
	if err != nil {
		return errors.New("the address of the webhook cannot be read")
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "sportello")
	request.Header.Set(standardwebhooks.HeaderWebhookID, m.ID)
	request.Header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	request.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	response, err := w.client.Do(request)
	if err != nil {
		var of *url.Error // names the address, which may hold a secret
		if errors.As(err, &of) {
			err = of.Err
		}
		return fmt.Errorf("no answer: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(response.Body, maxAnswer))
	switch {
	case response.StatusCode >= 200 && response.StatusCode < 300:
		return nil
	case response.StatusCode == http.StatusGone:
		return final{fmt.Errorf("the receiver wants no more: status %d", response.StatusCode)}
	default:
		return fmt.Errorf("the receiver answered with status %d", response.StatusCode)
	}
}

// final is a fault that another try does not mend.
type final struct{ error }

// IsFinal reports whether another try is useless.
func IsFinal(err error) bool {
	var f final
	return errors.As(err, &f)
}
