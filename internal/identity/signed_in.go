package identity

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/identity/claims"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// SignedIn finds who has signed in at the town's issuer, in the caller's transaction, and
// returns the person's id. Staff are found by their login, and must have been entered
// before; everybody else is a citizen, found by the tax code or entered now, whose names
// are what the issuer says.
//
// Refusals: FORBIDDEN for somebody who is shut out; NOT_ALLOWED for somebody who is
// neither staff nor has a tax code.
func (p *People) SignedIn(ctx context.Context, tx *store.Tx, who claims.Claims) (string, error) {
	ctx = access.System(ctx, "identity.sign-in")
	row, err := p.known(ctx, tx.Client, who)
	if ent.IsNotFound(err) && who.TaxCode != "" {
		return p.enterSignedIn(ctx, tx, who)
	}
	if ent.IsNotFound(err) {
		return "", town.Errorf(town.NotAllowed,
			"The sign-in gives no Italian tax code, and you have not been entered as a member of staff. Ask the town's administrator.",
			"L'accesso non fornisce un codice fiscale italiano e non risulta registrato tra il personale. Rivolgersi all'amministratore del Comune.")
	}
	if err != nil {
		return "", err
	}
	if row.Disabled {
		return "", town.Errorf(town.Forbidden, "Your access has been disabled. Ask the town's administrator.",
			"Il suo accesso è stato disabilitato. Rivolgersi all'amministratore del Comune.")
	}
	if row.Kind == town.PersonCitizen {
		return row.ID, p.refresh(ctx, tx, row, who)
	}
	return row.ID, nil
}

// Known is the id of the person for whom the claims speak; NOT_FOUND if the town does not
// know them.
func (p *People) Known(ctx context.Context, who claims.Claims) (string, error) {
	row, err := p.known(access.System(ctx, "identity.known"), p.store.Reader(), who)
	if ent.IsNotFound(err) {
		return "", town.ErrNotFound()
	}
	if err != nil {
		return "", err
	}
	return row.ID, nil
}

// known looks among staff by login, then among citizens by tax code. The claims come from
// the one issuer of the town, to whom logins belong.
func (p *People) known(ctx context.Context, db *ent.Client, who claims.Claims) (*ent.Person, error) {
	if who.Login != "" {
		row, err := db.Person.Query().Where(person.Login(who.Login), person.Kind(town.PersonStaff)).Only(ctx)
		if !ent.IsNotFound(err) || who.TaxCode == "" {
			return row, wrap("find a member of staff", err)
		}
	}
	if who.TaxCode == "" {
		return nil, &ent.NotFoundError{}
	}
	return p.find(ctx, db, who.TaxCode)
}

// wrap says what was being done, where something went wrong.
func wrap(doing string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func (p *People) enterSignedIn(ctx context.Context, tx *store.Tx, who claims.Claims) (string, error) {
	data := personalOf(who)
	id, err := enter(ctx, tx, p.vault, loginPrefix+taxCodeKey(p.vault, data.TaxCode), data)
	if !ent.IsConstraintError(err) {
		return id, err
	}
	known, err := p.find(ctx, tx.Client, data.TaxCode) // somebody else was quicker
	if err != nil {
		return "", err
	}
	return known.ID, nil
}

// refresh writes what the issuer says of a citizen, who may have been entered at a desk or
// have changed since. What it leaves out stays.
func (p *People) refresh(ctx context.Context, tx *store.Tx, row *ent.Person, who claims.Claims) error {
	before, err := personalIn(ctx, tx, p.vault, row)
	if err != nil {
		return err
	}
	after := before
	said := personalOf(who)
	for _, field := range []struct{ to, from *string }{
		{&after.GivenName, &said.GivenName}, {&after.FamilyName, &said.FamilyName}, {&after.Email, &said.Email}, {&after.Phone, &said.Phone},
	} {
		if *field.from != "" {
			*field.to = *field.from
		}
	}
	if after == before {
		return nil
	}
	sealed, err := sealPersonal(ctx, tx, p.vault, row.ID, after)
	if err != nil {
		return err
	}
	return wrap("write what the issuer says of a citizen", tx.Person.UpdateOneID(row.ID).SetSealed(sealed).
		SetFamilyNameKey(familyNameKey(p.vault, after.FamilyName)).Exec(ctx))
}

func personalOf(who claims.Claims) Personal {
	return Personal{GivenName: who.GivenName, FamilyName: who.FamilyName, TaxCode: who.TaxCode, Email: who.Email, Phone: who.Phone}
}
