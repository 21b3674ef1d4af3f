package graph

import (
	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/graph/model"
	"github.com/spazio-in-comune/sportello/internal/identity"
	"github.com/spazio-in-comune/sportello/internal/town"
)

func memberConnection(page town.Page[*ent.Person]) *model.MemberConnection {
	return &model.MemberConnection{
		Edges: edges(page, func(p *ent.Person) *model.MemberEdge {
			return &model.MemberEdge{Cursor: town.Cursor(p.ID), Node: p}
		}),
		PageInfo: pageInfo(page, func(p *ent.Person) string { return p.ID }),
	}
}

func memberPayload(member *ent.Person, err error) (*model.MemberPayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &model.MemberPayload{UserErrors: mend, Member: member}, nil
}

func disabledPayload(person *ent.Person, err error) (*model.DisabledPayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	payload := &model.DisabledPayload{UserErrors: mend}
	if person != nil {
		payload.Disabled = &person.Disabled
	}
	return payload, nil
}

func credentialPayload(issued identity.IssuedCredential, err error) (*model.CredentialPayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &model.CredentialPayload{UserErrors: mend, Credential: issued.Credential, Secret: orNull(issued.Secret)}, nil
}

func mandatePayload(mandate *ent.Mandate, err error) (*model.MandatePayload, error) {
	mend, err := userErrors(err)
	if err != nil {
		return nil, err
	}
	return &model.MandatePayload{UserErrors: mend, Mandate: mandate}, nil
}
