package store

import "context"

// Recall gives the answer to an earlier request with the same key, before any
// work is done for this one; known is false if there was none. [Store.Once] still
// decides: two first requests may pass here together.
func (s *Store) Recall(ctx context.Context, once *Once) (id string, known bool, err error) {
	hash, err := once.hash()
	if err != nil {
		return "", false, err
	}
	earlier, err := find(ctx, s.read, *once)
	if err != nil {
		return "", false, err
	}
	if earlier == nil {
		once.hashed, once.unknown = hash, true
		return "", false, nil
	}
	id, err = replay(earlier, hash)
	return id, true, err
}
