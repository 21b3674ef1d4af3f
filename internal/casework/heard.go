package casework

import (
	"context"
	"fmt"
	"slices"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/caseentry"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// HeardGroups are the groups of events that [Cases.Heard] wants.
func HeardGroups() []string { return []string{"feedback", "escalation"} }

// Heard writes on a case what the citizen said of it: each word and each step of the
// ladder is a line of its history, and raises or clears a flag. It is a consumer of
// events: it runs once per event, in the transaction that keeps its place.
func (c *Cases) Heard(ctx context.Context, tx *store.Tx, e town.Event) error {
	l, flags := heard(e)
	if e.CaseID == "" || l.kind == "" {
		return nil
	}
	ctx = access.System(ctx, "casework.heard")
	if err := tx.CaseFile.Update().Where(casefile.ID(e.CaseID)).AddVersion(1).SetUpdatedAt(tx.Now).Exec(ctx); err != nil {
		return fmt.Errorf("take the case: %w", err)
	}
	file, err := tx.CaseFile.Get(ctx, e.CaseID)
	if ent.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the case: %w", err)
	}
	if changed := flags(file.Flags); !slices.Equal(changed, file.Flags) {
		if err := tx.CaseFile.UpdateOneID(file.ID).SetFlags(changed).Exec(ctx); err != nil {
			return fmt.Errorf("flag the case: %w", err)
		}
	}
	l.actor, l.behalf, l.from, l.to = e.Actor, e.OnBehalfOf, file.Phase, file.Phase
	return c.addLine(ctx, tx, file, l)
}

// The kinds of line that a rating leaves: of the case itself, which happens once, or
// of a contact on the way.
const (
	kindRated        = "rated"
	kindContactRated = "contact_rated"
)

func ratedKind(e town.Event) string {
	if e.EscalationID == "" && e.LegID == "" {
		return kindRated
	}
	return kindContactRated
}

// ratedCases are those of the cases that were rated themselves.
func ratedCases(ctx context.Context, client *ent.Client, ids []string) (map[string]bool, error) {
	rows, err := client.CaseEntry.Query().Where(caseentry.CaseIDIn(ids...), caseentry.Kind(kindRated)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("look for ratings of %d cases: %w", len(ids), err)
	}
	rated := make(map[string]bool, len(rows))
	for _, row := range rows {
		rated[row.CaseID] = true
	}
	return rated, nil
}

// heard is the line of a fact, and what it does to the flags; no line for facts that
// say nothing of the case.
func heard(e town.Event) (line, func([]string) []string) {
	same := func(flags []string) []string { return flags }
	step := map[string]string{"escalation": e.EscalationID, "step": e.Data["step"]}
	switch e.Type {
	case town.EventFeedbackGiven:
		return line{kind: ratedKind(e), data: map[string]string{"feedback": e.FeedbackID}}, same
	case town.EventEscalationOffer:
		return line{kind: "escalation_offered", internal: true, data: step},
			func(flags []string) []string { return withFlag(flags, flagUnsatisfied) }
	case town.EventEscalationRaised:
		return line{kind: "escalated", data: step},
			func(flags []string) []string { return withFlag(flags, flagEscalated) }
	case town.EventEscalationClosed:
		return line{kind: "escalation_closed", data: step},
			func(flags []string) []string { return withoutFlag(flags, flagEscalated) }
	default:
		return line{}, same
	}
}
