//go:build unix

package pythontest

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc/departmentpb"
)

// patience bounds every wait of these tests.
const patience = 20 * time.Second

// started is the department's process, started as the platform would.
type started struct {
	pid    int
	fields []string      // of the handshake
	ended  chan struct{} // closed when the process that was started has ended
	cmd    *exec.Cmd
}

// start starts a command with the variables that a department gets.
func start(t *testing.T, command []string, variables ...string) *started {
	t.Helper()
	folder, err := os.MkdirTemp("", "py-") //nolint:usetesting // a socket lives in it: the path must be short
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Env = append(environment(folder), variables...)
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &started{pid: cmd.Process.Pid, cmd: cmd, ended: make(chan struct{})}
	line, err := bufio.NewReader(out).ReadString('\n')
	s.fields = strings.Split(strings.TrimSpace(line), "|")
	go func() {
		_ = cmd.Wait() // how it ended is in its state
		close(s.ended)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have ended
		<-s.ended
		_ = os.RemoveAll(folder) // in the system's temporary folder: nothing is lost
	})
	if err != nil {
		t.Fatalf("read the handshake: %v", err)
	}
	if want := filepath.Join(folder, "department.sock"); len(s.fields) < 5 || s.fields[3] != want {
		t.Fatalf("the handshake is %q, want the socket %s in it", line, want)
	}
	return s
}

// environment is what a department gets of the platform.
func environment(folder string) []string {
	return []string{
		"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C.UTF-8", "TMPDIR=" + folder,
		rpc.CookieKey + "=" + rpc.CookieValue, "PLUGIN_PROTOCOL_VERSIONS=1", "PLUGIN_UNIX_SOCKET_DIR=" + folder,
	}
}

// awaitEnd fails if the process does not end soon.
func (s *started) awaitEnd(t *testing.T) {
	t.Helper()
	select {
	case <-s.ended:
	case <-time.After(patience):
		t.Fatal("it does not end")
	}
}

// dial connects to the socket of the handshake.
func (s *started) dial(t *testing.T, creds credentials.TransportCredentials) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient("unix:"+s.fields[3], grpc.WithTransportCredentials(creds), grpc.WithAuthority("localhost"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func healthOf(t *testing.T, conn *grpc.ClientConn, service string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	answer, err := grpc_health_v1.NewHealthClient(conn).Check(ctx, &grpc_health_v1.HealthCheckRequest{Service: service})
	if err == nil && answer.GetStatus() != grpc_health_v1.HealthCheckResponse_SERVING {
		return fmt.Errorf("it says %s", answer.GetStatus())
	}
	return err
}

// TestCertificates: the platform's certificates are ECDSA on P-521, and no other
// client gets in. The department's own is trusted alone.
func TestCertificates(t *testing.T) {
	t.Parallel()
	path := Department(t, root, t.TempDir())
	platform, stranger := certificate(t), certificate(t)
	s := start(t, []string{path}, "PLUGIN_CLIENT_CERT="+string(pemOf(platform)))
	if len(s.fields) != 6 {
		t.Fatalf("the handshake has %d fields, want the certificate as the sixth", len(s.fields))
	}
	own, err := base64.RawStdEncoding.DecodeString(s.fields[5])
	if err != nil {
		t.Fatal(err)
	}
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: own}))
	config := func(certificates ...tls.Certificate) credentials.TransportCredentials {
		return credentials.NewTLS(&tls.Config{RootCAs: trusted, ServerName: "localhost", Certificates: certificates, MinVersion: tls.VersionTLS12})
	}
	if err := healthOf(t, s.dial(t, config(platform)), rpc.HealthService); err != nil {
		t.Errorf("with the platform's certificate: %v", err)
	}
	for name, creds := range map[string]credentials.TransportCredentials{
		"a stranger's certificate": config(stranger), "no certificate": config(), "no TLS": insecure.NewCredentials(),
	} {
		if err := healthOf(t, s.dial(t, creds), rpc.HealthService); status.Code(err) != codes.Unavailable {
			t.Errorf("with %s: %v, want a refusal", name, err)
		}
	}
}

// certificate is one as the platform makes them at each start.
func certificate(t *testing.T) tls.Certificate {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P521(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth},
		IsCA:        true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
}

