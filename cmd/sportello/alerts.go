package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/alerts"
	alertpost "github.com/spazio-in-comune/sportello/internal/alerts/post"
	alertrule "github.com/spazio-in-comune/sportello/internal/alerts/rule"
	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/internal/desk"
	"github.com/spazio-in-comune/sportello/internal/stream"
	"github.com/spazio-in-comune/sportello/policies"
)

// alertsConfig says when the mayor's office is told, and how messages leave the house.
type alertsConfig struct {
	rules           string // file; empty: policies/alerts.csv
	smtp, smtpFile  string // mail server; file of its password
	from            string
	privateWebhooks bool
}

func (c *alertsConfig) register(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&c.rules, "alerts", "", "file that says when the mayor's office is told; empty means the one of policies/alerts.csv")
	flags.StringVar(&c.smtp, "smtp-url", "", "smtp://user@host:port of the mail server (STARTTLS, but on this machine), or smtps://…; empty means that no mail is sent")
	flags.StringVar(&c.smtpFile, "smtp-password-file", "", "file with the password at the mail server")
	flags.StringVar(&c.from, "mail-from", "", "the address that mail comes from, such as \"Sportello <avvisi@comune.example>\"")
	flags.BoolVar(&c.privateWebhooks, "private-webhooks", false, "send webhooks to addresses of private networks too")
}

// newAlerts makes the room of the alerts.
func (a *app) newAlerts() (*alerts.Alerts, error) {
	text := policies.Alerts
	if a.cfg.Alerts.rules != "" {
		read, err := os.ReadFile(a.cfg.Alerts.rules)
		if err != nil {
			return nil, fmt.Errorf("read when the mayor's office is told: %w", err)
		}
		text = string(read)
	}
	rules, err := alertrule.Read(text)
	if err != nil {
		return nil, err
	}
	cfg := alerts.Config{
		Store: a.store, Vault: a.vault, Rules: rules, Rights: a.authority, Hall: waitingHall{a.desk}, Departments: processes{a.catalogue}, Replica: replicaName(),
		Webhooks: alertpost.NewWebhooks(a.cfg.Alerts.privateWebhooks), Logger: a.cfg.Logger,
	}
	mail, err := a.cfg.Alerts.mail()
	if mail != nil {
		cfg.Mail = mail
	}
	return alerts.New(cfg), err
}

// mail is the sender of mail; nil without a server.
func (c alertsConfig) mail() (*alertpost.Mail, error) {
	if c.smtp == "" {
		return nil, nil
	}
	server := c.smtp
	if c.smtpFile != "" {
		password, err := os.ReadFile(c.smtpFile)
		if err != nil {
			return nil, fmt.Errorf("read the password at the mail server: %w", err)
		}
		if u, err := url.Parse(server); err == nil && u.User != nil {
			u.User = url.UserPassword(u.User.Username(), strings.TrimSpace(string(password)))
			server = u.String()
		}
	}
	return alertpost.NewMail(server, c.from)
}

// startAlerts starts what raises alerts and what sends them.
func (a *app) startAlerts(ctx context.Context) {
	a.background(ctx, a.logged("what alerts follow from", func(ctx context.Context) error {
		return a.stream.Consume(ctx, stream.Consumer{Name: "alerts.causes", Groups: alerts.CauseGroups(), Handle: a.alerts.Causes})
	}))
	a.background(ctx, a.logged("messages about alerts", func(ctx context.Context) error {
		return a.stream.Consume(ctx, stream.Consumer{Name: "alerts.messages", Groups: alerts.FactGroups(), Handle: a.alerts.Enqueue})
	}))
	a.background(ctx, a.logged("looks for alerts", a.alerts.RunLooks))
	a.background(ctx, a.logged("sending of alerts", a.alerts.RunSender))
}

// waitingHall is what the alerts see of the hall.
type waitingHall struct{ desk *desk.Desk }

// Waits implements alerts.Hall: where nobody waits, there is no wait.
func (h waitingHall) Waits(ctx context.Context) ([]alerts.Wait, error) {
	sites, err := h.desk.Sites(ctx)
	if err != nil {
		return nil, err
	}
	var all []alerts.Wait
	for _, site := range sites {
		board, err := h.desk.Board(ctx, site.ID)
		if err != nil {
			return nil, err
		}
		for _, q := range board.Queues {
			wait := alerts.Wait{Site: site.ID, Office: q.Office}
			if q.Waiting > 0 {
				wait.Minutes = float64(q.MedianSeconds) / 60
			}
			all = append(all, wait)
		}
	}
	return all, nil
}

// processes is what the alerts see of the departments.
type processes struct{ catalogue *catalogue.Catalogue }

// Departments implements alerts.Departments: the versions that take new intakes. One that
// was disabled is down like any other.
func (p processes) Departments(ctx context.Context) ([]alerts.Department, error) {
	instances, err := p.catalogue.Instances(access.System(ctx, "alerts"), false)
	if err != nil {
		return nil, err
	}
	var all []alerts.Department
	for _, i := range instances {
		if i.Standing != catalogue.Current {
			continue
		}
		d := alerts.Department{Service: i.Name, Down: i.State != catalogue.Ready && i.State != catalogue.Degraded}
		if published, ok := p.catalogue.Service(i.Name); ok {
			d.Office = published.Definition().DefaultRoute
		}
		all = append(all, d)
	}
	return all, nil
}
