package casework

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// verifyPage is how many cases are verified in one go.
const verifyPage = 200

// VerifyFilings compares what was filed in each case with the SHA-256 that its protocol
// number was given with, and tells of each case where they differ. It gives how many cases
// there were. What was erased has nothing to compare.
func VerifyFilings(ctx context.Context, s *store.Store, v *vault.Vault, tell func(protocol, what string)) (int, error) {
	ctx = access.System(ctx, "verify what was filed")
	total, last := 0, ""
	for {
		rows, err := s.Reader().CaseFile.Query().Where(casefile.IDGT(last), casefile.ErasedAtIsNil()).
			Order(ent.Asc(casefile.FieldID)).Limit(verifyPage).
			Select(casefile.FieldID, casefile.FieldProtocol, casefile.FieldAnswers, casefile.FieldContentHash).All(ctx)
		if err != nil {
			return total, fmt.Errorf("read what was filed: %w", err)
		}
		if len(rows) == 0 {
			return total, nil
		}
		for _, row := range rows {
			if what := verifyFiling(ctx, v, row); what != "" {
				tell(row.Protocol, what)
			}
		}
		total += len(rows)
		last = rows[len(rows)-1].ID
	}
}

// verifyFiling says what is wrong with one case; empty for nothing. A person who was
// forgotten took what they filed along.
func verifyFiling(ctx context.Context, v *vault.Vault, row *ent.CaseFile) string {
	opened, err := v.OpenAll(ctx, []vault.Sealed{{At: inCase(casefile.FieldAnswers, row.ID), Data: row.Answers}})
	if err != nil {
		return "what was filed does not open: it was changed or moved"
	}
	if opened[0] == nil && len(row.Answers) > 0 {
		return ""
	}
	if sum := sha256.Sum256(opened[0]); hex.EncodeToString(sum[:]) != row.ContentHash {
		return "what was filed is not what the protocol number was given for"
	}
	return ""
}
