package audit

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/spazio-in-comune/sportello/internal/audit/chain"
)

// findings are gathered from all ranges.
type findings struct {
	mu    sync.Mutex // guards what follows
	list  []Finding
	seqs  map[int64]bool
	first int64
}

func (f *findings) add(one Finding) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.list = append(f.list, one)
	f.trim()
}

// trim keeps the first ones, where there are far too many.
func (f *findings) trim() {
	if len(f.list) > 10*maxFindings {
		f.sort()
		f.list = f.list[:maxFindings]
	}
}

// broken remembers a place at which the chain does not hold, for a closer look.
func (f *findings) broken(seq int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.seqs == nil {
		f.seqs = map[int64]bool{}
	}
	if len(f.seqs) < 10*maxFindings || seq < f.first {
		f.seqs[seq] = true
	}
	if f.first == 0 || seq < f.first {
		f.first = seq
	}
}

// places are the first places at which the chain does not hold, in order.
func (f *findings) places() []int64 {
	seqs := make([]int64, 0, len(f.seqs))
	for seq := range f.seqs {
		seqs = append(seqs, seq)
	}
	slices.Sort(seqs)
	return seqs[:min(len(seqs), 2*maxFindings)]
}

func (f *findings) sort() {
	slices.SortStableFunc(f.list, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.Seq, b.Seq), cmp.Compare(a.Problem, b.Problem), cmp.Compare(a.Detail, b.Detail))
	})
}

func (f *findings) sorted() []Finding {
	f.sort()
	list := append([]Finding{}, slices.Compact(f.list)...)
	return list[:min(len(list), maxFindings)]
}

// closer is an entry that is looked at by itself.
type closer struct {
	id   int64
	body []byte
	hash chain.Hash
}

// look reads one entry; nil if there is none with a hash.
func (v *verifier) look(ctx context.Context, seq int64) (*closer, error) {
	var c closer
	var hash []byte
	err := v.db.QueryRowContext(ctx, "SELECT id, body, hash FROM audit_entries WHERE seq = ?", seq).Scan(&c.id, &c.body, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read entry %d of the audit: %w", seq, err)
	}
	copy(c.hash[:], hash)
	return &c, nil
}

// settle looks closer at the places where the chain is broken, and says what happened.
func (v *verifier) settle(ctx context.Context) error {
	places := v.found.places()
	c := &closeLook{near: map[int64]*closer{0: {hash: chain.Genesis()}}, told: map[int64]bool{}}
	for _, seq := range places {
		for _, s := range []int64{seq - 1, seq} {
			if c.near[s] != nil {
				continue
			}
			var err error
			if c.near[s], err = v.look(ctx, s); err != nil {
				return err
			}
		}
	}
	for i, seq := range places {
		if !c.told[seq] {
			v.found.add(c.explain(seq, places[i+1:]))
		}
	}
	for i := range v.found.list {
		if err := v.name(ctx, &v.found.list[i]); err != nil {
			return err
		}
	}
	return nil
}

// name adds id and moment of the entry, where they can be read.
func (v *verifier) name(ctx context.Context, f *Finding) error {
	if f.ID != "" || f.Seq == 0 {
		return nil
	}
	c, err := v.look(ctx, f.Seq)
	if err != nil || c == nil {
		return err
	}
	var g chain.Glance
	if g.Look(c.body) {
		f.ID, f.At = string(g.ID), string(g.At)
	}
	return nil
}

// closeLook are the entries at the broken places and before them.
type closeLook struct {
	near map[int64]*closer
	told map[int64]bool
}

// explain says what happened at a broken place; later are the other ones after it.
func (c *closeLook) explain(seq int64, later []int64) Finding {
	before, here := c.near[seq-1], c.near[seq]
	if before == nil || here == nil {
		return Finding{Problem: ChainBroken, Seq: seq}
	}
	if other := c.swapped(seq, later); other != 0 {
		for _, s := range []int64{seq, seq + 1, other, other + 1} {
			c.told[s] = true
		}
		return Finding{Problem: EntriesSwapped, Seq: seq, Other: other}
	}
	whole := chain.Link(before.hash, here.body)
	next := c.near[seq+1]
	if slices.Contains(later, seq+1) && next != nil {
		c.told[seq+1] = true
		if chain.Link(whole, next.body) == next.hash {
			return Finding{Problem: HashChanged, Seq: seq}
		}
		if chain.Link(here.hash, next.body) == next.hash {
			c.told[seq+1] = false // it has a trouble of its own
		}
	}
	if before.id+1 != here.id && seq > 1 {
		return Finding{Problem: ChainBroken, Seq: seq}
	}
	return Finding{Problem: BodyChanged, Seq: seq}
}

// swapped is the place whose entry belongs here; 0 if there is none. Two entries may have
// changed places whole, or their texts alone.
func (c *closeLook) swapped(seq int64, later []int64) int64 {
	before, here := c.near[seq-1], c.near[seq]
	for _, other := range later {
		there := c.near[other]
		if there == nil {
			continue
		}
		if fits := chain.Link(before.hash, there.body); fits == there.hash || fits == here.hash {
			return other
		}
	}
	return 0
}
