package relying

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/oauth2"
)

// assertionType says that a client proves who it is by a signed token (RFC 7523).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// assertionLife is how long such a token is good.
const assertionLife = time.Minute

// Key is the private key by which the town proves to its issuer who it is.
type Key struct {
	key    crypto.Signer
	method jwt.SigningMethod
	// ID is the name under which the issuer knows the public half; it may be empty.
	ID string
}

// ParseKey reads a private key in PKCS #8, in PEM: RSA of 2048 bits or more, P-256 or
// Ed25519.
func ParseKey(text []byte, id string) (*Key, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("read the client's key: want PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("read the client's key: want PKCS #8")
	}
	switch key := parsed.(type) {
	case *rsa.PrivateKey:
		if key.N.BitLen() >= 2048 {
			return &Key{key: key, method: jwt.SigningMethodRS256, ID: id}, nil
		}
	case *ecdsa.PrivateKey:
		if key.Curve == elliptic.P256() {
			return &Key{key: key, method: jwt.SigningMethodES256, ID: id}, nil
		}
	case ed25519.PrivateKey:
		return &Key{key: key, method: jwt.SigningMethodEdDSA, ID: id}, nil
	}
	return nil, errors.New("read the client's key: want RSA of 2048 bits or more, P-256 or Ed25519")
}

// assert proves to the endpoint that the client is who it says.
func (k *Key) assert(clientID, endpoint string, now time.Time) ([]oauth2.AuthCodeOption, error) {
	token := jwt.NewWithClaims(k.method, jwt.RegisteredClaims{
		Issuer: clientID, Subject: clientID, Audience: jwt.ClaimStrings{endpoint}, ID: random(),
		IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(assertionLife)),
	})
	if k.ID != "" {
		token.Header["kid"] = k.ID
	}
	signed, err := token.SignedString(k.key)
	if err != nil {
		return nil, fmt.Errorf("sign that it is us: %w", err)
	}
	return []oauth2.AuthCodeOption{
		oauth2.SetAuthURLParam("client_assertion_type", assertionType), oauth2.SetAuthURLParam("client_assertion", signed),
	}, nil
}
