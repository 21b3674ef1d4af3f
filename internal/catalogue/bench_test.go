package catalogue

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/spazio-in-comune/sportello/internal/town"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc/departmentpb"
)

// minimalBinary builds the smallest department.
func minimalBinary(b *testing.B) (path, sum string) {
	b.Helper()
	return build(b, "./testdata/minimal")
}

// build builds a program as it is shipped and waits until its checksum may be
// remembered, as an installed one's is.
func build(b *testing.B, source string) (path, sum string) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "program")
	build := exec.Command("go", "build", "-ldflags", "-s -w", "-o", path, source)
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	time.Sleep(racy + time.Second)
	sum, err := Checksum(path)
	if err != nil {
		b.Fatal(err)
	}
	return path, sum
}

func minimal(b *testing.B, path, sum, name string) Registration {
	b.Helper()
	described := testDefinition(name)
	described.Series = strings.ToUpper(name[len(name)-1:])
	definition, err := json.Marshal(described)
	if err != nil {
		b.Fatal(err)
	}
	return Registration{Name: name, Command: path, Args: []string{string(definition)}, SHA256: sum, Bundled: true}
}

func benchHost(b *testing.B, regs ...Registration) *Catalogue {
	b.Helper()
	c, err := New(b.Context(), Config{
		Plugins: regs, Memory: newTestMemory(), Clock: town.SystemClock{},
		Logger: slog.New(slog.DiscardHandler), SocketFolder: filepath.Join(b.TempDir(), "run"),
	})
	if err != nil {
		b.Fatal(err)
	}
	if err := c.Settled(b.Context()); err != nil {
		b.Fatal(err)
	}
	return c
}

// bundled registers the departments of the house, by the names of their folders, as
// the server does.
func bundled(b *testing.B) []Registration {
	b.Helper()
	path, sum := build(b, "../../cmd/sportello-department")
	files, err := filepath.Glob("../../plugins/*/service.yaml")
	if err != nil || len(files) == 0 {
		b.Fatal("no departments", err)
	}
	var regs []Registration
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file))
		regs = append(regs, Registration{Name: name, Command: path, Args: []string{name}, SHA256: sum, Bundled: true})
	}
	return regs
}

// BenchmarkFifteenDepartments measures the start of all in parallel until each is
// ready, the memory that they take together, and the end. The real ones are the
// departments of the house; the others show what the host and the contract cost.
func BenchmarkFifteenDepartments(b *testing.B) {
	kinds := map[string]func(*testing.B) []Registration{
		"real": bundled,
		"minimal": func(b *testing.B) []Registration {
			path, sum := minimalBinary(b)
			return fifteen(func(name string) Registration { return minimal(b, path, sum, name) })
		},
	}
	for kind, register := range kinds {
		b.Run(kind, func(b *testing.B) {
			regs := register(b)
			var ready, end time.Duration
			pss := 0
			for b.Loop() {
				start := time.Now()
				c := benchHost(b, regs...)
				ready += time.Since(start)
				pss = 0
				for _, i := range c.Plugins() {
					if i.State != Ready {
						b.Fatalf("%+v", i)
					}
					pss += statusKiB(b, i.PID, "smaps_rollup", "Pss:")
				}
				start = time.Now()
				if err := c.Close(b.Context()); err != nil {
					b.Fatal(err)
				}
				end += time.Since(start)
			}
			b.ReportMetric(float64(ready.Milliseconds())/float64(b.N), "ms-start")
			b.ReportMetric(float64(end.Milliseconds())/float64(b.N), "ms-stop")
			b.ReportMetric(float64(pss)*1024/1e6, "MB-pss")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func fifteen(register func(name string) Registration) []Registration {
	var regs []Registration
	for n := range 15 {
		regs = append(regs, register(fmt.Sprintf("service-%c", 'a'+n)))
	}
	return regs
}

// BenchmarkReview compares a review through the host with the bare call of the
// plug-in library on the same message of 2 KB.
func BenchmarkReview(b *testing.B) {
	path, sum := minimalBinary(b)
	req := requestOf("prova")
	req.Answers["nome"] = json.RawMessage(`"` + strings.Repeat("x", 2000) + `"`)
	b.Run("host", func(b *testing.B) {
		c := benchHost(b, minimal(b, path, sum, "one"))
		for b.Loop() {
			if _, err := c.Review(b.Context(), "one", "", req); err != nil {
				b.Fatal(err)
			}
		}
		if err := c.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
	})
	b.Run("bare", func(b *testing.B) { benchBare(b, minimal(b, path, sum, "one"), req) })
}

// bare dispenses the generated client without anything of the host around it.
type bare struct{ plugin.NetRPCUnsupportedPlugin }

func (bare) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error { return nil }

func (bare) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return departmentpb.NewDepartmentClient(conn), nil
}

func benchBare(b *testing.B, reg Registration, req sdk.ReviewRequest) {
	cmd := exec.Command(reg.Command, reg.Args...)
	cmd.Env = []string{"GOMAXPROCS=1", "GOMEMLIMIT=32MiB", "GOGC=25"}
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig: rpc.Handshake(), Cmd: cmd, AutoMTLS: true, SkipHostEnv: true,
		VersionedPlugins: map[int]plugin.PluginSet{rpc.ProtocolVersion: {rpc.PluginName: bare{}}},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Off, Output: io.Discard}),
	})
	defer client.Kill()
	protocol, err := client.Client()
	if err != nil {
		b.Fatal(err)
	}
	raw, err := protocol.Dispense(rpc.PluginName)
	if err != nil {
		b.Fatal(err)
	}
	message := &departmentpb.ReviewRequest{
		Practice: req.Practice, Now: req.Now.Format(time.RFC3339Nano),
		Answers: []byte(`{"nome":` + string(req.Answers["nome"]) + `}`), Ambient: []byte("{}"), Calendar: []byte("{}"),
	}
	for b.Loop() {
		if _, err := raw.(departmentpb.DepartmentClient).Review(b.Context(), message); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkBurningDepartment measures the slowest of a hundred answers of the host,
// alone and beside a department that burns all of the processor. An answer takes a
// way through the host's sockets and goroutines, and some of its processor.
func BenchmarkBurningDepartment(b *testing.B) {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		sum := sha256.Sum256(make([]byte, 64<<10))
		_, _ = w.Write(sum[:])
	}))
	defer server.Close()
	for _, kind := range []string{"alone", "beside"} {
		b.Run(kind, func(b *testing.B) {
			if kind == "beside" {
				r, err := Run(b.Context(), RunConfig{
					Registration: Registration{Name: "one", Command: self, Args: []string{"plugin", "serve", "one"}},
				})
				if err != nil {
					b.Fatal(err)
				}
				defer func() {
					if err := r.Stop(); err != nil {
						b.Fatal(err)
					}
				}()
				if _, err := r.Review(b.Context(), requestOf("burn")); err != nil {
					b.Fatal(err)
				}
				time.Sleep((busyLooks + 2) * time.Second) // until it is noticed
			}
			var took []time.Duration
			for b.Loop() {
				start := time.Now()
				answer, err := http.Get(server.URL)
				if err != nil {
					b.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, answer.Body)
				_ = answer.Body.Close()
				took = append(took, time.Since(start))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "p99-ns")
		})
	}
}
