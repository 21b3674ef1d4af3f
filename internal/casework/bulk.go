package casework

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// maxBulk bounds the cases of one request, maxBulkKey its key: what each is done under
// is made of it.
const (
	maxBulk    = 100
	maxBulkKey = 150
)

// BulkErrors says what happens to the rest when one of many fails.
type BulkErrors string

// The policies.
const (
	BulkContinue BulkErrors = "CONTINUE"
	BulkStop     BulkErrors = "STOP"
)

// BulkCaseItem is one of many cases, as it was read.
type BulkCaseItem struct {
	CaseID          string
	ExpectedVersion int
}

// AssignCasesInput names the officer who becomes responsible for many cases.
type AssignCasesInput struct {
	town.Private

	IdempotencyKey string
	Items          []*BulkCaseItem
	PersonID       string
	Reason         *string
	OnError        BulkErrors
}

// TakeCasesInput takes many cases in charge.
type TakeCasesInput struct {
	IdempotencyKey string
	Items          []*BulkCaseItem
	OnError        BulkErrors
}

// BulkResult is what became of one of many cases.
type BulkResult struct {
	CaseID     string
	UserErrors town.Problems
	// Case is nil unless it was done.
	Case *ent.CaseFile
	// Skipped: one before failed, and the rest was left.
	Skipped bool
}

// AssignCases is [Cases.AssignCase] for up to 100 cases, each in a transaction of its
// own. A case that is not there, or hidden, is a result like any other refusal.
func (c *Cases) AssignCases(ctx context.Context, in AssignCasesInput) ([]*BulkResult, error) {
	return each(in.IdempotencyKey, in.Items, in.OnError, func(item *BulkCaseItem, key string) (*ent.CaseFile, error) {
		return c.AssignCase(ctx, AssignCaseInput{
			IdempotencyKey: key, CaseID: item.CaseID, ExpectedVersion: item.ExpectedVersion, PersonID: in.PersonID, Reason: in.Reason,
		})
	})
}

// TakeCasesInCharge is [Cases.TakeCaseInCharge] for up to 100 cases, each in a
// transaction of its own.
func (c *Cases) TakeCasesInCharge(ctx context.Context, in TakeCasesInput) ([]*BulkResult, error) {
	return each(in.IdempotencyKey, in.Items, in.OnError, func(item *BulkCaseItem, key string) (*ent.CaseFile, error) {
		return c.takeInCharge(ctx, CaseInput{CaseID: item.CaseID, ExpectedVersion: item.ExpectedVersion}, key)
	})
}

// each does one thing to each case, under a key that is made of the one for all.
func each(key string, items []*BulkCaseItem, onError BulkErrors, do func(*BulkCaseItem, string) (*ent.CaseFile, error)) ([]*BulkResult, error) {
	if err := checkBulk(key, items); err != nil {
		return nil, err
	}
	results := make([]*BulkResult, len(items))
	failed := false
	for i, item := range items {
		results[i] = &BulkResult{CaseID: item.CaseID}
		if failed && onError == BulkStop {
			results[i].Skipped = true
			continue
		}
		file, err := do(item, key+"/"+item.CaseID)
		problems, mendable := problemsOf(err)
		switch {
		case err == nil:
			results[i].Case = file
			continue
		case mendable:
			results[i].UserErrors = problems
		case town.CodeOf(err) == town.NotFound:
			results[i].UserErrors = town.Problems{town.Errorf(town.Invalid, "There is no such case.", "Pratica inesistente.").At("input", "items", fmt.Sprint(i), "caseId")}
		default:
			return nil, err
		}
		failed = true
	}
	return results, nil
}

func checkBulk(key string, items []*BulkCaseItem) error {
	if len(key) == 0 || len(key) > maxBulkKey {
		return town.Errorf(town.Invalid, "idempotencyKey needs 1 to 150 characters.", "idempotencyKey richiede da 1 a 150 caratteri.").At("input", "idempotencyKey")
	}
	if len(items) == 0 || len(items) > maxBulk {
		return town.Errorf(town.Invalid, "Name 1 to 100 cases.", "Indicare da 1 a 100 pratiche.").At("input", "items")
	}
	seen := map[string]bool{}
	for _, item := range items {
		if seen[item.CaseID] {
			return town.Errorf(town.Invalid, "Name each case once.", "Indicare ogni pratica una sola volta.").At("input", "items")
		}
		seen[item.CaseID] = true
	}
	return nil
}
