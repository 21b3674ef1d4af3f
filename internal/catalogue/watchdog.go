package catalogue

import (
	"io/fs"
	"path/filepath"
	"time"
)

const (
	// watchEvery is the time between two looks at what a department takes.
	watchEvery = 250 * time.Millisecond
	// familyAge is how old the list of a department's processes may be at a look.
	familyAge = time.Second
	// slowEvery is the number of looks from one at the private folder, which costs
	// more, and at the processor, which needs some time to tell, to the next.
	slowEvery = 4
	// bytesPerFile is the share of the private folder's limit that a file of
	// whatever size takes.
	bytesPerFile = 64 << 10
)

// watchdog looks after what a department takes of the machine.
type watchdog struct {
	family *family
	limits Limits

	looked time.Time     // when the processor was last looked at
	wanted time.Duration // of it by all members until then
	busy   int           // looks in a row
}

// watch calls kill when the department takes too much, and returns then or when
// done is closed.
func (w *watchdog) watch(done <-chan struct{}, kill func(*LimitError)) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for n := 0; ; n++ {
		select {
		case <-done:
			return
		case now := <-ticker.C:
			over := w.processes(now)
			if over == nil && n%slowEvery == 0 {
				over = w.folder()
				w.processor(now)
			}
			if over != nil {
				kill(over)
				return
			}
		}
	}
}

// processes counts the department's processes and their memory.
func (w *watchdog) processes(now time.Time) *LimitError {
	members := w.family.since(now.Add(-familyAge))
	if n := int64(len(members)); n > w.limits.Processes {
		return &LimitError{ResourceProcesses, n, w.limits.Processes}
	}
	if used := w.memory(members); used > w.limits.Memory {
		return &LimitError{ResourceMemory, used, w.limits.Memory}
	}
	return nil
}

// memory is what the members have together. The exact figure is asked for only
// where the cheap one, which counts shared memory for each, is over the limit.
func (w *watchdog) memory(members []kin) int64 {
	sum := int64(0)
	for _, exact := range []bool{false, true} {
		sum = 0
		for _, k := range members {
			sum += k.memory(exact)
		}
		if sum <= w.limits.Memory {
			break
		}
	}
	return sum
}

// processor demotes a department that is busy for long.
func (w *watchdog) processor(now time.Time) {
	members, wanted := w.family.since(now.Add(-familyAge)), time.Duration(0)
	for _, k := range members {
		wanted += k.wanted()
	}
	share := (wanted - w.wanted).Seconds() / now.Sub(w.looked).Seconds()
	if w.busy++; share < busyShare || w.looked.IsZero() {
		w.busy = 0
	}
	w.looked, w.wanted = now, wanted
	if w.busy < busyLooks {
		return
	}
	for _, k := range members {
		k.demote()
	}
}

// folder measures the private folder, and gives up counting when it is over.
func (w *watchdog) folder() *LimitError {
	var size, files int64
	most := w.limits.Folder / bytesPerFile
	// What cannot be looked at is not counted: it may have gone meanwhile.
	_ = filepath.WalkDir(w.family.folder, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil {
			return nil //nolint:nilerr // see above
		}
		if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
			size += info.Size()
		}
		files++
		if size > w.limits.Folder || files > most {
			return fs.SkipAll
		}
		return nil
	})
	switch {
	case size > w.limits.Folder:
		return &LimitError{ResourceFolder, size, w.limits.Folder}
	case files > most:
		return &LimitError{ResourceFiles, files, most}
	default:
		return nil
	}
}
