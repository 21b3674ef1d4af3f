package catalogue

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
)

// What a plug-in may do wrong, and the test in which one does it:
//
//	hangs in the handshake                      TestMisbehaviourAtStart/hang-in-handshake, deaf-at-start
//	hangs in a call; ignores cancel, SIGTERM    TestMisbehaviourInACall/hang, deaf; TestHungCallIsKilledWithItsGroup
//	crashes at start                            TestMisbehaviourAtStart/exit-at-start, exit-after-handshake
//	crashes in a call, after the answer         TestMisbehaviourInACall/exit, exit-after-answer; TestKilledInACall
//	panics                                      TestMisbehaviourAtStart/panic-at-start, TestMisbehaviourInACall/panic, panic-beside
//	returns garbage, invalid UTF-8              TestMisbehaviourInACall/garbage, invalid-utf8, wrong-type, null, nothing
//	wrong schema                                TestMisbehaviourAtStart/describe-wrong-schema, describe-another
//	an answer too large, of 1 GB                TestMisbehaviourInACall/large, TestAnswerOfAGigabyteIsRefused, describe-five-megabytes
//	an endless stream                           TestMisbehaviourInACall/stream, flood-stdout; .../endless-line(s)-in-handshake
//	forks, daemonises, keeps stdout open        TestNobodyIsLeft, TestDaemonsOfADeadHostAreEnded, TestCloseIsBounded
//	takes all memory, also in a child           TestTakingTooMuch/memory, memory-in-a-child
//	takes all of the processor                  TestBusyDepartmentStandsBack; the figure is BenchmarkBurningDepartment's
//	opens 10,000 files                          TestKernelBounds
//	fills the disk                              TestKernelBounds, TestTakingTooMuch/write-many
//	forks without end                           TestTakingTooMuch/fork-much
//	floods the log, forges lines                TestLogFloodIsCutAndEncoded
//	is changed, a link, writable, swapped       TestPlaceOfAPlugin, TestSwappedBetweenCheckAndStart, TestOutsiderNeedsItsChecksum
//	another process connects to its socket      TestNobodyElseConnects, TestCertificateNobodyAskedFor
//	reads the host's environment                TestEnvironmentIsNotInherited, TestHostIsClosedToItsDepartments
//	asks the host for another case              TestNothingToAskTheHostFor
//
// TestMisbehaviour... check after each row that the other departments are unhurt,
// that the host has as many goroutines and descriptors as before, and that no
// process is left.

// beside runs f in a host with the named department and a good one, and checks
// afterwards that nothing is left of either.
func beside(t *testing.T, limits Limits, name string, f func(c *Catalogue)) {
	t.Helper()
	goroutines, files := runtime.NumGoroutine(), openFiles(t)
	c := startHost(t, limits, io.Discard, Bundled(name), Bundled("neighbour"))
	eventually(t, time.Minute, "the neighbour is ready", inState(c, "neighbour", Ready))
	neighbour, folder := pidOf(t, c, "neighbour"), c.lock.Name()
	f(c)
	if got := value(t, c, "neighbour", "prova"); got != `"Zoë"` {
		t.Errorf("the neighbour answers %s", got)
	}
	if now := pidOf(t, c, "neighbour"); now != neighbour {
		t.Errorf("the neighbour was process %d and is %d", neighbour, now)
	}
	closeWithin(t, c, 15*time.Second)
	eventually(t, 2*time.Second, "nobody is left", func() bool { return len(familyOf(t, folder)) == 0 })
	eventually(t, 10*time.Second, "goroutines and files as before", func() bool {
		return runtime.NumGoroutine() <= goroutines && openFiles(t) <= files
	})
}

// familyOf are the living processes whose environment names the folder: an account
// of the descendants that owes nothing to the code under test.
func familyOf(t *testing.T, folder string) []int {
	t.Helper()
	paths, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	var pids []int
	for _, path := range paths {
		environment, _ := os.ReadFile(path) // may have ended, or be somebody else's
		if bytes.Contains(environment, []byte("="+folder+"/")) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, pid)
		}
	}
	return pids
}

