package transport

import (
	"encoding/binary"
	"math"
)

// sealed is a text message as the one WebSocket frame (RFC 6455, section 5.2) that carries it, unmasked as servers send.
func sealed(message []byte) []byte {
	return append(frameHeader(make([]byte, 0, maxHeader+len(message)), len(message)), message...)
}

// maxHeader is the length of the longest header of an unmasked frame.
const maxHeader = 10

// frameHeader appends the header of a whole text message of n bytes.
func frameHeader(buf []byte, n int) []byte {
	const finalText = finBit | opText
	switch {
	case n < twoBytes:
		return append(buf, finalText, byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(buf, finalText, twoBytes), uint16(n))
	default:
		return binary.BigEndian.AppendUint64(append(buf, finalText, eightBytes), uint64(n))
	}
}

// controlFrame is a frame about the connection; its payload has at most maxControl bytes.
func controlFrame(op byte, payload []byte) []byte {
	return append(append(make([]byte, 0, 2+len(payload)), finBit|op, byte(len(payload))), payload...)
}

// closeFrame says why the connection ends; CloseNoCode says nothing.
func closeFrame(code CloseCode, reason string) []byte {
	if code == CloseNoCode {
		return controlFrame(opClose, nil)
	}
	payload := binary.BigEndian.AppendUint16(nil, uint16(code))
	return controlFrame(opClose, append(payload, reason[:min(len(reason), maxControl-len(payload))]...))
}

// template is a message of an operation without its id, serialised once for many sockets.
type template struct {
	rest []byte // what follows the id
}

const beforeID = `{"id":`

func newTemplate(kind string, payload []byte) *template {
	rest := make([]byte, 0, len(`,"type":"","payload":}`)+len(kind)+len(payload))
	rest = append(append(append(rest, `,"type":"`...), kind...), '"')
	if payload != nil {
		rest = append(append(rest, `,"payload":`...), payload...)
	}
	return &template{rest: append(rest, '}')}
}

// blank is the frame for quoted ids of one length: each is copied to the bytes at [at:], and nothing else changes.
type blank struct {
	frame []byte
	at    int
}

func (t *template) blank(idLen int) blank {
	n := len(beforeID) + idLen + len(t.rest)
	frame := append(frameHeader(make([]byte, 0, maxHeader+n), n), beforeID...)
	at := len(frame)
	return blank{frame: append(append(frame, make([]byte, idLen)...), t.rest...), at: at}
}

// to is the frame for one id.
func (t *template) to(quotedID []byte) []byte { return t.blank(len(quotedID)).with(quotedID) }

// with puts an id in; the frame is good until the next.
func (b blank) with(quotedID []byte) []byte {
	copy(b.frame[b.at:], quotedID)
	return b.frame
}
