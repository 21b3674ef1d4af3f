package graph

import (
	"context"
	"fmt"
	"strings"

	"github.com/spazio-in-comune/sportello/graph/model"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/results"
	"github.com/spazio-in-comune/sportello/internal/stream"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// followResults hands out the figures once what has happened is counted in them. Those who
// answer for the same offices and ask the same share one reading.
func (r *Resolver) followResults(ctx context.Context, filter results.Filter, after *string) (<-chan *model.ResultsUpdate, error) {
	if _, err := r.Tallies.Results(ctx, filter); err != nil {
		return nil, err
	}
	office := ""
	if filter.Office != nil {
		office = *filter.Office
	}
	rights := r.rights(ctx, needs(access.ResultsRead, office))
	rights.MaySee = func(e town.Event) bool { return filter.Concerns(ctx, e) }
	req := stream.Request{Filter: stream.Filter{Groups: results.Groups()}, After: after, Mode: stream.Latest, Rights: rights}
	return follow(ctx, r.Stream, req, func(ctx context.Context, d stream.Delivery) (*model.ResultsUpdate, error) {
		if err := r.Tallies.Await(ctx, d.Seq); err != nil {
			return nil, err
		}
		question, err := questionOf(ctx, filter)
		if err != nil {
			return nil, err
		}
		now, err := r.readFigures.after(ctx, question, d.Cursor, func(ctx context.Context, _ string) (*results.Answer, error) {
			return r.Tallies.Results(ctx, filter)
		})
		if err != nil {
			return nil, err
		}
		return &model.ResultsUpdate{Kind: kind(d), Cursor: d.Cursor, Results: now}, nil
	})
}

// questionOf names what is asked for and by whom as far as it matters: which offices they
// answer for.
func questionOf(ctx context.Context, f results.Filter) (string, error) {
	viewer, err := access.From(ctx)
	if err != nil {
		return "", err
	}
	offices := viewer.Scope.Offices(access.ResultsRead)
	part := func(p *string) string {
		if p == nil {
			return "*"
		}
		return *p
	}
	by, level := "", ""
	if f.By != nil {
		by = string(*f.By)
	}
	if f.Level != nil {
		level = fmt.Sprint(int(*f.Level))
	}
	return fmt.Sprintf("%v %q | %s %s %s | %q %q %s", offices.All, strings.Join(offices.Offices, " "), f.From, f.To, by, part(f.Office), part(f.Service), level), nil
}
