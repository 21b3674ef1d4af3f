package rpc

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// Main is the main of a department: it loads the department and serves it. What
// keeps it from loading goes to standard error, with exit code 1.
//
//	func main() { rpc.Main(New) }
func Main(load func() (sdk.Department, error)) {
	dep, err := load()
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", filepath.Base(os.Args[0]), err)
		os.Exit(1)
	}
	Serve(dep)
}

// Serve runs the process of a department until the platform ends it. Call it as
// the one statement of main; started by hand, it says what it is and exits.
//
// The process ends with its platform, however that one ends. What it writes to
// standard error goes to the platform's log; standard output belongs to the
// handshake until Serve has begun, and is a log from then on.
func Serve(dep sdk.Department) {
	nameProcess()
	go exitWithParent(os.Getppid(), os.Getppid, os.Exit)
	plugin.Serve(&plugin.ServeConfig{
		HandshakeConfig:  Handshake(),
		VersionedPlugins: map[int]plugin.PluginSet{ProtocolVersion: {PluginName: &adapter{dep: dep}}},
		GRPCServer:       newServer,
		TLSProvider:      readyPair,
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Warn, Output: os.Stderr, JSONFormat: true}),
	})
}

// readyPair is the certificate that the platform has made for this process, if it has.
// Without one the plug-in library makes it, which takes a department as long as all the
// rest of its start.
func readyPair() (*tls.Config, error) {
	text := []byte(os.Getenv(PairEnv))
	if len(text) == 0 {
		return nil, nil //nolint:nilnil // what the library wants to hear
	}
	pair, err := tls.X509KeyPair(text, text)
	if err != nil {
		return nil, fmt.Errorf("read the certificate of the process: %w", err)
	}
	platform := x509.NewCertPool()
	if !platform.AppendCertsFromPEM([]byte(os.Getenv("PLUGIN_CLIENT_CERT"))) {
		return nil, errors.New("read the certificate of the platform: there is none")
	}
	if err := os.Unsetenv(PairEnv); err != nil {
		return nil, fmt.Errorf("forget the key: %w", err)
	}
	return &tls.Config{
		Certificates: []tls.Certificate{pair}, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: platform, MinVersion: tls.VersionTLS13,
	}, nil
}

// nameProcess gives the process its own name in Linux's process table. The
// platform starts the very file whose checksum it has verified, through its
// descriptor, and the kernel would call the process by the descriptor's number.
func nameProcess() {
	_ = os.WriteFile("/proc/self/comm", []byte(filepath.Base(os.Args[0])), 0) // cosmetic
}

// newServer raises gRPC's limit of a request to [MaxRequest].
func newServer(opts []grpc.ServerOption) *grpc.Server {
	return grpc.NewServer(append(opts, grpc.MaxRecvMsgSize(MaxRequest))...)
}

// exitWithParent ends the process soon after its parent has gone. Linux tells a
// child of its parent's death by a signal, but only where the host could ask for
// it; this works everywhere and also behind a wrapper script.
func exitWithParent(parent int, ppid func() int, exit func(int)) {
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for range ticker.C {
		if ppid() != parent {
			exit(1)
			return
		}
	}
}
