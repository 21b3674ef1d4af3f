package catalogue

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"

	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
)

// certificateEnv is where the plug-in library has the host's certificate.
const certificateEnv = "PLUGIN_CLIENT_CERT"

// certify makes the host's certificate for one start, and returns the variable that
// hands it to the process. The process answers with its own in the handshake; from
// then on each takes only the other.
//
// It does what the plug-in library's AutoMTLS does, on a curve that costs a tenth:
// with the library's, certificates were a third of the start of all departments.
func certify() (*tls.Config, string, error) {
	own, err := newPair(x509.ExtKeyUsageClientAuth)
	if err != nil {
		return nil, "", err
	}
	config := &tls.Config{
		Certificates: []tls.Certificate{{Certificate: [][]byte{own.der}, PrivateKey: own.key}},
		RootCAs:      x509.NewCertPool(), // nobody, until the handshake
		ServerName:   "localhost",
		MinVersion:   tls.VersionTLS13,
	}
	return config, certificateEnv + "=" + string(own.certificate()), nil
}

// certifyBundled makes the certificate of a department of the house, too, and lets the
// host take only that: the process need not make one, which was half of what it did to
// start. A department from outside makes its own, and its key never leaves it.
func certifyBundled(host *tls.Config) (variable string, err error) {
	theirs, err := newPair(x509.ExtKeyUsageServerAuth)
	if err != nil {
		return "", err
	}
	key, err := x509.MarshalPKCS8PrivateKey(theirs.key)
	if err != nil {
		return "", fmt.Errorf("encode a key: %w", err)
	}
	certificate, err := x509.ParseCertificate(theirs.der)
	if err != nil {
		return "", fmt.Errorf("read a certificate: %w", err)
	}
	host.RootCAs.AddCert(certificate)
	text := append(theirs.certificate(), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})...)
	return rpc.PairEnv + "=" + string(text), nil
}

// pair is a key with its certificate.
type pair struct {
	key *ecdsa.PrivateKey
	der []byte
}

// certificate is it as text.
func (p pair) certificate() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: p.der})
}

func newPair(usage x509.ExtKeyUsage) (pair, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return pair{}, fmt.Errorf("make a key: %w", err)
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 128))
	if err != nil {
		return pair{}, fmt.Errorf("make a serial number: %w", err)
	}
	now := time.Now()
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		// It is thrown away with the process, however long that runs.
		NotBefore: now.Add(-time.Hour), NotAfter: now.AddDate(30, 0, 0),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
		ExtKeyUsage: []x509.ExtKeyUsage{usage},
		IsCA:        true, BasicConstraintsValid: true, // its own authority
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return pair{}, fmt.Errorf("make a certificate: %w", err)
	}
	return pair{key, der}, nil
}
