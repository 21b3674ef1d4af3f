package simulate

import (
	"context"
	"fmt"

	"github.com/spazio-in-comune/sportello/internal/access"
)

// check compares what the year left with what must hold.
func (y *year) check() error {
	ctx := access.System(y.ctx, "the check of a simulated year")
	found, err := Books{Store: y.rooms.Store, Calendar: y.rooms.Calendar}.check(ctx, y.now)
	if err != nil {
		return err
	}
	for _, fault := range found.faults {
		y.fault("%s", fault)
	}
	y.report.Clocks, y.report.Expired, y.report.Ledger, y.report.StepStates = found.clocks, found.expired, found.ledger, found.stepStates
	return y.checkCounts(ctx)
}

// checkCounts compares what was done with what is kept: nothing lost, nothing doubled.
func (y *year) checkCounts(ctx context.Context) error {
	reader := y.rooms.Store.Reader()
	for _, kept := range []struct {
		what  string
		want  int
		count func(context.Context) (int, error)
	}{
		{"numbers", y.report.Numbers, reader.Visit.Query().Count},
		{"cases", y.report.Cases, reader.CaseFile.Query().Count},
		{"scores", y.report.Scores, reader.Feedback.Query().Count},
	} {
		n, err := kept.count(ctx)
		if err != nil {
			return fmt.Errorf("count the %s: %w", kept.what, err)
		}
		if n != kept.want {
			y.fault("%d %s were made, %d are kept", kept.want, kept.what, n)
		}
	}
	return nil
}
