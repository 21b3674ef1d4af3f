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
	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// Filing is one stored request as it was decided: enough to decide it again. It
// holds what a citizen answered, and is for the house's own work alone.
type Filing struct {
	town.Private

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

// Filings gives the stored requests of a service, oldest first, without those that were erased. It reads only. After
// an error it ends.
func Filings(ctx context.Context, s *store.Store, v *vault.Vault, service string) iter.Seq2[Filing, error] {
	ctx = access.System(ctx, systemFilings)
	return func(yield func(Filing, error) bool) {
		for last := ""; ; {
			files, err := s.Reader().CaseFile.Query().Where(casefile.ServiceID(service), casefile.IDGT(last)).
				Order(ent.Asc(casefile.FieldID)).Limit(filingBatch).All(ctx)
			if err != nil {
				yield(Filing{}, fmt.Errorf("read the requests of %s: %w", service, err))
				return
			}
			filings, err := filingsOf(ctx, v, files)
			if err != nil {
				yield(Filing{}, err)
				return
			}
			for _, filing := range filings {
				if !yield(filing, nil) {
					return
				}
			}
			if len(files) < filingBatch {
				return
			}
			last = files[len(files)-1].ID
		}
	}
}

func filingsOf(ctx context.Context, v *vault.Vault, files []*ent.CaseFile) ([]Filing, error) {
	decided, err := openValues[keptDecision](ctx, v, files, casefile.FieldDecision, decisionOf)
	if err != nil {
		return nil, err
	}
	answers, err := openValues[map[string]json.RawMessage](ctx, v, files, casefile.FieldAnswers, answersOf)
	if err != nil {
		return nil, err
	}
	var filings []Filing
	for _, file := range files {
		if _, kept := answers[file]; !kept {
			continue
		}
		filings = append(filings, Filing{
			Protocol: file.Protocol, Practice: file.PracticeID, At: file.FiledAt,
			Answers: answers[file], Facts: decided[file].Facts,
		})
	}
	return filings, nil
}
