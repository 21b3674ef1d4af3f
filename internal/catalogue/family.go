package catalogue

import (
	"slices"
	"sync"
	"time"
)

// kin is one process as the system's table shows it.
type kin struct {
	pid, parent, group int
	born               uint64 // tells apart two processes that had the same id
	folder             string // the private folder that its environment names, if any
	zombie             bool   // has ended and waits for its parent to notice
}

// id names a process for as long as the machine is up.
type id struct {
	pid  int
	born uint64
}

func (k kin) id() id { return id{k.pid, k.born} }

// census reads the system's table of processes, for all departments of a host at
// once, as looking at each process costs some microseconds.
type census struct {
	root string // folder of the sockets: each department's private folder is in it

	mu      sync.Mutex // guards all below
	from    time.Time  // when the last reading began
	all     []kin
	folders map[id]string // what was read of the environments, which are large
}

// since returns a reading of the table that was begun at t or later.
func (c *census) since(t time.Time) []kin {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.from.Before(t) {
		c.from = time.Now()
		c.read()
	}
	return c.all
}

// read takes the table anew. An environment is read when the process is first
// seen: a fork has its parent's, and one that named a folder belongs to it,
// whatever the process makes of its environment later.
func (c *census) read() {
	c.all = readTable()
	folders := make(map[id]string, len(c.all))
	for i, k := range c.all {
		folder, known := c.folders[k.id()]
		if !known && !k.zombie {
			folder = folderIn(environmentOf(k.pid), c.root)
		}
		folders[k.id()], c.all[i].folder = folder, folder
	}
	c.folders = folders
}

// family are a department's process and its descendants. A descendant is known by
// its parent, by its process group, or by the private folder that its environment
// names, which it keeps when it becomes a daemon. One that was known once stays
// so. What escapes is a descendant that leaves the group, empties its environment
// and loses its parent, all before it is first seen.
type family struct {
	census *census
	folder string

	mu      sync.Mutex  // guards all below
	head    int         // the process of the department and its group; 0 when it has been reaped
	members map[id]bool // at the last look
}

// settle notes the department's process, or with 0 that its id and that of its
// group may belong to somebody else from now on.
func (f *family) settle(head int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.head = head
}

// since returns who of the family lived at a moment after t.
func (f *family) since(t time.Time) []kin {
	all := f.census.since(t)
	f.mu.Lock()
	defer f.mu.Unlock()
	members, pids := map[id]bool{}, map[int]bool{}
	var found []kin
	for grown := true; grown; { // a child may stand before its parent in the table
		grown = false
		for _, k := range all {
			if members[k.id()] || !f.has(k, pids) {
				continue
			}
			members[k.id()], pids[k.pid], grown = true, true, true
			if !k.zombie {
				found = append(found, k)
			}
		}
	}
	f.members = members
	return found
}

func (f *family) has(k kin, pids map[int]bool) bool {
	inGroup := f.head != 0 && (k.pid == f.head || k.group == f.head)
	return inGroup || k.folder == f.folder || f.members[k.id()] || pids[k.parent]
}

// sweep kills the family until nobody of it is left, and returns how many are
// after the limit, normally none.
func (f *family) sweep(limit time.Duration) int {
	for end := time.Now().Add(limit); ; {
		left := f.since(time.Now())
		if len(left) == 0 || time.Now().After(end) {
			return len(left)
		}
		for _, k := range left {
			k.kill()
		}
		time.Sleep(5 * time.Millisecond) // the kernel needs a moment to end them
	}
}

// leftovers ends what an earlier host, killed with its departments, has left
// behind: daemons that nobody else ends. The folder must be this host's alone.
func leftovers(root string, limit time.Duration) {
	c := &census{root: root}
	for end := time.Now().Add(limit); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		left := slices.DeleteFunc(slices.Clone(c.since(time.Now())), func(k kin) bool { return k.folder == "" || k.zombie })
		if len(left) == 0 {
			return
		}
		for _, k := range left {
			k.kill()
		}
	}
}
