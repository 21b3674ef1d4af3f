package vault

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
	"github.com/tink-crypto/tink-go/v2/tink"
)

const (
	// keyLife is how long an opened key is used before its row is read again: the time
	// after which a key that another process destroys is forgotten here too.
	keyLife = 5 * time.Second
	// keysHeld bounds how many opened keys are held.
	keysHeld = 8192
)

// keyCache holds opened keys.
type keyCache struct {
	mu   sync.Mutex // guards held
	held *simplelru.LRU[string, cachedKey]
	now  func() time.Time
}

type cachedKey struct {
	key   tink.AEAD
	until time.Time
	// doomed is a key that is being destroyed here: it is read from the database until
	// that says so as well.
	doomed bool
}

func newKeyCache(now func() time.Time) *keyCache {
	held, err := simplelru.NewLRU[string, cachedKey](keysHeld, nil)
	if err != nil { // the size is a constant above zero
		panic(err)
	}
	return &keyCache{held: held, now: now}
}

// get gives the key of the owner, and whether it is known.
func (c *keyCache) get(owner string) (tink.AEAD, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	entry, ok := c.held.Get(owner)
	if !ok || entry.doomed || c.now().After(entry.until) {
		return nil, false
	}
	return entry.key, true
}

// put keeps a key that was read from the database; nil is one that was destroyed.
func (c *keyCache) put(owner string, key tink.AEAD) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if entry, ok := c.held.Peek(owner); ok && entry.doomed && key != nil {
		return
	}
	c.held.Add(owner, cachedKey{key: key, until: c.now().Add(keyLife)})
}

// doom forgets the key of the owner.
func (c *keyCache) doom(owner string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.held.Add(owner, cachedKey{doomed: true})
}