// warm has the host make what it makes once, so that it is not counted.
func warm(t *testing.T) {
	t.Helper()
	c := startHost(t, Limits{}, io.Discard, Bundled("one"))
	closeWithin(t, c, 15*time.Second)
}

func TestMisbehaviourAtStart(t *testing.T) {
	warm(t)
	tests := []struct{ name, says string }{
		{"exit-at-start", "exit status 3"},
		{"panic-at-start", "exit status 2"},
		{"exit-after-handshake", "start department"},
		{"no-certificate", "start department"},
		{"hang-in-handshake", ""},
		{"deaf-at-start", ""},
		{"babble-in-handshake", "Unrecognized remote plugin message"},
		{"endless-line-in-handshake", "Unrecognized remote plugin message"},
		{"endless-lines-in-handshake", "Unrecognized remote plugin message"},
		{"listen-elsewhere", "outside of its private folder"},
		{"listen-on-the-network", "not on a unix socket"},
		{"describe-another", `the service "anagrafe"`},
		{"describe-fault", "no definition today"},
		{"describe-wrong-schema", "hologram"},
		{"describe-five-megabytes", "too_large"},
		{"take-memory-at-start", "of memory"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			limits := Limits{Start: 20 * time.Second, Memory: 128 << 20}
			if tt.says == "" {
				limits.Start = 5 * time.Second // it is waited for in vain
				tt.says = "start department"
			}
			beside(t, limits, tt.name, func(c *Catalogue) {
				i := instance(t, c, tt.name)
				if i.State == Ready || i.Failures == 0 || !strings.Contains(i.LastError, tt.says) {
					t.Errorf("instance %+v, want a failure that says %q", i, tt.says)
				}
				if got := children(t, tt.name); got > 1 {
					t.Errorf("%d processes at a time", got)
				}
				start := time.Now()
				if _, err := ask(t, c, tt.name, "prova"); town.CodeOf(err) != town.PluginUnavailable {
					t.Errorf("got %v", err)
				}
				if took := time.Since(start); took > 5*time.Second {
					t.Errorf("the refusal took %v", took)
				}
				if _, ok := c.Service(tt.name); ok {
					t.Error("a definition that was never accepted is served")
				}
			})
		})
	}
}

func TestMisbehaviourInACall(t *testing.T) {
	warm(t)
	const dies, lives = true, false
	tests := []struct {
		name, practice string
		fault          rpc.Fault
		dies           bool
	}{
		{"one", "hang", rpc.Timeout, dies},
		{"one", "deaf", rpc.Timeout, dies},
		{"one", "exit", rpc.Unreachable, dies},
		{"one", "exit-after-answer", "", dies},
		{"one", "panic", rpc.Broken, lives},
		{"one", "panic-beside", rpc.Unreachable, dies},
		{"one", "error", rpc.Broken, lives},
		{"one", "large", rpc.TooLarge, lives},
		{"one", "empty-problem", rpc.BadAnswer, lives},
		{"one", "flood-stdout", "", lives},
		{"raw", "garbage", rpc.BadAnswer, lives},
		{"raw", "invalid-utf8", rpc.BadAnswer, lives},
		{"raw", "wrong-type", rpc.BadAnswer, lives},
		{"raw", "null", rpc.BadAnswer, lives},
		{"raw", "nothing", rpc.BadAnswer, lives},
		{"stream", "prova", rpc.BadAnswer, lives},
	}
	for _, tt := range tests {
		t.Run(tt.name+"/"+tt.practice, func(t *testing.T) {
			beside(t, Limits{Review: time.Second}, tt.name, func(c *Catalogue) {
				before := pidOf(t, c, tt.name)
				_, err := ask(t, c, tt.name, tt.practice)
				if tt.fault != "" {
					wantUnavailable(t, err, string(tt.fault))
					eventually(t, 5*time.Second, "the failure is known", func() bool { return instance(t, c, tt.name).LastError != "" })
				} else if err != nil {
					t.Fatal(err)
				}
				if tt.fault != "" && !tt.dies {
					eventually(t, 5*time.Second, "degraded", inState(c, tt.name, Degraded))
				}
				if tt.dies {
					eventually(t, 5*time.Second, "the process is gone", func() bool { return !alive(before) })
					eventually(t, 15*time.Second, "started anew", inState(c, tt.name, Ready))
				} else if now := pidOf(t, c, tt.name); now != before {
					t.Errorf("process %d became %d", before, now)
				}
			})
		})
	}
}

