package store

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
)

// maxPrepared bounds the statements that are kept ready. The house has some two
// hundred; lists of ids of every length could make them many more.
const maxPrepared = 400

// connection is a pool or one connection of it.
type connection interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	PrepareContext(ctx context.Context, query string) (*sql.Stmt, error)
}

// prepared is a connection of SQLite that parses a statement once: parsed each time,
// they take a fifth of a mutation and half of a long list. Once it is full, statements it does not
// know are parsed each time. They are closed with the connection.
type prepared struct {
	connection

	mu    sync.RWMutex
	ready map[string]*sql.Stmt
}

func newPrepared(c connection) *prepared {
	return &prepared{connection: c, ready: map[string]*sql.Stmt{}}
}

// ExecContext implements ent's ExecQuerier.
func (p *prepared) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := p.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return p.connection.ExecContext(ctx, query, args...)
	}
	return s.ExecContext(ctx, args...)
}

// QueryContext implements ent's ExecQuerier.
func (p *prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := p.statement(ctx, query)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return p.connection.QueryContext(ctx, query, args...)
	}
	return s.QueryContext(ctx, args...)
}

// statement is the query, ready to be run; nil if there is no room for it.
func (p *prepared) statement(ctx context.Context, query string) (*sql.Stmt, error) {
	p.mu.RLock()
	s, full := p.ready[query], len(p.ready) >= maxPrepared
	p.mu.RUnlock()
	if s != nil || full {
		return s, nil
	}
	s, err := p.PrepareContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("prepare a statement: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if first := p.ready[query]; first != nil { // another was as quick
		return first, s.Close()
	}
	p.ready[query] = s
	return s, nil
}
