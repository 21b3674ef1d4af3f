package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/graph/model"
	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

func (r *Resolver) services() []*model.Service {
	published := r.Catalogue.Services()
	list := make([]*model.Service, len(published))
	for i, s := range published {
		list[i] = r.describe(s)
	}
	return list
}

func (r *Resolver) service(code string) *model.Service {
	s, ok := r.Catalogue.Service(code)
	if !ok {
		return nil
	}
	return r.describe(s)
}

func (r *Resolver) describe(s *catalogue.Service) *model.Service {
	def := s.Definition()
	return &model.Service{Definition: def, Compiled: s, State: pluginState(r.Catalogue.State(def.Service))}
}

func (r *Resolver) practice(code string) *model.Practice {
	for _, s := range r.Catalogue.Services() {
		if p := practiceOf(r.describe(s), code); p != nil {
			return p
		}
	}
	return nil
}

// serviceByHash is the definition that took a case in, which may be an older one.
func (r *Resolver) serviceByHash(ctx context.Context, hash string) (*model.Service, error) {
	s, err := r.Catalogue.ByHash(ctx, hash)
	if err != nil {
		return nil, err
	}
	return r.describe(s), nil
}

func (r *Resolver) practiceByHash(ctx context.Context, hash, code string) (*model.Practice, error) {
	s, err := r.serviceByHash(ctx, hash)
	if err != nil {
		return nil, err
	}
	if p := practiceOf(s, code); p != nil {
		return p, nil
	}
	return nil, fmt.Errorf("find practice %s in definition %s: it is not there", code, hash)
}

func practicesOf(s *model.Service) []*model.Practice {
	list := make([]*model.Practice, len(s.Definition.Practices))
	for i := range s.Definition.Practices {
		list[i] = &model.Practice{Practice: &s.Definition.Practices[i], Service: s}
	}
	return list
}

func practiceOf(s *model.Service, code string) *model.Practice {
	for _, p := range practicesOf(s) {
		if p.ID == code {
			return p
		}
	}
	return nil
}

// compiled is the practice with which answers are checked.
func compiled(form *model.Form) (*sdk.CompiledPractice, error) {
	p, ok := form.Practice.Service.Compiled.Practice(form.Practice.ID)
	if !ok {
		return nil, fmt.Errorf("find the compiled practice %s: it is not there", form.Practice.ID)
	}
	return p, nil
}

func formFields(form *model.Form) ([]*sdk.Field, error) {
	p, err := compiled(form)
	if err != nil {
		return nil, err
	}
	return pointers(p.Fields()), nil
}

func formSchema(form *model.Form, language string, derive func(*sdk.CompiledPractice, string) (json.RawMessage, error)) (json.RawMessage, error) {
	if language != "it" && language != "en" {
		return nil, town.Errorf(town.BadUserInput, "Labels are in it or en.", "Le etichette sono in it o en.")
	}
	p, err := compiled(form)
	if err != nil {
		return nil, err
	}
	schema, err := derive(p, language)
	if err != nil {
		return nil, fmt.Errorf("derive the schema of %s: %w", form.Practice.ID, err)
	}
	return schema, nil
}

// pluginState is the API's word for a state.
func pluginState(state catalogue.State) model.PluginState {
	return model.PluginState(strings.ToUpper(string(state)))
}

// pluginStanding is the API's word for a standing.
func pluginStanding(standing catalogue.Standing) model.PluginStanding {
	return model.PluginStanding(strings.ToUpper(string(standing)))
}

// cents are the minor units of an amount; nil for a local tariff or a formula.
func cents(amount string) (*int, error) {
	if amount == "" {
		return nil, nil
	}
	value, err := decimal.NewFromString(amount)
	if err != nil {
		return nil, fmt.Errorf("read the amount %q: %w", amount, err)
	}
	minor := int(value.Shift(2).IntPart())
	return &minor, nil
}

func keyValues(set map[string]string) []*model.KeyValue {
	list := make([]*model.KeyValue, 0, len(set))
	for _, key := range slices.Sorted(maps.Keys(set)) {
		list = append(list, &model.KeyValue{Key: key, Value: set[key]})
	}
	return list
}

// seriesOf lists a site's own letters; those of services are the services' own.
func seriesOf(site *ent.Site) []*model.Series {
	list := make([]*model.Series, 0, len(site.Series))
	for _, letter := range slices.Sorted(maps.Keys(site.Series)) {
		list = append(list, &model.Series{Letter: letter, Target: site.Series[letter]})
	}
	return list
}