func pemOf(c tls.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]})
}

// TestPlainSocket: without a certificate in its environment it serves plainly, on a
// socket that is for its own user alone.
func TestPlainSocket(t *testing.T) {
	t.Parallel()
	s := start(t, []string{Department(t, root, t.TempDir())})
	if len(s.fields) != 5 {
		t.Errorf("the handshake is %q, want five fields", s.fields)
	}
	info, err := os.Stat(s.fields[3])
	if err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("the socket: %v, %v; want it closed to others", info.Mode(), err)
	}
	conn := s.dial(t, insecure.NewCredentials())
	if err := healthOf(t, conn, rpc.HealthService); err != nil {
		t.Errorf("health: %v", err)
	}
	if err := healthOf(t, conn, "another"); err == nil {
		t.Error("it is healthy for a service that it does not have")
	}
}

// TestBrokenRequests sends what the platform never would: each is an error of its
// own call.
func TestBrokenRequests(t *testing.T) {
	t.Parallel()
	s := start(t, []string{Department(t, root, t.TempDir())})
	client := departmentpb.NewDepartmentClient(s.dial(t, insecure.NewCredentials()))
	const now, practice = "2026-11-23T10:00:00+01:00", "prestito-attrezzi"
	for name, req := range map[string]*departmentpb.ReviewRequest{
		"an unknown practice": {Practice: "none", Now: now},
		"no moment":           {Practice: practice},
		"no such day":         {Practice: practice, Now: "2026-02-30T10:00:00Z"},
		"no JSON":             {Practice: practice, Now: now, Answers: []byte("{")},
		"invalid UTF-8":       {Practice: practice, Now: now, Answers: []byte("{\"a\": \"\xff\"}")},
		"the end of time":     {Practice: practice, Now: "9999-12-31T23:59:59Z"},
		"the beginning of it": {Practice: practice, Now: "0001-01-01T00:00:00+01:00"},
		"very deep JSON":      {Practice: practice, Now: now, Answers: []byte(strings.Repeat("[", 1<<20))},
	} {
		if _, err := client.Review(t.Context(), req); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s: %v, want it to be told so", name, err)
		}
	}
	for name, req := range map[string]*departmentpb.ReviewRequest{
		"nothing but the moment": {Practice: practice, Now: now},
		"a list of answers":      {Practice: practice, Now: now, Answers: []byte("[]")},
		"nanoseconds":            {Practice: practice, Now: "2026-11-23T10:00:00.123456789+01:00"},
		"a day far away":         {Practice: practice, Now: "9998-12-31T23:59:59-12:00"},
	} {
		if _, err := client.Review(t.Context(), req); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEnds: told to, or with its parent.
func TestEnds(t *testing.T) {
	t.Parallel()
	path := Department(t, root, t.TempDir())
	t.Run("on SIGTERM", func(t *testing.T) {
		t.Parallel()
		s := start(t, []string{path})
		if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
			t.Fatal(err)
		}
		s.awaitEnd(t)
		if code := s.cmd.ProcessState.ExitCode(); code != 0 {
			t.Errorf("exit code %d", code)
		}
	})
	t.Run("with its parent", func(t *testing.T) {
		t.Parallel()
		// The shell is its parent, and tells nobody when it is killed.
		s := start(t, []string{"/bin/sh", "-c", `"$0" & wait`, path})
		conn := s.dial(t, insecure.NewCredentials())
		if err := healthOf(t, conn, rpc.HealthService); err != nil {
			t.Fatal(err)
		}
		if err := s.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for end := time.Now().Add(patience); healthOf(t, conn, rpc.HealthService) == nil; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatal("it lives on without its parent")
			}
		}
	})
}

// TestRefusesAnotherContract: a platform that no longer speaks its version is told
// so, in words.
func TestRefusesAnotherContract(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), Department(t, root, t.TempDir()))
	cmd.Env = append(environment(t.TempDir()), "PLUGIN_PROTOCOL_VERSIONS=2,3")
	said, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || !strings.Contains(string(said), "2,3") {
		t.Errorf("it ended with %v and said %q", err, said)
	}
}
