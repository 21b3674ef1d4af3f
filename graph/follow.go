package graph

import (
	"context"

	"github.com/spazio-in-comune/sportello/graph/model"
	"github.com/spazio-in-comune/sportello/graph/transport"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/stream"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// follow turns deliveries of the stream into updates of a subscription, each read
// anew through the viewer's scope. A nil update is left out: the object is gone,
// or no longer for this viewer. Where one execution serves many, those who join
// begin with a snapshot of their own.
func follow[T any](ctx context.Context, s *stream.Stream, req stream.Request, build func(context.Context, stream.Delivery) (*T, error)) (<-chan *T, error) {
	req.Newcomers = transport.Newcomers(ctx)
	sub, err := s.Follow(ctx, req)
	if err != nil {
		return nil, err
	}
	updates := make(chan *T)
	go func() {
		defer close(updates)
		defer sub.Close()
		for {
			delivery, err := sub.Next(ctx)
			if err != nil {
				transport.EndWithError(ctx, err)
				return
			}
			update, err := build(ctx, delivery)
			if err != nil && town.CodeOf(err) != town.NotFound {
				transport.EndWithError(ctx, err)
				return
			}
			if update == nil {
				continue
			}
			transport.Announce(ctx, delivery.Asked)
			select {
			case updates <- update:
				transport.Passed(ctx)
			case <-ctx.Done():
				return
			}
		}
	}()
	return updates, nil
}

// rights are those of the viewer in ctx, renewed at each delivery; still asks
// again for what the stream itself needs, and may be nil.
func (r *Resolver) rights(ctx context.Context, still func(*access.Viewer) error) stream.Rights {
	return stream.Rights{
		Refresh: func(context.Context) error {
			if err := r.Access.Renew(ctx); err != nil {
				return err
			}
			viewer, err := access.From(ctx)
			if err != nil || still == nil {
				return err
			}
			return still(viewer)
		},
		MaySee: func(e town.Event) bool { return access.MaySee(ctx, e) },
	}
}

// needs is the act without which a stream ends.
func needs(act access.Act, office string) func(*access.Viewer) error {
	return func(v *access.Viewer) error { return v.Require(act, office) }
}

// info is the fact of a delivery, nil on a snapshot.
func info(d stream.Delivery) *model.EventInfo {
	if d.Kind == stream.KindSnapshot {
		return nil
	}
	return &model.EventInfo{ID: d.Event.ID, Type: string(d.Event.Type), At: d.Event.At}
}

func kind(d stream.Delivery) model.UpdateKind { return model.UpdateKind(d.Kind) }

// require is for streams, which the rooms do not open themselves.
func require(ctx context.Context, act access.Act, office string) error {
	viewer, err := access.From(ctx)
	if err != nil {
		return err
	}
	return viewer.Require(act, office)
}
