package access

import (
	"context"

	"github.com/spazio-in-comune/sportello/ent"
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

// nameBoth records both people on every fact and every line of a history that comes of
// acting for another: the actor by whoever writes it, whom it was done for here, so that
// no room forgets.
func nameBoth(ctx context.Context, m ent.Mutation) {
	if !m.Op().Is(ent.OpCreate) {
		return
	}
	switch m := m.(type) {
	case *ent.EventMutation:
		actor, _ := m.Actor()
		if known, _ := m.OnBehalfOf(); known == "" {
			m.SetOnBehalfOf(behalfOf(ctx, actor))
		}
	case *ent.CaseEntryMutation:
		actor, _ := m.ActorID()
		if known, _ := m.OnBehalfOf(); known == "" {
			m.SetOnBehalfOf(behalfOf(ctx, actor))
		}
	}
}
