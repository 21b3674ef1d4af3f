package main

import (
	"context"
	"time"

	alertpost "github.com/spazio-in-comune/sportello/internal/alerts/post"
	alertrule "github.com/spazio-in-comune/sportello/internal/alerts/rule"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/stream"
	"github.com/spazio-in-comune/sportello/internal/voice"
)

// ladderCases is what the voice sees of casework.
type ladderCases struct{ cases *casework.Cases }

// Substitute implements voice.Cases.
func (c ladderCases) Substitute(ctx context.Context, tx *store.Tx, s voice.Substitution) error {
	return c.cases.Substitute(ctx, tx, casework.Substitution{CaseID: s.CaseID, HolderID: s.HolderID, AskedOn: s.AskedOn})
}

// citizensMail is the house's mail for citizens: the same server, tries and pauses as for
// alerts.
type citizensMail struct{ mail *alertpost.Mail }

// Send implements voice.Mailer.
func (m citizensMail) Send(ctx context.Context, l voice.Letter) error {
	return m.mail.Send(ctx, alertpost.Letter{ID: l.ID, To: l.To, Subject: l.Subject, Text: l.Text})
}

// Pause implements voice.Mailer.
func (m citizensMail) Pause(tries int, chance float64) (time.Duration, bool) {
	return alertrule.Pause(tries, chance)
}

// letters is the sender of mail to citizens; nil without a server.
func (c alertsConfig) letters() (voice.Mailer, error) {
	mail, err := c.mail()
	if err != nil || mail == nil {
		return nil, err
	}
	return citizensMail{mail}, nil
}

// startNotices starts what tells citizens of their steps.
func (a *app) startNotices(ctx context.Context) {
	a.background(ctx, a.logged("messages to citizens", func(ctx context.Context) error {
		return a.stream.Consume(ctx, stream.Consumer{Name: "voice.notices", Groups: voice.NoticeGroups(), Handle: a.voice.Notice})
	}))
	a.background(ctx, a.logged("sending to citizens", func(ctx context.Context) error { return a.voice.RunNotices(ctx, a.cfg.Logger) }))
}
