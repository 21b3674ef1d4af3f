package voice

import (
	"context"
	"fmt"
	"net/mail"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/contactchoice"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// maxAddress bounds a mail address, in bytes (RFC 5321).
const maxAddress = 254

// Contacted is how somebody wishes to be told of their steps.
type Contacted struct {
	town.Private

	Channel town.ContactChannel
	// Address is the mailbox; nil for IN_APP.
	Address *string
}

func choiceAt(person string) vault.Place {
	return vault.Place{Table: contactchoice.Table, Column: contactchoice.FieldAddress, Row: person}
}

// ContactChoice is how the viewer wishes to be told: in the personal area unless they
// chose otherwise.
func (v *Voice) ContactChoice(ctx context.Context) (*Contacted, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	row, err := v.store.Reader().ContactChoice.Get(ctx, viewer.ID)
	if ent.IsNotFound(err) {
		return &Contacted{Channel: town.ContactInApp}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read how somebody is told: %w", err)
	}
	address, err := v.addressOf(ctx, row)
	return &Contacted{Channel: row.Channel, Address: address}, err
}

// addressOf is the mailbox of a choice; nil where there is none, or its key was destroyed.
func (v *Voice) addressOf(ctx context.Context, row *ent.ContactChoice) (*string, error) {
	texts, err := vault.Texts(ctx, v.vault, []*ent.ContactChoice{row}, func(r *ent.ContactChoice) vault.Sealed {
		return vault.Sealed{At: choiceAt(r.ID), Data: r.Address}
	})
	if err != nil {
		return nil, fmt.Errorf("open the address: %w", err)
	}
	return texts[row], nil
}

// ChooseContact says how the viewer wishes to be told of their own steps: in the personal
// area, or by mail besides. The address is sealed with their key.
func (v *Voice) ChooseContact(ctx context.Context, in ChooseContactInput) (*Contacted, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	if viewer.Kind != access.KindPerson {
		return nil, town.Errorf(town.NotAllowed, "Only a person who has signed in can choose.", "Può scegliere solo una persona che ha fatto l'accesso.")
	}
	address, err := mailbox(in)
	if err != nil {
		return nil, err
	}
	once := store.Once{Actor: viewer.ID, For: viewer.OnBehalfOf(), Mutation: "chooseContact", Key: in.IdempotencyKey, Input: in}
	_, _, err = v.store.Once(ctx, once, func(ctx context.Context, tx *store.Tx) (string, error) {
		return viewer.ID, v.chooseContact(ctx, tx, viewer.ID, in.Channel, address)
	})
	if err != nil {
		return nil, err
	}
	return v.ContactChoice(ctx)
}

func (v *Voice) chooseContact(ctx context.Context, tx *store.Tx, person string, channel town.ContactChannel, address string) error {
	sealed, err := v.vault.SealText(ctx, tx, person, choiceAt(person), address)
	if err != nil {
		return err
	}
	n, err := tx.ContactChoice.Update().Where(contactchoice.ID(person)).SetChannel(channel).SetAddress(sealed).SetUpdatedAt(tx.Now).Save(ctx)
	if err == nil && n == 0 {
		err = tx.ContactChoice.Create().SetID(person).SetChannel(channel).SetAddress(sealed).SetUpdatedAt(tx.Now).Exec(ctx)
	}
	if err != nil {
		return fmt.Errorf("store how somebody is told: %w", err)
	}
	tx.Emit(town.Event{Type: town.EventContactChosen, Parties: []string{person}, Actor: person, Data: map[string]string{"channel": string(channel)}})
	return nil
}

// mailbox is the address that was given, empty for the personal area.
func mailbox(in ChooseContactInput) (string, error) {
	switch in.Channel {
	case town.ContactInApp:
		return "", nil
	case town.ContactEmail:
	default:
		return "", errNoSuch("channel")
	}
	text := given(in.Address)
	if text == "" {
		return "", errRequired("address", "Please give a mail address.", "Indicare un indirizzo e-mail.")
	}
	parsed, err := mail.ParseAddress(text)
	if err != nil || parsed.Address != text || len(text) > maxAddress {
		return "", town.Errorf(town.Invalid, "This is no mail address.", "Non è un indirizzo e-mail.").At("input", "address")
	}
	return text, nil
}
