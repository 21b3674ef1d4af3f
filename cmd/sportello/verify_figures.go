package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/results"
	"github.com/spazio-in-comune/sportello/internal/store"
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
	if err := tellReplay(out, report, flags.json); err != nil {
		return err
	}
	if n := len(report.Findings); n > 0 {
		return fmt.Errorf("the figures are not what the log gives: %d findings", n)
	}
	return nil
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
	verdict := "the stored figures are the same"
	if len(report.Findings) > 0 {
		verdict = fmt.Sprintf("%d counts are stored otherwise", len(report.Findings))
	}
	_, err := fmt.Fprintf(w, "%d events counted up to number %d, %d counts; %s\n", report.Events, report.UpTo, report.Counts, verdict)
	return err
}
