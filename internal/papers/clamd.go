package papers

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"
)

// Clamd asks a ClamAV daemon by its INSTREAM command.
type Clamd struct{ network, address string }

// clamdTimeout bounds one look.
const clamdTimeout = time.Minute

// clamdChunk is how much is sent at a time, in bytes.
const clamdChunk = 64 << 10

// NewClamd is the daemon at tcp://host:port or unix:///path.
func NewClamd(url string) (*Clamd, error) {
	network, address, ok := strings.Cut(url, "://")
	if !ok || network != "tcp" && network != "unix" || address == "" {
		return nil, fmt.Errorf("%q: want tcp://host:3310 or unix:///run/clamav/clamd.ctl", url)
	}
	return &Clamd{network: network, address: address}, nil
}

// Name implements [Scanner].
func (*Clamd) Name() string { return "clamd" }

// errClamd says that the daemon could not look.
var errClamd = errors.New("clamd could not look at the file")

// Scan implements [Scanner].
func (c *Clamd) Scan(ctx context.Context, content io.Reader) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, clamdTimeout)
	defer cancel()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, c.network, c.address)
	if err != nil {
		return "", fmt.Errorf("reach clamd: %w", err)
	}
	defer func() { _ = conn.Close() }()
	stop := context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Now()) })
	defer stop()
	// The daemon answers in the middle of a file that is too large for it, and hangs up:
	// its answer is read whatever became of the sending.
	sendErr := sendStream(conn, content)
	reply, err := bufio.NewReader(conn).ReadString(0)
	if err != nil && !errors.Is(err, io.EOF) || reply == "" {
		return "", fmt.Errorf("hear clamd: %w", errors.Join(sendErr, err))
	}
	return verdictOf(strings.Trim(reply, "\x00\r\n "), sendErr)
}

// verdictOf reads "stream: OK" and "stream: NAME FOUND"; all else is no verdict.
func verdictOf(reply string, sendErr error) (string, error) {
	text, ok := strings.CutPrefix(reply, "stream: ")
	found, isFound := strings.CutSuffix(text, " FOUND")
	switch {
	case ok && isFound && found != "":
		return found, nil
	case ok && text == "OK" && sendErr == nil:
		return "", nil
	default:
		return "", errors.Join(fmt.Errorf("%w: %q", errClamd, reply), sendErr)
	}
}

// sendStream sends the command and the content, in pieces with their length before them
// and an empty one at the end.
func sendStream(conn io.Writer, content io.Reader) error {
	if _, err := io.WriteString(conn, "zINSTREAM\x00"); err != nil {
		return fmt.Errorf("ask clamd: %w", err)
	}
	piece := make([]byte, 4+clamdChunk)
	for {
		n, err := io.ReadFull(content, piece[4:])
		if n > 0 {
			binary.BigEndian.PutUint32(piece, uint32(n)) //nolint:gosec // at most clamdChunk
			if _, err := conn.Write(piece[:4+n]); err != nil {
				return fmt.Errorf("send to clamd: %w", err)
			}
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read what is sent to clamd: %w", err)
		}
	}
	if _, err := conn.Write(make([]byte, 4)); err != nil {
		return fmt.Errorf("send to clamd: %w", err)
	}
	return nil
}
