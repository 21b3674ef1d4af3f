package access

import (
	"context"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Behind is whoever asks, also where the house works on their request (see [System]);
// nil where the house works of its own accord.
func Behind(ctx context.Context) *Viewer {
	h, ok := ctx.Value(viewerKey{}).(*holder)
	if !ok {
		return nil
	}
	if h.behind != nil {
		return h.behind
	}
	if v := h.current.Load(); v != nil && v.Kind != KindSystem {
		return v
	}
	return nil
}

// behalfOf is the person for whom the actor acts in the context; empty for one's own
// account, and for others than whoever asks.
func behalfOf(ctx context.Context, actor string) string {
	if v := Behind(ctx); v != nil && v.ID == actor {
		return v.OnBehalfOf()
	}
	return ""
}

// Sign records both people on a fact that comes of acting for another: the actor by whoever
// tells it, whom it was done for here, so that no room forgets. Facts are told by whoever
// asks, or by the house: without a viewer in the context there is none.
func Sign(ctx context.Context, e *town.Event) error {
	if _, err := From(ctx); err != nil {
		return because(err, "append to the log of events")
	}
	if e.OnBehalfOf == "" {
		e.OnBehalfOf = behalfOf(ctx, e.Actor)
	}
	return nil
}

// nameBoth does for every line of a history what [Sign] does for facts.
func nameBoth(ctx context.Context, m ent.Mutation) {
	if !m.Op().Is(ent.OpCreate) {
		return
	}
	line, isLine := m.(*ent.CaseEntryMutation)
	if !isLine {
		return
	}
	actor, _ := line.ActorID()
	if known, _ := line.OnBehalfOf(); known == "" {
		line.SetOnBehalfOf(behalfOf(ctx, actor))
	}
}
