package alerts

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/mail"
	"strings"
	"unicode/utf8"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/alertdelivery"
	"github.com/spazio-in-comune/sportello/ent/alertendpoint"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// secretPrefix and secretBytes are of a webhook's secret, as receivers' libraries want it.
const (
	secretPrefix = "whsec_"
	secretBytes  = 32
)

// maxLabel bounds a name, in characters; maxMailbox an address, in bytes.
const (
	maxLabel   = 120
	maxMailbox = 254
)

func placeOf(column, id string) vault.Place {
	return vault.Place{Table: alertendpoint.Table, Column: column, Row: id}
}

// CreateWebhook sends alerts to an address from now on, signed with a secret that is told
// once: a request that is repeated gives the endpoint without it. For administrators.
func (a *Alerts) CreateWebhook(ctx context.Context, in WebhookInput) (Made, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return Made{}, err
	}
	if err := viewer.Require(access.AlertManage, ""); err != nil {
		return Made{}, err
	}
	label := strings.TrimSpace(in.Label)
	if n := utf8.RuneCountInString(label); n < 1 || n > maxLabel {
		return Made{}, errLabel()
	}
	if err := checkFilter(in.Filter); err != nil {
		return Made{}, err
	}
	if err := a.webhooks.Check(in.URL); err != nil {
		return Made{}, err
	}
	secret := make([]byte, secretBytes)
	_, _ = rand.Read(secret) // never fails
	text := secretPrefix + base64.StdEncoding.EncodeToString(secret)
	made, replayed, err := a.create(ctx, viewer, store.Once{Mutation: "createAlertWebhook", Key: in.IdempotencyKey, Input: in}, func(ctx context.Context, tx *store.Tx, id string) (*ent.AlertEndpointCreate, error) {
		address, err := a.vault.SealText(ctx, tx, "", placeOf(alertendpoint.FieldAddress, id), in.URL)
		if err != nil {
			return nil, fmt.Errorf("seal the address: %w", err)
		}
		sealed, err := a.vault.SealText(ctx, tx, "", placeOf(alertendpoint.FieldSecret, id), text)
		if err != nil {
			return nil, fmt.Errorf("seal the secret: %w", err)
		}
		return tx.AlertEndpoint.Create().SetChannel(town.AlertByWebhook).SetLabel(label).SetAddress(address).SetSecret(sealed), nil
	}, in.Filter)
	if err != nil || replayed {
		return Made{Endpoint: made}, err
	}
	return Made{Endpoint: made, Secret: text}, nil
}

// RequestMail sends the viewer's alerts to their mailbox from now on. It may be asked for
// by whoever reads alerts somewhere; what they may not see is not sent. PRECONDITION_FAILED
// where the house sends no mail.
func (a *Alerts) RequestMail(ctx context.Context, in MailInput) (Made, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return Made{}, err
	}
	if err := viewer.Require(access.AlertRead, ""); err != nil {
		return Made{}, err
	}
	if a.mail == nil {
		return Made{}, errNoMail()
	}
	parsed, err := mail.ParseAddress(in.Address)
	if err != nil || parsed.Name != "" || parsed.Address != strings.TrimSpace(in.Address) || len(parsed.Address) > maxMailbox {
		return Made{}, errMailbox()
	}
	if err := checkFilter(in.Filter); err != nil {
		return Made{}, err
	}
	once := store.Once{Mutation: "requestAlertMail", Key: in.IdempotencyKey, Input: in}
	made, _, err := a.create(ctx, viewer, once, func(ctx context.Context, tx *store.Tx, id string) (*ent.AlertEndpointCreate, error) {
		address, err := a.vault.SealText(ctx, tx, viewer.ID, placeOf(alertendpoint.FieldAddress, id), parsed.Address)
		if err != nil {
			return nil, fmt.Errorf("seal the mailbox: %w", err)
		}
		return tx.AlertEndpoint.Create().SetChannel(town.AlertByMail).SetPersonID(viewer.ID).SetAddress(address), nil
	}, in.Filter)
	return Made{Endpoint: made}, err
}

