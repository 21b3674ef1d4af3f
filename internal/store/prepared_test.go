package store

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
)

// Statements are kept up to a bound; one beyond it is answered all the same.
func TestPreparedStatementsAreBounded(t *testing.T) {
	t.Parallel()
	db, err := sql.Open("sqlite", sqliteDSN(filepath.Join(t.TempDir(), "x.db"), "rw"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	p := newPrepared(db)
	var readers sync.WaitGroup
	for range 4 { // all ask for the same ones at once
		readers.Go(func() {
			for want := range maxPrepared + 50 {
				if got, err := selected(t, p, want); err != nil || got != want {
					t.Errorf("statement %d gave %d, %v", want, got, err)
				}
			}
		})
	}
	readers.Wait()
	if n := len(p.ready); n < maxPrepared || n > maxPrepared+4 {
		t.Errorf("%d statements are kept, want about %d", n, maxPrepared)
	}
	if _, err := p.ExecContext(t.Context(), "no SQL"); err == nil {
		t.Error("what is not SQL was run")
	}
}

func selected(t *testing.T, p *prepared, n int) (got int, err error) {
	t.Helper()
	rows, err := p.QueryContext(t.Context(), fmt.Sprintf("SELECT %d + ?", n), 0)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		err = rows.Scan(&got)
	}
	return got, err
}
