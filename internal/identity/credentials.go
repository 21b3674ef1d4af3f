package identity

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/credential"
	"github.com/spazio-in-comune/sportello/ent/site"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// maxGrace bounds how long a replaced token goes on.
const maxGrace = time.Hour

// Credentials keeps the long-lived tokens of devices and services: who has which, from
// when until when. A token's secret is shown once; only its hash is stored. All dates
// follow real time. Every change needs role:grant everywhere.
type Credentials struct {
	store     *store.Store
	authority *access.Authority
	now       func() time.Time
}

// NewCredentials makes the keeper of tokens.
func NewCredentials(s *store.Store, authority *access.Authority) *Credentials {
	return &Credentials{store: s, authority: authority, now: time.Now}
}

// IssuedCredential is a token as it was made.
type IssuedCredential struct {
	Credential *ent.Credential
	// Secret is the bearer token itself; empty where an earlier identical request was
	// already answered with it: it is shown once.
	Secret string
}

// IssueCredentialInput gives a device or service a token.
type IssueCredentialInput struct {
	IdempotencyKey string
	PersonID       string
	// SiteID is where a device stands; devices need it, services have none.
	SiteID *string
	// Label says which one it is, such as "kiosk at the entrance".
	Label *string
	// ExpiresAt is when it ends; nil is never.
	ExpiresAt *time.Time
}

// Issue makes a token for a device, at one site, or for a service.
//
// Refusals: INVALID for a person who is neither, an unknown site, a site for a service, an
// end in the past, a long label; REQUIRED for a device without a site;
// PRECONDITION_FAILED for who is disabled.
func (c *Credentials) Issue(ctx context.Context, in IssueCredentialInput) (IssuedCredential, error) {
	return c.change(ctx, "issueCredential", in.IdempotencyKey, in, func(ctx context.Context, tx *store.Tx, by *access.Viewer) (string, string, error) {
		prefix, err := c.checkIssue(ctx, tx, in)
		if err != nil {
			return "", "", err
		}
		secret := newSecret(prefix)
		id := town.NewID(town.PrefixCredential, tx.Now)
		create := tx.Credential.Create().SetID(id).SetSecretHash(hashSecret(secret)).SetPersonID(in.PersonID).
			SetCreatedAt(c.now()).SetCreatedBy(by.ID).SetNillableExpiresAt(in.ExpiresAt)
		if in.SiteID != nil {
			create.SetSiteID(*in.SiteID)
		}
		if in.Label != nil {
			create.SetLabel(strings.TrimSpace(*in.Label))
		}
		if err := create.Exec(ctx); err != nil {
			return "", "", fmt.Errorf("store a token: %w", err)
		}
		return id, secret, nil
	})
}

func (c *Credentials) checkIssue(ctx context.Context, tx *store.Tx, in IssueCredentialInput) (prefix string, err error) {
	house := access.System(ctx, "identity.issue-credential")
	p, err := tx.Person.Get(ctx, in.PersonID) // whom one does not see is missing
	if ent.IsNotFound(err) {
		return "", errNoPerson("personId")
	}
	if err != nil {
		return "", fmt.Errorf("look for who is to have the token: %w", err)
	}
	switch {
	case p.Disabled:
		return "", town.Errorf(town.PreconditionFailed, "It is disabled.", "È disabilitato.").At("input", "personId")
	case in.ExpiresAt != nil && !in.ExpiresAt.After(c.now()):
		return "", town.Errorf(town.Invalid, "A token ends in the future.", "Il token deve scadere nel futuro.").At("input", "expiresAt")
	case in.Label != nil && utf8.RuneCountInString(*in.Label) > maxLabel:
		return "", town.Errorf(town.Invalid, "At most 120 characters.", "Al massimo 120 caratteri.").At("input", "label")
	}
	switch p.Kind {
	case town.PersonDevice:
		return devicePrefix, checkSite(house, tx, in.SiteID)
	case town.PersonService:
		if in.SiteID != nil {
			return "", town.Errorf(town.Invalid, "A service has no site.", "Un servizio non ha una sede.").At("input", "siteId")
		}
		return servicePrefix, nil
	default:
		return "", town.Errorf(town.Invalid, "Tokens are for devices and services; people sign in.",
			"I token sono per dispositivi e servizi; le persone accedono con la propria identità.").At("input", "personId")
	}
}

func checkSite(house context.Context, tx *store.Tx, id *string) error {
	if id == nil {
		return town.Errorf(town.Required, "Say where the device stands.", "Indicare la sede del dispositivo.").At("input", "siteId")
	}
	known, err := tx.Site.Query().Where(site.ID(*id)).Exist(house)
	if err != nil {
		return fmt.Errorf("look for the site: %w", err)
	}
	if !known {
		return town.Errorf(town.Invalid, "There is no such site.", "La sede non esiste.").At("input", "siteId")
	}
	return nil
}

// RotateCredentialInput replaces a token.
type RotateCredentialInput struct {
	IdempotencyKey string
	CredentialID   string
	// GraceMinutes is how long the old token goes on, 0 to 60; nil is 0.
	GraceMinutes *int
}

