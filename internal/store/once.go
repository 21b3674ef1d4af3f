package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/ent/idempotency"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// Once names a request that must have one effect however often it is sent.
type Once struct {
	// Actor, Mutation and Key are unique together.
	Actor, Mutation, Key string
	// Input is hashed: the same key with other input is refused.
	Input any
	// For is the person on whose behalf the actor asks, under a mandate; empty on their
	// own account. It is hashed with the input: for another it is another request.
	For string

	// hashed is the hash of the input, once Recall has worked it out.
	hashed string
	// unknown: Recall has just found nothing under the key. The unique key alone then tells
	// of another who came meanwhile.
	unknown bool
}

// maxKey bounds a client's key, in characters.
const maxKey = 191

// Once runs the unit for the first request with its key and remembers the id it
// returns; a repeat returns that id again, with replayed true, and runs nothing.
// A business refusal is remembered too; a fault is not.
func (s *Store) Once(ctx context.Context, once Once, unit func(ctx context.Context, tx *Tx) (string, error)) (id string, replayed bool, err error) {
	if once.Key == "" || utf8.RuneCountInString(once.Key) > maxKey {
		return "", false, town.Errorf(town.Invalid, "idempotencyKey needs 1 to 191 characters.", "idempotencyKey richiede da 1 a 191 caratteri.").At("input", "idempotencyKey")
	}
	hash, err := once.hash()
	if err != nil {
		return "", false, err
	}
	for {
		id, replayed, err = s.tryOnce(ctx, once, hash, unit)
		// The loser of the unique key comes again and finds the winner's answer.
		if !ent.IsConstraintError(err) || !lostRace(ctx, s, once) {
			break
		}
		once.unknown = false
	}
	if err == nil || replayed || !refusal(err) {
		return id, replayed, err
	}
	return s.remember(ctx, once, hash, err)
}

func (s *Store) tryOnce(ctx context.Context, once Once, hash string, unit func(context.Context, *Tx) (string, error)) (id string, replayed bool, err error) {
	err = s.InTx(ctx, once.Mutation, func(ctx context.Context, tx *Tx) error {
		id, replayed = "", false
		known, err := findUnlessUnknown(ctx, tx, once)
		if err != nil {
			return err
		}
		if known != nil {
			replayed, tx.audit.nothing = true, true
			id, err = replay(known, hash)
			return err
		}
		if id, err = unit(ctx, tx); err != nil {
			return err
		}
		tx.audit.result = id
		return record(ctx, tx, once, hash, id, nil)
	})
	return id, replayed, err
}

// remember keeps a refusal for repeats and returns it, unless the same request has
// been answered in between: then that answer counts, as it would have a moment later.
func (s *Store) remember(ctx context.Context, once Once, hash string, refused error) (id string, replayed bool, err error) {
	err = s.InTx(ctx, once.Mutation, func(ctx context.Context, tx *Tx) error {
		id, replayed = "", false
		tx.audit.nothing = true // nothing but the words of the refusal is kept
		known, err := find(ctx, tx.Client, once)
		if err != nil {
			return err
		}
		if known != nil {
			replayed = true
			id, err = replay(known, hash)
			return err
		}
		return record(ctx, tx, once, hash, "", refused)
	})
	switch {
	case err == nil && replayed:
		return id, true, nil
	case err == nil:
		return "", false, refused
	case ent.IsConstraintError(err): // it has been answered just now
		return s.remember(ctx, once, hash, refused)
	case replayed:
		return "", true, err
	default:
		return "", false, fmt.Errorf("remember the refusal: %w", err)
	}
}

func lostRace(ctx context.Context, s *Store, once Once) bool {
	var known *ent.Idempotency
	err := s.InTx(ctx, once.Mutation, func(ctx context.Context, tx *Tx) (err error) {
		tx.audit.nothing = true
		known, err = find(ctx, tx.Client, once)
		return err
	})
	return err == nil && known != nil
}

func findUnlessUnknown(ctx context.Context, tx *Tx, once Once) (*ent.Idempotency, error) {
	if once.unknown {
		return nil, nil
	}
	return find(ctx, tx.Client, once)
}

func find(ctx context.Context, client *ent.Client, once Once) (*ent.Idempotency, error) {
	known, err := client.Idempotency.Query().Where(
		idempotency.ActorID(once.Actor), idempotency.Mutation(once.Mutation), idempotency.Key(once.Key),
	).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("look for an earlier request: %w", err)
	}
	return known, nil
}

func replay(known *ent.Idempotency, hash string) (string, error) {
	if known.InputHash != hash {
		return "", town.Errorf(town.IdempotencyKeyReused,
			"This idempotencyKey was already used for another request.",
			"Questa idempotencyKey è già stata usata per un'altra richiesta.").At("input", "idempotencyKey")
	}
	if len(known.UserErrors) == 0 {
		return known.ResultID, nil
	}
	problems := make(town.Problems, len(known.UserErrors))
	for i, e := range known.UserErrors {
		problems[i] = &town.Error{Code: e.Code, Message: e.Message, MessageIT: e.MessageIT, Path: e.Path, Detail: e.Detail}
	}
	return "", problems
}

func record(ctx context.Context, tx *Tx, once Once, hash, id string, refused error) error {
	create := tx.Idempotency.Create().
		SetID(town.NewID("idem", tx.Now)).SetActorID(once.Actor).SetMutation(once.Mutation).SetKey(once.Key).
		SetInputHash(hash).SetResultID(id).SetAt(tx.Now)
	if refused != nil {
		create.SetUserErrors(stored(refused))
	}
	if err := create.Exec(ctx); err != nil {
		return fmt.Errorf("remember the request: %w", err)
	}
	return nil
}

func stored(refused error) []town.StoredUserError {
	var problems town.Problems
	if !errors.As(refused, &problems) {
		var one *town.Error
		errors.As(refused, &one)
		problems = town.Problems{one}
	}
	kept := make([]town.StoredUserError, len(problems))
	for i, p := range problems {
		kept[i] = town.StoredUserError{Code: p.Code, Message: p.Message, MessageIT: p.MessageIT, Path: p.Path, Detail: p.Detail}
	}
	return kept
}

// refusal reports whether err is a business refusal and not a fault.
func refusal(err error) bool {
	var problems town.Problems
	return errors.As(err, &problems) || town.IsUserError(err)
}

func (once Once) hash() (string, error) {
	if once.hashed != "" {
		return once.hashed, nil
	}
	input := once.Input
	if once.For != "" {
		input = []any{once.For, once.Input}
	}
	text, err := json.Marshal(input)
	if err != nil {
		return "", fmt.Errorf("hash the input: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}
