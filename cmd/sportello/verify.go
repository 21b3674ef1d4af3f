package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/audit"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// verifyFlags are those of verify.
type verifyFlags struct {
	databaseFlags
	keyFile, head, documents string
	json, replay, filings    bool
}

func verifyCommand() *cobra.Command {
	var flags verifyFlags
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Verify that nothing in the audit was changed, taken out, swapped or cut",
		Long: `Verify that nothing in the audit was changed, taken out, swapped or cut.

It reads the whole chain beside a running server, or without one: the hash of each entry,
what stands in columns beside it, and the signatures of the town. Each finding names the
first entry that is wrong. With --head it also compares signed heads that were kept
elsewhere, such as a copy of audit-heads.jsonl: they show a tail that was cut, or a history
that was written anew, even if everything in the database fits.

With --replay it verifies the figures instead: it counts the whole log of events anew and
compares every stored count with what the log gives.

With --filings it verifies what was filed instead: it opens every request and every document
and compares it with the SHA-256 that was kept when it came in.

The exit code is 0 if all is as it was written, 1 if something is not.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if flags.replay {
				return verifyFigures(cmd.Context(), flags, cmd.OutOrStdout(), cmd.ErrOrStderr())
			}
			if flags.filings {
				return verifyFilings(cmd.Context(), flags, cmd.OutOrStdout())
			}
			return verify(cmd.Context(), flags, cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	flags.register(cmd)
	registerKeyFile(cmd, &flags.keyFile)
	cmd.Flags().StringVar(&flags.head, "head", "", "file of signed heads that was kept elsewhere, a JSON object a line")
	cmd.Flags().BoolVar(&flags.replay, "replay", false, "verify that the stored figures are what the log of events gives")
	cmd.Flags().BoolVar(&flags.filings, "filings", false, "verify that requests and documents are what their hashes say")
	registerDocuments(cmd, &flags.documents)
	cmd.MarkFlagsMutuallyExclusive("replay", "head", "filings")
	cmd.Flags().BoolVar(&flags.json, "json", false, "the report as JSON")
	return cmd
}

func verify(ctx context.Context, flags verifyFlags, out, progress io.Writer) error {
	kept, err := keptHeads(flags.head)
	if err != nil {
		return err
	}
	cfg := flags.config()
	cfg.Attach, cfg.Sign = access.Attach, access.Sign
	s, err := store.OpenReader(ctx, cfg)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	keys, err := vault.New(ctx, s, keyFile(flags.keyFile, flags.data))
	if err != nil {
		return fmt.Errorf("the signatures cannot be verified without the town's keys: %w", err)
	}
	report, err := audit.Verify(ctx, audit.Verification{
		Store: s, Signed: keys.VerifySignature, Kept: kept, Progress: verifyProgress(progress, "entries"),
	})
	if err != nil {
		return err
	}
	if err := tellReport(out, report, flags.json); err != nil {
		return err
	}
	if n := len(report.Findings); n > 0 {
		return fmt.Errorf("the audit is not as it was written: %d findings", n)
	}
	return nil
}

func keptHeads(path string) ([]audit.KeptHead, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the file of heads: %w", err)
	}
	defer func() { _ = file.Close() }()
	heads, err := audit.ReadHeads(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(heads) == 0 {
		return nil, errors.New("there is no signed head in " + path)
	}
	return heads, nil
}

// verifyProgress tells every two seconds how far it is.
func verifyProgress(w io.Writer, what string) func(done, total int64) {
	const pause = 2 * time.Second
	told := make(chan time.Time, 1)
	told <- time.Now()
	return func(done, total int64) {
		last := <-told
		if time.Since(last) >= pause {
			last = time.Now()
			_, _ = fmt.Fprintf(w, "%d of %d %s\n", done, total, what)
		}
		told <- last
	}
}

func tellReport(w io.Writer, report *audit.Report, asJSON bool) error {
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
	_, err := fmt.Fprintf(w, "%d entries verified in %s; signed up to entry %d by %d heads", report.Entries, report.Took.Round(time.Millisecond), report.SignedUpTo, report.Heads)
	if err == nil && report.Kept > 0 {
		_, err = fmt.Fprintf(w, ", compared with %d kept elsewhere", report.Kept)
	}
	if err == nil && report.Waiting > 0 {
		_, err = fmt.Fprintf(w, "; %d wait to be linked", report.Waiting)
	}
	if err == nil && len(report.Findings) == 0 {
		_, err = fmt.Fprint(w, "; all is as it was written")
	}
	if err == nil {
		_, err = fmt.Fprintln(w)
	}
	return err
}