// Rotate gives the same device or service, at the same site and until the same day, a
// token with a new secret. The old one ends at once, on live streams too, or after the
// grace. Refusals: INVALID for the grace and for an unknown token, PRECONDITION_FAILED
// for one that has ended.
func (c *Credentials) Rotate(ctx context.Context, in RotateCredentialInput) (IssuedCredential, error) {
	return c.change(ctx, "rotateCredential", in.IdempotencyKey, in, func(ctx context.Context, tx *store.Tx, by *access.Viewer) (string, string, error) {
		grace := time.Duration(0)
		if in.GraceMinutes != nil {
			grace = time.Duration(*in.GraceMinutes) * time.Minute
		}
		if grace < 0 || grace > maxGrace {
			return "", "", town.Errorf(town.Invalid, "From 0 to 60 minutes.", "Da 0 a 60 minuti.").At("input", "graceMinutes")
		}
		old, err := c.valid(ctx, tx, in.CredentialID)
		if err != nil {
			return "", "", err
		}
		prefix := servicePrefix
		if old.SiteID != "" {
			prefix = devicePrefix
		}
		secret := newSecret(prefix)
		id := town.NewID(town.PrefixCredential, tx.Now)
		err = tx.Credential.Create().SetID(id).SetSecretHash(hashSecret(secret)).SetPersonID(old.PersonID).SetSiteID(old.SiteID).
			SetLabel(old.Label).SetCreatedAt(c.now()).SetCreatedBy(by.ID).SetNillableExpiresAt(old.ExpiresAt).SetReplacesID(old.ID).Exec(ctx)
		if err != nil {
			return "", "", fmt.Errorf("store a token: %w", err)
		}
		return id, secret, c.end(ctx, tx, by, old, grace)
	})
}

// RevokeCredentialInput ends a token.
type RevokeCredentialInput struct {
	IdempotencyKey string
	CredentialID   string
}

// Revoke ends a token at once, on live streams too. Refusals: INVALID for an unknown
// token, PRECONDITION_FAILED for one that has ended.
func (c *Credentials) Revoke(ctx context.Context, in RevokeCredentialInput) (*ent.Credential, error) {
	done, err := c.change(ctx, "revokeCredential", in.IdempotencyKey, in, func(ctx context.Context, tx *store.Tx, by *access.Viewer) (string, string, error) {
		old, err := c.valid(ctx, tx, in.CredentialID)
		if err != nil {
			return "", "", err
		}
		return old.ID, "", c.end(ctx, tx, by, old, 0)
	})
	return done.Credential, err
}

// Of are the tokens of a device or service, those that have ended too, newest first. It
// needs role:grant everywhere.
func (c *Credentials) Of(ctx context.Context, personID string) ([]*ent.Credential, error) {
	if _, err := granter(ctx); err != nil {
		return nil, err
	}
	rows, err := c.store.Reader().Credential.Query().Where(credential.PersonID(personID)).
		Order(ent.Desc(credential.FieldID)).Limit(maxCredentials).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the tokens: %w", err)
	}
	return rows, nil
}

// maxCredentials bounds the list of the tokens of one device: the newest count.
const maxCredentials = 200

// valid is a token that has not ended.
func (c *Credentials) valid(ctx context.Context, tx *store.Tx, id string) (*ent.Credential, error) {
	row, err := tx.Credential.Get(ctx, id)
	if ent.IsNotFound(err) {
		return nil, town.Errorf(town.Invalid, "There is no such token.", "Il token non esiste.").At("input", "credentialId")
	}
	if err != nil {
		return nil, fmt.Errorf("look for the token: %w", err)
	}
	if row.RevokedAt != nil || row.ExpiresAt != nil && !c.now().Before(*row.ExpiresAt) {
		return nil, town.Errorf(town.PreconditionFailed, "This token has ended.", "Il token non è più valido.").At("input", "credentialId")
	}
	return row, nil
}

// end ends a token now, or at the end of a grace if it does not end before.
func (c *Credentials) end(ctx context.Context, tx *store.Tx, by *access.Viewer, old *ent.Credential, grace time.Duration) error {
	now := c.now()
	update := tx.Credential.UpdateOneID(old.ID)
	if until := now.Add(grace); grace == 0 {
		update.SetRevokedAt(now).SetRevokedBy(by.ID)
	} else if old.ExpiresAt == nil || until.Before(*old.ExpiresAt) {
		update.SetExpiresAt(until)
	}
	if err := update.Exec(ctx); err != nil {
		return fmt.Errorf("end a token: %w", err)
	}
	tx.Emit(town.Event{
		Type: town.EventCredentialOff, SiteID: old.SiteID, Parties: []string{old.PersonID}, Actor: by.ID,
		Data: map[string]string{town.DataSignIn: old.ID},
	})
	return nil
}

// change runs a change once and takes the new snapshot before it answers. The unit gives
// the id of the token, and its secret where it made one.
func (c *Credentials) change(ctx context.Context, mutation, key string, in any, unit func(context.Context, *store.Tx, *access.Viewer) (id, secret string, err error)) (IssuedCredential, error) {
	v, err := granter(ctx)
	if err != nil {
		return IssuedCredential{}, err
	}
	var secret string
	once := store.Once{Actor: v.ID, Mutation: mutation, Key: key, Input: in}
	id, replayed, err := c.store.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (id string, err error) {
		if id, secret, err = unit(ctx, tx, v); err != nil {
			return "", err
		}
		return id, access.RolesChanged(ctx, tx)
	})
	if err != nil {
		return IssuedCredential{}, err
	}
	if replayed {
		secret = ""
	}
	if err := c.authority.Reload(ctx); err != nil {
		return IssuedCredential{}, err
	}
	row, err := c.store.Reader().Credential.Get(ctx, id)
	if err != nil {
		return IssuedCredential{}, fmt.Errorf("read the token: %w", err)
	}
	return IssuedCredential{Credential: row, Secret: secret}, nil
}
