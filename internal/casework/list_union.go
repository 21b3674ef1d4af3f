package casework

import (
	"fmt"
	"strings"

	"entgo.io/ent/dialect"
)

// union writes the statement: the first ids of every branch in the order of the list,
// each id once.
//
// On SQLite the branches stand beside one another: it reads them in turns, each along
// its index, and stops when the page is full. MySQL gathers all that it is given, so
// there each branch gives no more than a page.
func (s *search) union(sources []source, name string, limit int) (string, []any) {
	order := s.orderBy()
	w := statement{sqlite: name == dialect.SQLite, tail: order + " LIMIT ?"}
	if w.sqlite {
		// A bare parameter is looked at by SQLite's planner, which then plans the statement
		// anew each time that it is bound.
		w.tail = order + " LIMIT ? + 0"
	}
	for i, branch := range sources {
		if i > 0 {
			w.text.WriteString(" UNION ")
		}
		w.branch(s, branch, limit, len(sources) > 1)
	}
	if len(sources) > 1 || w.sqlite {
		w.text.WriteString(w.tail)
		w.args = append(w.args, limit)
	}
	return w.text.String(), w.args
}

// statement is the text and its arguments so far.
type statement struct {
	sqlite bool
	tail   string
	text   strings.Builder
	args   []any
}

func (w *statement) branch(s *search, b source, limit int, several bool) {
	where := all(b.condition, s.reach(b))
	text := fmt.Sprintf("SELECT %s%s AS id%s FROM %s WHERE %s", b.table.distinct, b.table.id, s.sortColumn(), w.from(b), where.sql)
	w.args = append(w.args, where.args...)
	switch {
	case w.sqlite:
	case several:
		text = "(" + text + w.tail + ")"
		w.args = append(w.args, limit)
	default:
		text += w.tail
		w.args = append(w.args, limit)
	}
	w.text.WriteString(text)
}

// from names the index: a planner that guesses walks all cases past those that count.
func (w *statement) from(b source) string {
	hint, join := " FORCE INDEX (PRIMARY)", " STRAIGHT_JOIN "
	switch {
	case w.sqlite && b.index == "":
		hint = ""
	case w.sqlite:
		hint, join = " INDEXED BY "+b.index, " CROSS JOIN "
	case b.index != "":
		hint = " FORCE INDEX (" + b.index + ")"
	}
	from := b.table.from + hint
	if b.withCase {
		from += join + "case_files c ON c.id = " + b.table.id
	}
	return from
}

// sortColumn is what is selected beside the id, to sort by.
func (s *search) sortColumn() string {
	if s.byDue() {
		return ", c.due_on AS due_on"
	}
	return ""
}

func (s *search) orderBy() string {
	direction := "DESC"
	if s.ascending() {
		direction = "ASC"
	}
	if s.byDue() {
		return " ORDER BY due_on " + direction + ", id " + direction
	}
	return " ORDER BY id " + direction
}

// reach bounds the branch: by the cursor, by the days asked for, and to rows about a
// case at all.
func (s *search) reach(b source) condition {
	beyond := " < ?"
	if s.ascending() {
		beyond = " > ?"
	}
	id := b.table.id
	if !s.byDue() {
		if at := s.at(); at != "" {
			k := condition{id + beyond, []any{at}}
			if s.ascending() {
				return k
			}
			return all(k, condition{sql: id + " > ''"})
		}
		return condition{sql: id + " > ''"}
	}
	k := s.days()
	if at := s.at(); at != "" {
		k = all(k, condition{"(c.due_on" + beyond + " OR c.due_on = ? AND " + id + beyond + ")", []any{s.dueAt, s.dueAt, at}})
	}
	return k
}

// days are the bounds by due date. One side follows the cursor, so that the index is
// entered where the page begins.
func (s *search) days() condition {
	from, to := "", ""
	if s.filter.DueFrom != nil {
		from = s.filter.DueFrom.String()
	}
	if s.filter.DueTo != nil {
		to = s.filter.DueTo.String()
	}
	if s.at() != "" && s.ascending() {
		from = max(from, s.dueAt)
	} else if s.at() != "" && (to == "" || s.dueAt < to) {
		to = s.dueAt
	}
	k := condition{sql: "c.due_on > ''"}
	if from != "" {
		k = condition{"c.due_on >= ?", []any{from}}
	}
	if to != "" {
		k = all(k, condition{"c.due_on <= ?", []any{to}})
	}
	return k
}
