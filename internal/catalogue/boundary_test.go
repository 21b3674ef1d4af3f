package catalogue

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
)

// Whoever finds the socket of a department has no certificate for it.
func TestNobodyElseConnects(t *testing.T) {
	c := startHost(t, Limits{}, io.Discard, Bundled("one"))
	sockets, err := filepath.Glob(c.lock.Name() + "/*/*")
	if err != nil || len(sockets) != 1 {
		t.Fatalf("sockets %v, %v", sockets, err)
	}
	for name, kind := range map[string]credentials.TransportCredentials{
		"in plain text":         insecure.NewCredentials(),
		"without a certificate": credentials.NewTLS(&tls.Config{InsecureSkipVerify: true}),
	} {
		t.Run(name, func(t *testing.T) {
			conn, err := grpc.NewClient("unix:"+sockets[0], grpc.WithTransportCredentials(kind))
			must(t, err)
			defer func() { must(t, conn.Close()) }()
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			defer cancel()
			answer, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: rpc.HealthService})
			if err == nil || ctx.Err() != nil {
				t.Errorf("got %v, %v; want a refusal at once", answer, err)
			}
		})
	}
	value(t, c, "one", "prova")
	for path, want := range map[string]os.FileMode{c.lock.Name(): 0o700, filepath.Dir(sockets[0]): 0o700} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("mode of %s: %v, %v", path, info.Mode(), err)
		}
	}
}

// A process without certificates that sends one all the same cannot hurt the host.
func TestCertificateNobodyAskedFor(t *testing.T) {
	reg := selfAsOutsider(t, "certificate-nobody-asked-for")
	reg.PlainSocket = true
	if _, err := Run(t.Context(), RunConfig{Registration: reg}); err == nil || !strings.Contains(err.Error(), "not what was asked for") {
		t.Errorf("got %v", err)
	}
}

// A department has the one connection over which it is asked, and nobody to ask.
func TestNothingToAskTheHostFor(t *testing.T) {
	t.Parallel()
	c := startHost(t, Limits{Review: 20 * time.Second}, io.Discard, Bundled("raw"))
	answer, err := ask(t, c, "raw", "ask-the-host")
	must(t, err)
	if got := answer.Computed[0].Value; !strings.Contains(got, "timeout waiting for connection info") {
		t.Errorf("the host's broker says %q", got)
	}
	if got := answer.Computed[1].Value; got != "2" {
		t.Errorf("the department has %s sockets, want that on which it listens and that of the host", got)
	}
}

// A daemon outlives a host that was killed; the next host on the folder ends it.
func TestDaemonsOfADeadHostAreEnded(t *testing.T) {
	root := t.TempDir()
	folder := filepath.Join(root, "plugin-dir1")
	must(t, os.Mkdir(folder, 0o700))
	start := func(tmp string) int {
		cmd := exec.Command("sleep", "600")
		cmd.Env = []string{"TMPDIR=" + tmp}
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		must(t, cmd.Start())
		t.Cleanup(func() {
			_ = cmd.Process.Kill() // the one that must be gone already is
			_ = cmd.Wait()         // killed
		})
		return cmd.Process.Pid
	}
	daemon, stranger := start(folder), start(filepath.Dir(root))
	leftovers(root, 5*time.Second)
	if alive(daemon) {
		t.Error("the daemon lives")
	}
	if !alive(stranger) {
		t.Error("a process that is no department's was killed")
	}
}

// Whatever a department writes to the descriptor of the handshake, the host reads
// no more of it than of its log.
func TestStandardOutputIsThrottled(t *testing.T) {
	r, w, err := os.Pipe()
	must(t, err)
	go func() {
		for {
			if _, err := w.Write(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	}()
	done := make(chan struct{})
	out := &throttled{File: r, done: done}
	time.AfterFunc(1500*time.Millisecond, func() { close(done); _ = w.Close() })
	n, start := int64(0), time.Now()
	reader := bufio.NewReader(out)
	for time.Since(start) < 1400*time.Millisecond {
		got, err := io.CopyN(io.Discard, reader, 1<<16)
		must(t, err)
		n += got
	}
	if most := int64(3 * (logRead + 1<<16)); n > most {
		t.Errorf("%d bytes read in 1.4 s, want at most %d", n, most)
	}
	must(t, r.Close())
}
