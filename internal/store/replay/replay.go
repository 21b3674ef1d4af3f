//go:build unix

// Package replay gives benchmarks the limit of a write: its own statements, with the
// values that it had, sent again in plain SQL through the same door, to a copy of the
// database on which they were heard.
//
// What a room adds to its statements (deciding, authorization, the making of rows, events
// and audit entries, the reading of results) is what the ratio shows.
package replay

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
)

// Log is what was heard: the statements of each act, in order.
type Log struct {
	mu   sync.Mutex
	acts []*act
}

// act is what one act sent: statements that were read outside of a unit, and units.
type act struct{ parts []part }

type part struct {
	unit       bool
	statements []statement
}

type statement struct {
	text   string
	values []any
}

type actKey struct{}

// Hear is for [store.Config].Statements. Only what comes of acts in contexts of the log is
// kept. What an act shares with others is kept for the one that asked for it.
func (l *Log) Hear(ctx context.Context, text string, values []any) {
	a, ok := ctx.Value(actKey{}).(*act)
	if !ok {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	last, unit := len(a.parts)-1, store.OfUnit(ctx)
	switch verb, _, _ := strings.Cut(text, " "); verb {
	case "RELEASE":
	case "SAVEPOINT", "BEGIN":
		a.parts = append(a.parts, part{unit: true})
	case "ROLLBACK": // it is run again, or was for nothing
		a.parts = a.parts[:last]
	default:
		if last < 0 || a.parts[last].unit != unit {
			a.parts = append(a.parts, part{unit: unit})
			last++
		}
		a.parts[last].statements = append(a.parts[last].statements, statement{text, slices.Clone(values)})
	}
}

// next begins an act, whose context it gives.
func (l *Log) next(ctx context.Context) context.Context {
	a := &act{}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.acts = append(l.acts, a)
	return context.WithValue(ctx, actKey{}, a)
}

// Copy copies the database as it is now, and opens the copy. Nobody may write meanwhile.
func Copy(b *testing.B, from *store.Store, db dbtest.DB) *store.Store {
	b.Helper()
	copied := dbtest.New(b, db.Name)
	cfg := store.Config{DSN: copied.DSN}
	if db.Name == dbtest.SQLite {
		cfg.DSN, cfg.Dir = "", filepath.Dir(copied.DSN)
		if err := dump(b.Context(), db.DSN, copied.DSN); err != nil {
			b.Fatal(err)
		}
	}
	to, err := store.Open(b.Context(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := to.Close(); err != nil {
			b.Error(err)
		}
	})
	if db.Name != dbtest.SQLite {
		if err := fill(b.Context(), from.ReadDB(), to.ReadDB()); err != nil {
			b.Fatal(err)
		}
	}
	return to
}

// dump writes a SQLite database into a file.
func dump(ctx context.Context, from, to string) error {
	pool, err := sql.Open("sqlite", "file:"+from)
	if err != nil {
		return fmt.Errorf("open the database: %w", err)
	}
	defer func() { _ = pool.Close() }()
	if _, err := pool.ExecContext(ctx, "VACUUM INTO ?", to); err != nil {
		return fmt.Errorf("copy the database: %w", err)
	}
	return nil
}

// fill copies the rows of every table between two databases of one MySQL server.
func fill(ctx context.Context, from, to *sql.DB) error {
	var source string
	if err := from.QueryRowContext(ctx, "SELECT DATABASE()").Scan(&source); err != nil {
		return fmt.Errorf("name the database: %w", err)
	}
	conn, err := to.Conn(ctx)
	if err != nil {
		return fmt.Errorf("open the copy: %w", err)
	}
	defer func() { _ = conn.Close() }()
	tables, err := tablesOf(ctx, conn)
	if err != nil {
		return err
	}
	statements := []string{"SET FOREIGN_KEY_CHECKS = 0"}
	for _, table := range tables {
		statements = append(statements, fmt.Sprintf("DELETE FROM `%s`", table), fmt.Sprintf("INSERT INTO `%s` SELECT * FROM `%s`.`%s`", table, source, table))
	}
	for _, text := range append(statements, "SET FOREIGN_KEY_CHECKS = 1") {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return fmt.Errorf("copy the database: %w", err)
		}
	}
	return nil
}

