package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"

	"entgo.io/ent/dialect"

	"github.com/spazio-in-comune/sportello/internal/audit/chain"
)

// entryRow is a row as it is read. Its slices are good until the next row.
type entryRow struct {
	seq, id               int64
	at, actor, body, hash sql.RawBytes
}

// ranging is the state of one range.
type ranging struct {
	v *verifier
	// next is the place that must come, before the hash of the one before; known is false
	// where that could not be read.
	next   int64
	before chain.Hash
	known  bool
	people people
	glance chain.Glance
	text   []byte
}

// readRange compares the entries of a range one after the other. It needs nothing of the
// other ranges but the hash before its first entry.
func (v *verifier) readRange(ctx context.Context, from, to int64) error {
	r := &ranging{v: v, next: from, known: true, before: chain.Genesis()}
	if from > 1 {
		last, err := v.look(ctx, from-1)
		if err != nil {
			return err
		}
		if r.known = last != nil; r.known {
			r.before = last.hash
		}
	}
	if err := r.people.read(ctx, v.db, from, to); err != nil {
		return err
	}
	at := "CAST(at AS CHAR)"
	if v.Store.Dialect() == dialect.MySQL {
		at = "DATE_FORMAT(at, '%Y-%m-%dT%H:%i:%s.%fZ')"
	}
	rows, err := v.db.QueryContext(ctx, "SELECT seq, id, "+at+", actor_id, body, hash FROM audit_entries WHERE seq BETWEEN ? AND ? ORDER BY seq", from, to)
	if err != nil {
		return fmt.Errorf("read a range of the audit: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var e entryRow
	var n int64
	for ; rows.Next(); n++ {
		if err := rows.Scan(&e.seq, &e.id, &e.at, &e.actor, &e.body, &e.hash); err != nil {
			return fmt.Errorf("read an entry of the audit: %w", err)
		}
		r.check(&e)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read a range of the audit: %w", err)
	}
	r.missing(to + 1)
	v.strange.add(r.people.left())
	v.told(n)
	return nil
}

// check compares one entry with the chain, its columns and its persons.
func (r *ranging) check(e *entryRow) {
	r.missing(e.seq)
	r.next = e.seq + 1
	whole := len(e.hash) == len(r.before)
	if r.known && (!whole || chain.Link(r.before, e.body) != chain.Hash(e.hash)) {
		r.v.found.broken(e.seq)
	}
	if r.known = whole; whole {
		r.before = chain.Hash(e.hash)
		r.v.heads.saw(e.seq, r.before)
	}
	if !r.glance.Look(e.body) {
		r.v.found.broken(e.seq)
		return
	}
	r.checkColumns(e)
	r.checkPeople(e)
}

// missing tells of the places before seq at which nothing stands.
func (r *ranging) missing(seq int64) {
	if seq > r.next {
		r.v.found.add(Finding{Problem: EntryMissing, Seq: r.next, Other: seq - 1})
		r.known = false
	}
}

// checkColumns compares the columns beside the text.
func (r *ranging) checkColumns(e *entryRow) {
	want := r.glance.At
	if r.v.Store.Dialect() == dialect.SQLite {
		r.text = sqliteMoment(r.text[:0], want)
		want = r.text
	}
	if string(e.at) != string(want) {
		r.v.found.add(r.about(e, ColumnChanged, "at"))
	}
	if string(e.actor) != string(r.glance.ActorID) {
		r.v.found.add(r.about(e, ColumnChanged, "actor_id"))
	}
}

// checkPeople compares the rows of persons with those of the text. Both are in order.
func (r *ranging) checkPeople(e *entryRow) {
	rows := r.people.of(e.id)
	for _, s := range r.glance.Subjects {
		for len(rows) > 0 && rows[0].person < string(s) {
			r.v.found.add(r.about(e, SubjectAdded, rows[0].person))
			rows = rows[1:]
		}
		if len(rows) > 0 && rows[0].person == string(s) {
			rows = rows[1:]
			continue
		}
		r.v.found.add(r.about(e, SubjectMissing, string(s)))
	}
	for _, row := range rows {
		r.v.found.add(r.about(e, SubjectAdded, row.person))
	}
}

func (r *ranging) about(e *entryRow, p Problem, detail string) Finding {
	return Finding{Problem: p, Seq: e.seq, ID: string(r.glance.ID), At: string(r.glance.At), Detail: detail}
}

// sqliteMoment is a moment of an entry's text as the driver writes it into a column:
// without zeros at the end of the fraction.
func sqliteMoment(to, at []byte) []byte {
	const date, seconds = len("2006-01-02"), len("2006-01-02T15:04:05")
	to = append(to, at[:date]...)
	to = append(to, ' ')
	to = append(to, at[date+1:seconds]...)
	end := len(at) - len("Z")
	for at[end-1] == '0' && end > seconds {
		end--
	}
	if at[end-1] != '.' {
		to = append(to, at[seconds:end]...)
	}
	return append(to, "+00:00"...)
}

// concerned is a row that finds an entry by a person.
type concerned struct {
	entry  int64
	person string
	taken  bool
}

// people are the rows of persons whose entries have ids like those of a range, in order.
type people struct {
	rows []concerned
	at   int
}

func (p *people) read(ctx context.Context, db *sql.DB, from, to int64) error {
	var low, high sql.NullInt64
	if err := db.QueryRowContext(ctx, "SELECT MIN(id), MAX(id) FROM audit_entries WHERE seq BETWEEN ? AND ?", from, to).Scan(&low, &high); err != nil {
		return fmt.Errorf("find the rows of a range of the audit: %w", err)
	}
	rows, err := db.QueryContext(ctx, "SELECT entry_id, person_id FROM audit_subjects WHERE entry_id BETWEEN ? AND ? ORDER BY entry_id, person_id", low, high)
	if err != nil {
		return fmt.Errorf("read the persons of a range of the audit: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var one concerned
		if err := rows.Scan(&one.entry, &one.person); err != nil {
			return fmt.Errorf("read a person of the audit: %w", err)
		}
		p.rows = append(p.rows, one)
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read the persons of a range of the audit: %w", err)
	}
	return nil
}

// of are the rows of an entry. Entries mostly come in the order of the rows.
func (p *people) of(entry int64) []concerned {
	if p.at >= len(p.rows) || p.rows[p.at].entry != entry {
		p.at, _ = slices.BinarySearchFunc(p.rows, entry, func(one concerned, id int64) int { return int(min(1, max(-1, one.entry-id))) })
	}
	start := p.at
	for p.at < len(p.rows) && p.rows[p.at].entry == entry {
		p.rows[p.at].taken = true
		p.at++
	}
	return p.rows[start:p.at]
}

// left are the rows of entries that were not in the range.
func (p *people) left() []concerned {
	return slices.DeleteFunc(p.rows, func(one concerned) bool { return one.taken })
}

// strangers are rows of persons whose entries were not in the range that they were read
// with: mostly, on MySQL, entries of a neighbour, linked in another order.
type strangers struct {
	mu   sync.Mutex // guards rows
	rows map[int64]string
}

// maxStrangers bounds what is looked at again.
const maxStrangers = 10_000

func (s *strangers) add(rows []concerned) {
	if len(rows) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.rows == nil {
		s.rows = map[int64]string{}
	}
	for _, one := range rows {
		if len(s.rows) < maxStrangers {
			s.rows[one.entry] = one.person
		}
	}
}

// checkStrangers tells of rows of persons without an entry. Those with one were compared
// in its own range, or will be once it is linked.
func (v *verifier) checkStrangers(ctx context.Context) error {
	for entry, who := range v.strange.rows {
		var one int
		err := v.db.QueryRowContext(ctx, "SELECT 1 FROM audit_entries WHERE id = ?", entry).Scan(&one)
		if errors.Is(err, sql.ErrNoRows) {
			v.found.add(Finding{Problem: SubjectAdded, Detail: fmt.Sprintf("%s, for the row %d, which is not there", who, entry)})
			continue
		}
		if err != nil {
			return fmt.Errorf("look for the entry of a person: %w", err)
		}
	}
	return nil
}