// create stores an endpoint and reads it as the viewer.
func (a *Alerts) create(ctx context.Context, viewer *access.Viewer, once store.Once, begin func(context.Context, *store.Tx, string) (*ent.AlertEndpointCreate, error), filter *Filter) (*ent.AlertEndpoint, bool, error) {
	once.Actor, once.For = viewer.ID, viewer.OnBehalfOf()
	id, replayed, err := a.store.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		id := town.NewID(town.PrefixEndpoint, tx.Now)
		create, err := begin(ctx, tx, id)
		if err != nil {
			return "", err
		}
		if filter != nil {
			create.SetLevels(filter.Levels).SetServices(filter.Services).SetOffices(filter.Offices).SetKinds(filter.Kinds)
		}
		if err := create.SetID(id).SetCreatedAt(tx.Now).SetCreatedBy(viewer.ID).Exec(ctx); err != nil {
			return "", fmt.Errorf("store where alerts are sent: %w", err)
		}
		return id, nil
	})
	if err != nil {
		return nil, false, err
	}
	row, err := a.store.Reader().AlertEndpoint.Get(ctx, id)
	if err != nil {
		return nil, false, missingOr(err, "read where alerts are sent")
	}
	return row, replayed, nil
}

// DisableEndpoint sends nothing there any more: what waited is dead, and address and
// secret are forgotten. For administrators, and for the owner of a mailbox.
func (a *Alerts) DisableEndpoint(ctx context.Context, in EndpointInput) (Made, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return Made{}, err
	}
	err = a.store.InTx(ctx, "disableAlertEndpoint", func(ctx context.Context, tx *store.Tx) error {
		row, err := tx.AlertEndpoint.Get(ctx, in.EndpointID)
		if err != nil {
			return missing(err)
		}
		if !viewer.Is(row.PersonID) {
			if err := viewer.Require(access.AlertManage, ""); err != nil {
				return err
			}
		}
		if row.DisabledAt != nil {
			return errDisabled()
		}
		n, err := tx.AlertEndpoint.Update().Where(alertendpoint.ID(row.ID), alertendpoint.Version(in.ExpectedVersion)).AddVersion(1).
			SetDisabledAt(tx.Now).SetDisabledBy(viewer.ID).ClearAddress().ClearSecret().Save(ctx)
		if err != nil {
			return fmt.Errorf("disable an endpoint: %w", err)
		}
		if n == 0 {
			return errStale()
		}
		return tx.AlertDelivery.Update().
			Where(alertdelivery.EndpointID(row.ID), alertdelivery.StateEQ(town.DeliveryPending)).
			SetState(town.DeliveryDead).SetLastError("the endpoint was disabled").AddVersion(1).Exec(house(ctx))
	})
	if err != nil {
		return Made{}, err
	}
	row, err := a.store.Reader().AlertEndpoint.Get(ctx, in.EndpointID)
	if err != nil {
		return Made{}, missingOr(err, "read where alerts are sent")
	}
	return Made{Endpoint: row}, nil
}

// Resend tries a dead message again, from the beginning. For administrators.
func (a *Alerts) Resend(ctx context.Context, in DeliveryInput) (*ent.AlertDelivery, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	if err := viewer.Require(access.AlertManage, ""); err != nil {
		return nil, err
	}
	err = a.store.InTx(ctx, "resendAlertDelivery", func(ctx context.Context, tx *store.Tx) error {
		row, err := tx.AlertDelivery.Get(ctx, in.DeliveryID)
		if err != nil {
			return missing(err)
		}
		endpoint, err := tx.AlertEndpoint.Get(ctx, row.EndpointID)
		if err != nil {
			return missing(err)
		}
		if endpoint.DisabledAt != nil {
			return errDisabled()
		}
		if row.State != town.DeliveryDead {
			return errNotDead()
		}
		n, err := tx.AlertDelivery.Update().Where(alertdelivery.ID(row.ID), alertdelivery.Version(in.ExpectedVersion)).AddVersion(1).
			SetState(town.DeliveryPending).SetAttempts(0).SetNextAt(tx.Now).Save(ctx)
		if err != nil {
			return fmt.Errorf("send a message again: %w", err)
		}
		if n == 0 {
			return errStale()
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	row, err := a.store.Reader().AlertDelivery.Get(ctx, in.DeliveryID)
	if err != nil {
		return nil, missingOr(err, "read a message")
	}
	return row, nil
}
