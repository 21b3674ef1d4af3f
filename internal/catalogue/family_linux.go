package catalogue

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// readTable reads every process of the machine.
func readTable() []kin {
	names, err := readNames("/proc")
	if err != nil {
		return nil // no table, no watch
	}
	table := make([]kin, 0, len(names))
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		if k, ok := readStat(pid); ok {
			table = append(table, k)
		}
	}
	return table
}

func readNames(path string) ([]string, error) {
	folder, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	names, err := folder.Readdirnames(-1)
	_ = folder.Close() // read only
	return names, err
}

// readStat reads one process; false if it has ended.
func readStat(pid int) (kin, bool) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return kin{}, false
	}
	// The name in brackets may hold anything; state, parent, group and, as the
	// 22nd field of all, the time of the start follow it.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	if len(fields) < 20 {
		return kin{}, false
	}
	k := kin{pid: pid, zombie: fields[0] == "Z" || fields[0] == "X"}
	k.parent, _ = strconv.Atoi(fields[1]) // the kernel writes numbers
	k.group, _ = strconv.Atoi(fields[2])
	k.born, err = strconv.ParseUint(fields[19], 10, 64)
	return k, err == nil
}

// maxEnvironment bounds what is read of an environment, in bytes; the kernel
// grants about 2 MiB.
const maxEnvironment = 4 << 20

// environmentOf is nil for a process that has ended or is somebody else's.
func environmentOf(pid int) []byte {
	file, err := os.Open("/proc/" + strconv.Itoa(pid) + "/environ")
	if err != nil {
		return nil
	}
	text, _ := io.ReadAll(io.LimitReader(file, maxEnvironment)) // what could be read
	_ = file.Close()                                            // read only
	return text
}

// folderIn is the folder below root that an environment names as the one for
// temporary files.
func folderIn(environment []byte, root string) string {
	for variable := range bytes.SplitSeq(environment, []byte{0}) {
		value, ok := bytes.CutPrefix(variable, []byte("TMPDIR="))
		if ok && filepath.Dir(string(value)) == root {
			return string(value)
		}
	}
	return ""
}

// kill ends the process, and no other one that has got its id since.
func (k kin) kill() {
	fd, err := unix.PidfdOpen(k.pid, 0)
	if err != nil {
		return // it has ended
	}
	if now, ok := readStat(k.pid); ok && now.born == k.born {
		_ = unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0) // it may have ended just now
	}
	_ = unix.Close(fd)
}

// wanted is how long the threads of the process have computed or waited for their
// turn so far: how busy it is, however busy others are.
func (k kin) wanted() time.Duration {
	folder := "/proc/" + strconv.Itoa(k.pid) + "/task/"
	threads, err := readNames(folder)
	if err != nil {
		return 0 // it has ended
	}
	sum := int64(0)
	for _, name := range threads {
		text, _ := os.ReadFile(folder + name + "/schedstat") // it may have ended
		if fields := strings.Fields(string(text)); len(fields) > 1 {
			ran, _ := strconv.ParseInt(fields[0], 10, 64) // the kernel writes numbers
			waited, _ := strconv.ParseInt(fields[1], 10, 64)
			sum += ran + waited
		}
	}
	return time.Duration(sum)
}

// demote makes every thread of the process yield the processor to others; those to
// come inherit it.
func (k kin) demote() {
	threads, err := readNames("/proc/" + strconv.Itoa(k.pid) + "/task")
	if err != nil {
		return // it has ended
	}
	for _, name := range threads {
		if id, err := strconv.Atoi(name); err == nil {
			_ = unix.Setpriority(unix.PRIO_PROCESS, id, demotedNice) // it may have ended
		}
	}
}

// memory is what the process has of the physical memory, in bytes. What it shares
// with others counts in parts if exact is set, which costs more to find out.
func (k kin) memory(exact bool) int64 {
	if exact {
		if text, err := os.ReadFile("/proc/" + strconv.Itoa(k.pid) + "/smaps_rollup"); err == nil {
			return proportional(string(text))
		}
	}
	text, err := os.ReadFile("/proc/" + strconv.Itoa(k.pid) + "/statm")
	if err != nil {
		return 0 // it has ended
	}
	fields := strings.Fields(string(text))
	if len(fields) < 2 {
		return 0
	}
	pages, _ := strconv.ParseInt(fields[1], 10, 64) // the kernel writes numbers
	return pages * int64(os.Getpagesize())
}

func proportional(rollup string) int64 {
	for line := range strings.Lines(rollup) {
		if value, ok := strings.CutPrefix(line, "Pss:"); ok {
			kib, _ := strconv.ParseInt(strings.Fields(value)[0], 10, 64)
			return kib << 10
		}
	}
	return 0
}
