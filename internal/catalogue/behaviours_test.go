package catalogue

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// misbehaveAtStart is what the department of a name does instead of serving; it
// returns where the name stands for nothing of the kind.
func misbehaveAtStart(name string) {
	switch name {
	case "exit-at-start":
		os.Exit(3)
	case "panic-at-start":
		panic("no department today")
	case "hang-in-handshake":
		select {}
	case "babble-in-handshake":
		fmt.Println("welcome to the department")
		select {}
	case "endless-line-in-handshake":
		for {
			fmt.Print(strings.Repeat("x", 1<<16))
		}
	case "endless-lines-in-handshake":
		for {
			fmt.Println("welcome to the department")
		}
	case "listen-elsewhere":
		fmt.Println("1|1|unix|/tmp/somebody-elses.sock|grpc")
		select {}
	case "listen-on-the-network":
		fmt.Println("1|1|tcp|127.0.0.1:1|grpc")
		select {}
	case "certificate-nobody-asked-for":
		_, variable, err := certify()
		if err != nil {
			panic(err)
		}
		_, text, _ := strings.Cut(variable, "=")
		block, _ := pem.Decode([]byte(text))
		fmt.Printf("1|1|unix|%s/none|grpc|%s\n", os.Getenv("PLUGIN_UNIX_SOCKET_DIR"), base64.RawStdEncoding.EncodeToString(block.Bytes))
		select {}
	case "no-certificate":
		fmt.Printf("1|1|unix|%s/none|grpc\n", os.Getenv("PLUGIN_UNIX_SOCKET_DIR"))
		select {}
	case "exit-after-handshake":
		fmt.Printf("1|1|unix|%s/none|grpc\n", os.Getenv("PLUGIN_UNIX_SOCKET_DIR"))
		os.Exit(0)
	case "fork-at-start":
		startSleeper(false)
		os.Exit(3)
	case "daemon-at-start":
		startSleeper(true)
		os.Exit(3)
	case "deaf-at-start":
		signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
		select {}
	case "take-memory-at-start":
		takeMemory()
	}
}

// misbehaveInACall is what a practice does instead of being reviewed; handled is
// false where its name stands for nothing of the kind.
func misbehaveInACall(ctx context.Context, practice string) (answer *sdk.ReviewResponse, handled bool, err error) {
	switch practice {
	case "hang":
		select {} // also ignores its context
	case "deaf":
		signal.Ignore(syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
		select {}
	case "wait":
		<-ctx.Done()
		err = ctx.Err()
	case "exit":
		os.Exit(4)
	case "exit-after-answer":
		time.AfterFunc(50*time.Millisecond, func() { os.Exit(5) })
		answer, err = computed("pid", strconv.Itoa(os.Getpid()))
	case "panic":
		panic("cannot stand this intake")
	case "panic-beside":
		go panic("cannot stand this intake")
		select {}
	case "error":
		err = errors.New("the tariff table is missing")
	case "large":
		answer, err = computed("text", strings.Repeat("x", 5<<20))
	case "empty-problem":
		answer = &sdk.ReviewResponse{Problems: []sdk.Problem{{Path: "nome"}}}
	case "flood":
		answer, err = computed("bytes", strconv.Itoa(flood(2<<20)))
	case "flood-stdout":
		go floodStdout()
		answer, err = computed("answers", "yes")
	default:
		return takeTooMuch(practice)
	}
	return answer, true, err
}

// takeTooMuch is what a practice takes of the machine.
func takeTooMuch(practice string) (answer *sdk.ReviewResponse, handled bool, err error) {
	switch practice {
	case "fork":
		answer, err = computed("pid", strconv.Itoa(startSleeper(false)))
	case "daemon":
		answer, err = computed("pid", strconv.Itoa(startSleeper(true)))
	case "orphan":
		answer, err = computed("pid", startOrphan())
	case "fork-much":
		for range 100 {
			startSleeper(true)
		}
		select {}
	case "memory":
		takeMemory()
	case "memory-in-a-child":
		self := exec.Command("/proc/self/exe", "plugin", "serve", "take-memory-at-start")
		err = self.Run()
	case "burn":
		for range 4 {
			go burn()
		}
		fallthrough
	case "nice":
		answer, err = computed("nice", strconv.Itoa(nice()))
	case "files":
		answer, err = computed("opened", strconv.Itoa(openMany(10_000)))
	case "write":
		signal.Ignore(syscall.SIGXFSZ) // would end the process otherwise
		answer, err = computed("written", strconv.FormatInt(writeOn("large"), 10))
	case "write-many":
		for n := range 100_000 {
			_ = os.WriteFile(filepath.Join(os.TempDir(), strconv.Itoa(n)), nil, 0o600)
		}
		select {}
	default:
		return nil, false, nil
	}
	return answer, true, err
}

// startOrphan leaves a process behind that has neither its group, nor a parent, nor
// the output in common with the department, as a daemon does.
func startOrphan() string {
	out, err := exec.Command("sh", "-c", "setsid sleep 600 </dev/null >/dev/null 2>&1 & echo $!").Output()
	if err != nil {
		return err.Error()
	}
	return strings.TrimSpace(string(out))
}

func takeMemory() {
	var all [][]byte
	for range 10_000 {
		block := make([]byte, 1<<20)
		for i := range block {
			block[i] = byte(i)
		}
		all = append(all, block)
		time.Sleep(500 * time.Microsecond) // 2 GiB/s are no machine's business
	}
	panic(len(all))
}

func burn() {
	for n := uint64(1); n != 0; n += 2 {
		continue
	}
}

func nice() int {
	raw, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0)
	if err != nil {
		return -1
	}
	return 20 - raw // the system call cannot say negative numbers
}

func openMany(n int) int {
	for opened := range n {
		if _, err := syscall.Open("/dev/null", syscall.O_RDONLY, 0); err != nil {
			return opened
		}
	}
	return n
}

// writeOn writes up to a GiB to a file and returns how much of it there is.
func writeOn(name string) int64 {
	file, err := os.Create(filepath.Join(os.TempDir(), name))
	if err != nil {
		return -1
	}
	block := make([]byte, 1<<20)
	for range 1 << 10 {
		if _, err := file.Write(block); err != nil {
			break
		}
	}
	info, err := file.Stat()
	if err != nil {
		return -1
	}
	return info.Size()
}

// floodStdout writes to the descriptor of the handshake, which the SDK's own
// standard output no longer is.
func floodStdout() {
	line := []byte("welcome to the department\n")
	for {
		_, _ = syscall.Write(1, line)
	}
}

// describe is the definition of a department; some describe themselves wrongly.
func describe(name, version string) (*sdk.DescribeResponse, error) {
	definition := testDefinition(name)
	definition.Version = cmp.Or(version, definition.Version)
	switch name {
	case "describe-another":
		definition.Service = "anagrafe"
	case "describe-fault":
		return nil, errors.New("no definition today")
	case "describe-wrong-schema":
		definition.FieldGroups["richiedente"].Fields[0].Type = "hologram"
	case "describe-five-megabytes":
		definition.Description.IT = strings.Repeat("x", 5<<20)
	}
	return &sdk.DescribeResponse{Definition: definition}, nil
}
