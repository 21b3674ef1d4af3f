package post

import (
	"context"
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"strconv"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Letter is one mail.
type Letter struct {
	town.Private

	// ID is the same at each try: mailboxes leave a repeat out by it.
	ID string
	// To is one mailbox.
	To            string
	Subject, Text string
}

// Mail sends letters over SMTP.
type Mail struct {
	from   *mail.Address
	client func() (*gomail.Client, error)
}

// NewMail makes the sender. The server is smtp://user:password@host:port, which is asked
// for STARTTLS and refused without it, but on this machine; or smtps://… for TLS from the
// start. User and password may be left out. from is the address that letters come from,
// with a name if wanted: "Sportello <avvisi@comune.example>".
func NewMail(server, from string) (*Mail, error) {
	sender, err := mail.ParseAddress(from)
	if err != nil {
		return nil, fmt.Errorf("the address that mail comes from: %w", err)
	}
	u, err := url.Parse(server)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" || strings.Trim(u.Path, "/") != "" {
		// The address is not said: it may hold a password.
		return nil, errors.New("the mail server: want smtp://user:password@host:port or smtps://…")
	}
	options := []gomail.Option{gomail.WithTimeout(answerFor)}
	switch {
	case u.Scheme == "smtps":
		options = append(options, gomail.WithSSLPort(false))
	case isLocal(u.Hostname()):
		options = append(options, gomail.WithTLSPortPolicy(gomail.TLSOpportunistic))
	default:
		options = append(options, gomail.WithTLSPortPolicy(gomail.TLSMandatory))
	}
	if u.Port() != "" {
		port, err := strconv.Atoi(u.Port())
		if err != nil {
			return nil, fmt.Errorf("the port of the mail server: %w", err)
		}
		options = append(options, gomail.WithPort(port))
	}
	if u.User != nil {
		password, _ := u.User.Password()
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	m := &Mail{from: sender, client: func() (*gomail.Client, error) { return gomail.NewClient(u.Hostname(), options...) }}
	if _, err := m.client(); err != nil {
		return nil, fmt.Errorf("the mail server: %w", err)
	}
	return m, nil
}

// Send sends a letter once. What a fault says names no mailbox.
func (m *Mail) Send(ctx context.Context, l Letter) error {
	msg := gomail.NewMsg()
	msg.FromMailAddress(m.from)
	if err := msg.To(l.To); err != nil {
		return errors.New("the mailbox cannot be read")
	}
	_, domain, _ := strings.Cut(m.from.Address, "@")
	msg.SetMessageIDWithValue(l.ID + "@" + domain)
	msg.SetDate()
	msg.SetGenHeader(gomail.Header("Auto-Submitted"), "auto-generated") // no answers from machines (RFC 3834)
	msg.Subject(l.Subject)
	msg.SetBodyString(gomail.TypeTextPlain, l.Text)
	client, err := m.client()
	if err != nil {
		return fmt.Errorf("the mail server: %w", err)
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		var refused *gomail.SendError
		if errors.As(err, &refused) { // a server's words may name the mailbox
			return fmt.Errorf("the mail server did not take the letter: code %d", refused.ErrorCode())
		}
		return fmt.Errorf("no mail server: %w", err)
	}
	return nil
}