func TestTakingTooMuch(t *testing.T) {
	warm(t)
	for practice, says := range map[string]string{
		"memory":            "of memory",
		"memory-in-a-child": "of memory",
		"fork-much":         "of processes",
		"write-many":        "of files",
	} {
		t.Run(practice, func(t *testing.T) {
			limits := Limits{Review: time.Minute, Memory: 192 << 20, Processes: 50, Folder: 16 << 20}
			beside(t, limits, "one", func(c *Catalogue) {
				before := pidOf(t, c, "one")
				_, err := ask(t, c, "one", practice)
				wantUnavailable(t, err, string(rpc.Unreachable))
				eventually(t, 5*time.Second, "the process is gone", func() bool { return !alive(before) })
				eventually(t, 5*time.Second, "the reason is known", func() bool {
					return strings.Contains(instance(t, c, "one").LastError, says)
				})
				eventually(t, 15*time.Second, "started anew", inState(c, "one", Ready))
			})
		})
	}
}

// The kernel's bounds hold without anybody watching.
func TestKernelBounds(t *testing.T) {
	warm(t)
	limits := Limits{OpenFiles: 200, FileSize: 1 << 20, Review: 10 * time.Second}
	beside(t, limits, "one", func(c *Catalogue) {
		if opened := number(t, c, "one", "files"); opened < 100 || opened >= 200 {
			t.Errorf("%d files opened", opened)
		}
	})
	beside(t, limits, "one", func(c *Catalogue) {
		if written := number(t, c, "one", "write"); written != 1<<20 {
			t.Errorf("%d bytes written to one file", written)
		}
	})
}

// A department that burns all of the processor gets less of it than the others.
func TestBusyDepartmentStandsBack(t *testing.T) {
	beside(t, Limits{Review: 20 * time.Second}, "one", func(c *Catalogue) {
		if got := number(t, c, "one", "burn"); got != nice() {
			t.Errorf("the niceness is %d from the start", got)
		}
		eventually(t, time.Minute, "the busy one stands back", func() bool {
			return number(t, c, "one", "nice") == demotedNice
		})
		if got := number(t, c, "neighbour", "nice"); got != nice() {
			t.Errorf("the niceness of the neighbour is %d", got)
		}
	})
}

func number(t *testing.T, c *Catalogue, service, practice string) int {
	t.Helper()
	n, err := strconv.Atoi(value(t, c, service, practice))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNobodyIsLeft(t *testing.T) {
	warm(t)
	for _, practice := range []string{"fork", "daemon", "orphan"} {
		t.Run(practice+", then stopped in order", func(t *testing.T) {
			pid := 0
			beside(t, Limits{}, "one", func(c *Catalogue) { pid = sleeperOf(t, c, practice) })
			if alive(pid) {
				t.Errorf("descendant %d lives", pid)
			}
		})
		t.Run(practice+", then a crash", func(t *testing.T) {
			beside(t, Limits{}, "one", func(c *Catalogue) {
				pid := sleeperOf(t, c, practice)
				_, err := ask(t, c, "one", "exit")
				wantUnavailable(t, err, string(rpc.Unreachable))
				eventually(t, 2*time.Second, "the descendant is gone", func() bool { return !alive(pid) })
			})
		})
	}
	for _, name := range []string{"fork-at-start", "daemon-at-start"} {
		t.Run(name, func(t *testing.T) {
			beside(t, Limits{}, name, func(c *Catalogue) {
				if i := instance(t, c, name); i.State == Ready || i.LastError == "" {
					t.Errorf("instance %+v", i)
				}
			})
		})
	}
}

// sleeperOf is the id of a descendant that a practice leaves behind.
func sleeperOf(t *testing.T, c *Catalogue, practice string) int {
	t.Helper()
	pid := number(t, c, "one", practice)
	if !alive(pid) {
		t.Fatalf("descendant %d is not alive", pid)
	}
	return pid
}
