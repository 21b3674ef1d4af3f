package casework

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework/life"
	"github.com/spazio-in-comune/sportello/internal/store"
)

// A department may run in several versions side by side. New requests go to the
// version that is current; a request whose form was fetched from another one that
// still serves, and a case that was taken in by it, go to that one.

// offered is the practice as its form was fetched: hash names the definition, nil
// stands for the one that is offered now.
func (c *Cases) offered(ctx context.Context, practice string, hash *string) (Offer, error) {
	now, ok := c.departments.Practice(practice)
	if ok && (hash == nil || *hash == now.Hash) {
		return now, nil
	}
	if hash == nil {
		return Offer{}, errNoPractice()
	}
	if !c.departments.Serves(*hash) {
		if !ok {
			return Offer{}, errNoPractice()
		}
		return Offer{}, errOldForm()
	}
	return c.pinned(ctx, *hash, practice)
}

// pinned is a practice in a definition that was published once.
func (c *Cases) pinned(ctx context.Context, hash, practice string) (Offer, error) {
	service, err := c.departments.ByHash(ctx, hash)
	if err != nil {
		return Offer{}, fmt.Errorf("read the definition %s: %w", hash, err)
	}
	compiled, ok := service.Practice(practice)
	if !ok {
		return Offer{}, errNoPractice()
	}
	return Offer{Service: service, Practice: compiled, Hash: hash}, nil
}

// reviewers are the versions that can review a case that was taken in without its
// department: the one that it is pinned to, then the current one.
func (c *Cases) reviewers(ctx context.Context, file *ent.CaseFile) ([]Offer, error) {
	var offers []Offer
	if c.departments.Serves(file.DefinitionHash) {
		own, err := c.pinned(ctx, file.DefinitionHash, file.PracticeID)
		if err != nil {
			return nil, err
		}
		offers = append(offers, own)
	}
	if now, ok := c.departments.Practice(file.PracticeID); ok && (len(offers) == 0 || now.Hash != file.DefinitionHash) {
		offers = append(offers, now)
	}
	return offers, nil
}

// CountOpen counts the open cases that are pinned to each of these definitions; one
// without any is left out. It is the house's own work: whoever asks sees numbers only.
func CountOpen(ctx context.Context, s *store.Store, hashes []string) (map[string]int, error) {
	var rows []struct {
		DefinitionHash string `json:"definition_hash"`
		Count          int    `json:"count"`
	}
	err := s.Reader().CaseFile.Query().
		Where(casefile.DefinitionHashIn(hashes...), casefile.PhaseIn(life.OpenPhases()...)).
		GroupBy(casefile.FieldDefinitionHash).Aggregate(ent.Count()).
		Scan(access.System(ctx, "count the cases of a version"), &rows)
	if err != nil {
		return nil, fmt.Errorf("count the open cases of a version: %w", err)
	}
	counts := make(map[string]int, len(rows))
	for _, row := range rows {
		counts[row.DefinitionHash] = row.Count
	}
	return counts, nil
}
