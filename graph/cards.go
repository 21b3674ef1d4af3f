package graph

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/graph/model"
	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/internal/orientation"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// card renders the service card of a practice.
func (r *Resolver) card(ctx context.Context, p *model.Practice) (*sdk.ServiceCard, error) {
	updated, err := r.Catalogue.Published(ctx, p.Service.Compiled)
	if err != nil {
		return nil, err
	}
	card, ok := p.Service.Compiled.Card(p.ID, sdk.CardContext{
		Town: r.Town, Title: r.titleOf, Updated: updated.String(), Day: town.Today(r.Time.Now()),
	})
	if !ok {
		return nil, fmt.Errorf("render the card of %s: it is not in its own definition", p.ID)
	}
	card.Online.MinLoA = orZero(r.levelToFile(p.Service.Compiled.Definition().Service, p.Practice))
	return card, nil
}

// levelToFile is how surely a citizen must be known who files the request from home:
// what the department asks for and the town does. Null where it cannot be filed so.
func (r *Resolver) levelToFile(service string, p *sdk.Practice) *string {
	if !p.Online.Possible {
		return nil
	}
	return orNull(string(r.Access.Levels().ToFile(service, p.ID, town.Assurance(p.Online.MinLoA))))
}

// titleOf is the title of a practice of any department.
func (r *Resolver) titleOf(code string) (sdk.Text, bool) {
	for _, s := range r.Catalogue.Services() {
		if p, ok := s.Practice(code); ok {
			return p.Definition().Title, true
		}
	}
	return sdk.Text{}, false
}

// linked are the practices of a card that some department offers.
func (r *Resolver) linked(card *sdk.ServiceCard) []*model.Practice {
	list := []*model.Practice{}
	for _, code := range card.Linked {
		if p := r.practice(code); p != nil {
			list = append(list, p)
		}
	}
	return list
}

// civilDate reads a date of a definition; null for none.
func civilDate(text string) (*town.Date, error) {
	if text == "" {
		return nil, nil
	}
	day, err := calc.ParseDate(text)
	if err != nil {
		return nil, fmt.Errorf("read a date of a definition: %w", err)
	}
	return &day, nil
}

// ask puts a question to the information point.
func (r *Resolver) ask(question string, first *int) []*orientation.Hit {
	return pointers(r.Orientation.Ask(question, orZero(first)))
}

func (r *Resolver) toVerify(ctx context.Context, p *model.Practice) ([]*sdk.Text, error) {
	texts, err := r.Catalogue.ToVerify(ctx, p.Practice)
	if err != nil {
		return nil, err
	}
	return pointers(texts), nil
}

// hitService is the service of a hit as it is published now.
func (r *Resolver) hitService(hit *orientation.Hit) (*model.Service, error) {
	def := hit.Service.Definition()
	if s := r.service(def.Service); s != nil {
		return s, nil
	}
	hash, err := def.Hash()
	if err != nil {
		return nil, err
	}
	return r.describe(&catalogue.Service{Service: hit.Service, Hash: hash}), nil
}

func (r *Resolver) hitPractice(hit *orientation.Hit) (*model.Practice, error) {
	s, err := r.hitService(hit)
	if err != nil {
		return nil, err
	}
	if p := practiceOf(s, hit.Practice.ID); p != nil {
		return p, nil
	}
	return &model.Practice{Practice: hit.Practice, Service: s}, nil
}
