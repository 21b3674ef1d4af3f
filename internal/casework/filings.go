package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
)

// Filing is one stored request as it was decided: enough to decide it again. It
// holds what a citizen answered, and is for the house's own work alone.
type Filing struct {
	// Protocol names it to a person.
	Protocol string
	Practice string
	Answers  map[string]json.RawMessage
	At       time.Time
	// Facts are the ambient values known then; nil for what was filed by a program
	// that did not keep them.
	Facts map[string]json.RawMessage
}

// systemFilings names the reading of stored requests in the audit.
const systemFilings = "replay of stored requests"

// CountFilings counts the stored requests of a service.
func CountFilings(ctx context.Context, s *store.Store, service string) (int, error) {
	n, err := s.Reader().CaseFile.Query().Where(casefile.ServiceID(service)).Count(access.System(ctx, systemFilings))
	if err != nil {
		return 0, fmt.Errorf("count the requests of %s: %w", service, err)
	}
	return n, nil
}

// filingBatch is how many rows are read at a time.
const filingBatch = 200

// Filings gives the stored requests of a service, oldest first. It reads only. After
// an error it ends.
func Filings(ctx context.Context, s *store.Store, codec Codec, service string) iter.Seq2[Filing, error] {
	ctx = access.System(ctx, systemFilings)
	return func(yield func(Filing, error) bool) {
		for last := ""; ; {
			files, err := s.Reader().CaseFile.Query().Where(casefile.ServiceID(service), casefile.IDGT(last)).
				Order(ent.Asc(casefile.FieldID)).Limit(filingBatch).All(ctx)
			if err != nil {
				yield(Filing{}, fmt.Errorf("read the requests of %s: %w", service, err))
				return
			}
			for _, file := range files {
				last = file.ID
				filing, err := filingOf(codec, file)
				if !yield(filing, err) || err != nil {
					return
				}
			}
			if len(files) < filingBatch {
				return
			}
		}
	}
}

func filingOf(codec Codec, file *ent.CaseFile) (Filing, error) {
	filing := Filing{Protocol: file.Protocol, Practice: file.PracticeID, At: file.FiledAt}
	var decided keptDecision
	if err := unseal(codec, file.Decision, &decided); err != nil {
		return Filing{}, fmt.Errorf("decision of %s: %w", file.Protocol, err)
	}
	if err := unseal(codec, file.Answers, &filing.Answers); err != nil {
		return Filing{}, fmt.Errorf("answers of %s: %w", file.Protocol, err)
	}
	filing.Facts = decided.Facts
	return filing, nil
}