func tablesOf(ctx context.Context, conn *sql.Conn) (names []string, err error) {
	rows, err := conn.QueryContext(ctx, "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()")
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, fmt.Errorf("list the tables: %w", err)
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// Act does once what is measured, in a context made of the one that it is given.
type Act func(ctx context.Context)

// Benchmark measures an act, done by that many clients at the same time, and in turns with
// it the same statements in plain SQL by as many: both once in a run of b.N, in slices, so
// that a neighbour of the machine disturbs both alike. It reports the time of the wall and
// of the processors for each: µs-ours, µs-plain, µs-cpu-ours, µs-cpu-plain.
//
// heard is where the statements come from that plain sends, on a database like that of
// the act, heard while as many clients acted: what they share is sent once.
func Benchmark(b *testing.B, clients int, ours Act, heard Heard) {
	b.Helper()
	const slice = 100
	each(b.N, clients, func(int) { heard.Act(heard.Log.next(b.Context())) })
	var spentByUs, plain spent
	b.ResetTimer()
	for begin := 0; begin < b.N; begin += slice {
		end := min(begin+slice, b.N)
		spentByUs.measure(func() { each(end-begin, clients, func(int) { ours(b.Context()) }) })
		plain.measure(func() {
			each(end-begin, clients, func(i int) {
				if err := heard.Log.acts[begin+i].send(b.Context(), heard.Copy); err != nil {
					b.Error(err)
				}
			})
		})
	}
	b.StopTimer()
	for name, s := range map[string]spent{"ours": spentByUs, "plain": plain} {
		b.ReportMetric(float64(s.wall.Microseconds())/float64(b.N), "µs-"+name)
		b.ReportMetric(float64(s.cpu.Microseconds())/float64(b.N), "µs-cpu-"+name)
	}
}

// Heard is an act on a database of its own, whose statements go to the log.
type Heard struct {
	Act  Act
	Log  *Log
	Copy *store.Store // the database as it was before the first act
}

// each does something many times, by that many at once.
func each(times, clients int, do func(i int)) {
	var next atomic.Int64
	var group sync.WaitGroup
	for range clients {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(times); i = next.Add(1) - 1 {
				do(int(i))
			}
		})
	}
	group.Wait()
}

// spent is time.
type spent struct{ wall, cpu time.Duration }

func (s *spent) measure(work func()) {
	wall, cpu := time.Now(), processTime()
	work()
	s.wall += time.Since(wall)
	s.cpu += processTime() - cpu
}

// processTime is what the processors have spent on this process.
func processTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil { // the arguments are right
		panic(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// send sends what the act sent: reads to the readers, units through the door.
func (a *act) send(ctx context.Context, s *store.Store) error {
	for _, p := range a.parts {
		if err := p.send(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

func (p part) send(ctx context.Context, s *store.Store) error {
	if !p.unit {
		return sendAll(ctx, s.Reader(), p.statements)
	}
	return s.InTx(ctx, "replay", func(ctx context.Context, tx *store.Tx) error {
		return sendAll(ctx, tx.Client, p.statements)
	})
}

func sendAll(ctx context.Context, client *ent.Client, statements []statement) error {
	for _, one := range statements {
		if err := one.send(ctx, client); err != nil {
			return fmt.Errorf("%.60s: %w", one.text, err)
		}
	}
	return nil
}

func (s statement) send(ctx context.Context, client *ent.Client) error {
	if !strings.HasPrefix(s.text, "SELECT") && !strings.Contains(s.text, " RETURNING ") {
		_, err := client.ExecContext(ctx, s.text, s.values...)
		return err
	}
	rows, err := client.QueryContext(ctx, s.text, s.values...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return fmt.Errorf("read a result: %w", err)
	}
	into := make([]any, len(columns))
	for i := range into {
		into[i] = new(any)
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("read a result: %w", err)
		}
	}
	return rows.Err()
}
