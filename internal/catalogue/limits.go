package catalogue

import (
	"fmt"
	"time"
)

const (
	// demotedNice is how far a busy department's processes stand back when the
	// processor is short: they get about a tenth of what the platform gets, and all
	// that it leaves.
	demotedNice = 10
	// busyShare is the share of one processor from which a department is busy: what
	// it has of it or waits for. Others keep their priority, so that a review is
	// answered at once.
	busyShare = 0.5
	// busyLooks is for how many seconds in a row it must be busy.
	busyLooks = 2
)

// Limits bound a department: its times, in real time, and what its process may
// take of the machine. A zero value stands for the default.
//
// Of the bounds on the machine, OpenFiles and FileSize are the kernel's and hold
// from the first instruction on; Memory, Processes and Folder are watched over the
// process and all of its descendants, which are killed together when they are over.
// A department that is busy for two seconds gets a lower priority until its next
// start. All this keeps a faulty department from hurting the others; against a
// hostile one the platform and its departments must run under different users.
//
// Outside of Linux only the times hold, and the priority is low from the start.
type Limits struct {
	// Start bounds a start up to the first healthy answer, and the description
	// after it; 5 s.
	Start time.Duration
	// Review bounds one review; a process that takes longer is killed; 2 s.
	Review time.Duration
	// Restart is how long a review waits for a process that is being started; 1 s.
	Restart time.Duration
	// Stop is how long a process may take to end by itself; 2 s.
	Stop time.Duration
	// HealthEvery is the time between two checks of a process; 10 s.
	HealthEvery time.Duration
	// Health bounds one check; 2 s. After three failed ones the process is killed.
	Health time.Duration
	// Remember bounds one write to the memory; 2 s.
	Remember time.Duration

	// Memory is what a department may have in physical memory, in bytes; memory
	// that processes share counts once; 256 MiB.
	Memory int64
	// Processes is how many it may be, threads not counted; 64.
	Processes int64
	// Folder is what may lie in its private folder, in bytes, and there may be one
	// file per 64 KiB of it; 256 MiB.
	Folder int64
	// FileSize is the largest file that one of its processes may write, in bytes;
	// 64 MiB.
	FileSize int64
	// OpenFiles is how many files and connections one of its processes may have
	// open; 256.
	OpenFiles int64
}

func (l Limits) withDefaults() Limits {
	times := []struct {
		limit *time.Duration
		value time.Duration
	}{
		{&l.Start, 5 * time.Second},
		{&l.Review, 2 * time.Second},
		{&l.Restart, time.Second},
		{&l.Stop, 2 * time.Second},
		{&l.HealthEvery, 10 * time.Second},
		{&l.Health, 2 * time.Second},
		{&l.Remember, 2 * time.Second},
	}
	for _, d := range times {
		if *d.limit == 0 {
			*d.limit = d.value
		}
	}
	amounts := []struct {
		limit *int64
		value int64
	}{
		{&l.Memory, 256 << 20},
		{&l.Processes, 64},
		{&l.Folder, 256 << 20},
		{&l.FileSize, 64 << 20},
		{&l.OpenFiles, 256},
	}
	for _, d := range amounts {
		if *d.limit == 0 {
			*d.limit = d.value
		}
	}
	return l
}

// Resource is what a department took too much of.
type Resource string

// The resources that are watched.
const (
	ResourceMemory    Resource = "memory"    // bytes
	ResourceProcesses Resource = "processes" // their number
	ResourceFolder    Resource = "folder"    // bytes in the private folder
	ResourceFiles     Resource = "files"     // files in the private folder
)

// LimitError says that a department was killed because it took too much.
type LimitError struct {
	Resource Resource
	Used     int64
	Max      int64
}

// Error implements error.
func (e *LimitError) Error() string {
	return fmt.Sprintf("the process was killed: it took %d of %s, the limit is %d", e.Used, e.Resource, e.Max)
}
