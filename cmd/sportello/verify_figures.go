package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/results"
	"github.com/spazio-in-comune/sportello/internal/store"
	towndata "github.com/spazio-in-comune/sportello/plugins/town"
)

// verifyFigures compares the stored figures with the log of events.
func verifyFigures(ctx context.Context, flags verifyFlags, out, progress io.Writer) error {
	cfg := flags.config()
	cfg.Attach, cfg.Sign = access.Attach, access.Sign
	s, err := store.OpenReader(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	report, err := results.Replay(ctx, s, verifyProgress(progress, "events"))
	if err != nil {
		return err
	}
	if report.Compared, report.Things, err = rebuiltTwice(ctx, s); err != nil {
		return err
	}
	if err := tellReplay(out, report, flags.json); err != nil {
		return err
	}
	if n := len(report.Findings) + len(report.Things); n > 0 {
		return fmt.Errorf("what is stored is not what the log gives: %d findings", n)
	}
	return nil
}

// rebuiltTwice rebuilds the state of things from the log, and again a moment later where
// something differs: an event of a change that was just made may not be numbered yet. What
// differs both times in the same way is found.
func rebuiltTwice(ctx context.Context, s *store.Store) (compared int, found []results.Thing, err error) {
	const moment = 2 * time.Second
	shared, err := towndata.Load()
	if err != nil {
		return 0, nil, fmt.Errorf("load the town's data: %w", err)
	}
	compared, found, err = results.Rebuild(ctx, s, shared.Calendar)
	if err != nil || len(found) == 0 {
		return compared, found, err
	}
	select {
	case <-time.After(moment):
	case <-ctx.Done():
		return 0, nil, ctx.Err()
	}
	compared, again, err := results.Rebuild(ctx, s, shared.Calendar)
	found = slices.DeleteFunc(found, func(t results.Thing) bool { return !slices.Contains(again, t) })
	return compared, found, err
}

func tellReplay(w io.Writer, report *results.Replayed, asJSON bool) error {
	if asJSON {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(report)
	}
	for _, f := range report.Findings {
		if _, err := fmt.Fprintln(w, f); err != nil {
			return err
		}
	}
	for _, t := range report.Things {
		if _, err := fmt.Fprintln(w, t); err != nil {
			return err
		}
	}
	things := "all are stored so"
	if len(report.Things) > 0 {
		things = fmt.Sprintf("%d are stored otherwise", len(report.Things))
	}
	if _, err := fmt.Fprintf(w, "%d stops, visits, shifts, cases, terms, former offices, steps and words rebuilt; %s\n", report.Compared, things); err != nil {
		return err
	}
	verdict := "the stored figures are the same"
	if len(report.Findings) > 0 {
		verdict = fmt.Sprintf("%d counts are stored otherwise", len(report.Findings))
	}
	_, err := fmt.Fprintf(w, "%d events counted up to number %d, %d counts; %s\n", report.Events, report.UpTo, report.Counts, verdict)
	return err
}
