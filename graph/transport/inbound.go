package transport

import (
	"encoding/binary"
	"unicode/utf8"
)

// Kinds of frames (RFC 6455, section 5.2).
const (
	opContinuation byte = 0x0
	opText         byte = 0x1
	opBinary       byte = 0x2
	opClose        byte = 0x8
	opPing         byte = 0x9
	opPong         byte = 0xa
)

// isControl tells frames about the connection, which may stand between the parts of a message.
func isControl(op byte) bool { return op&0x8 != 0 }

// violation is a breach of RFC 6455. Nothing that follows it can be read.
type violation struct {
	code   CloseCode
	reason string
}

func (v *violation) Error() string { return v.reason }

func breach(reason string) *violation { return &violation{CloseProtocolError, reason} }

// maxMaskedHead is the length of the longest head of a frame that a client sends: two bytes, eight of length, the mask.
const maxMaskedHead = 14

// maxControl is how many bytes a control frame may carry.
const maxControl = 125

// inbound takes apart what a client sends, in whatever pieces it comes. It holds on to a part of a frame or of a message
// only, and to no more than has come: what a frame announces costs nothing. The zero value with a limit is at the
// beginning of a connection.
type inbound struct {
	limit int64 // bytes of one message

	// The frame that has begun.
	head   [maxMaskedHead]byte
	got    uint8  // bytes of the head
	open   bool   // the head is whole
	turn   uint8  // of the mask: where the next byte of the payload stands in it
	left   int64  // bytes of the payload that are still to come
	needed []byte // of a control frame: what has come of it

	// The message that has begun.
	kind    byte // opText or opBinary; 0 is none
	message []byte
}

// arrival is a control frame or a message that is whole. A part of a message that is not comes as a continuation without
// a payload. The payload is good until the piece it came in is used again.
type arrival struct {
	op      byte
	payload []byte
}

// next takes the next frame from a piece of what the peer sent, and gives back what follows it. Without a frame that is
// whole the piece is used up. The piece is written to.
func (in *inbound) next(piece []byte) (rest []byte, a arrival, whole bool, broken *violation) {
	if !in.open {
		if piece, broken = in.begin(piece); broken != nil || !in.open {
			return nil, a, false, broken
		}
	}
	n := int(min(in.left, int64(len(piece))))
	part, rest := piece[:n], piece[n:]
	in.unmask(part)
	if in.left -= int64(n); in.left > 0 {
		in.keep(part)
		return nil, a, false, nil
	}
	in.open, in.got = false, 0
	return rest, in.end(part), true, nil
}

// begin reads the head of a frame.
func (in *inbound) begin(piece []byte) (rest []byte, broken *violation) {
	for !in.open {
		need := in.headBytes()
		n := copy(in.head[in.got:need], piece)
		in.got += uint8(n)
		if piece = piece[n:]; in.got < need {
			return nil, nil
		}
		if need == 2 {
			if broken := in.checkHead(); broken != nil {
				return nil, broken
			}
			if in.headBytes() > need {
				continue
			}
		}
		if broken := in.checkLength(); broken != nil {
			return nil, broken
		}
		in.open, in.turn = true, 0
	}
	return piece, nil
}

const (
	finBit, reservedBits, opBits = 0x80, 0x70, 0x0f
	maskBit, lengthBits          = 0x80, 0x7f
	twoBytes, eightBytes         = 126, 127
)

func (in *inbound) op() byte    { return in.head[0] & opBits }
func (in *inbound) final() bool { return in.head[0]&finBit != 0 }

// headBytes is how long the head is, as far as it is known.
func (in *inbound) headBytes() uint8 {
	if in.got < 2 {
		return 2
	}
	switch in.head[1] & lengthBits {
	case twoBytes:
		return 2 + 2 + 4
	case eightBytes:
		return 2 + 8 + 4
	default:
		return 2 + 4
	}
}

// checkHead judges the first two bytes: what they say is wrong is wrong whatever follows.
func (in *inbound) checkHead() *violation {
	switch op := in.op(); {
	case in.head[0]&reservedBits != 0:
		return breach("Reserved bits are set")
	case in.head[1]&maskBit == 0:
		return breach("Frames of a client are masked")
	case op > opPong || op > opBinary && op < opClose:
		return breach("Unknown kind of frame")
	case isControl(op) && (!in.final() || in.head[1]&lengthBits > maxControl):
		return breach("Control frame in parts or too long")
	case op == opContinuation && in.kind == 0:
		return breach("No message to continue")
	case (op == opText || op == opBinary) && in.kind != 0:
		return breach("A message has not ended")
	}
	return nil
}

// checkLength reads how much is announced, once the head is whole.
func (in *inbound) checkLength() *violation {
	var length uint64
	switch short := in.head[1] & lengthBits; short {
	case twoBytes:
		if length = uint64(binary.BigEndian.Uint16(in.head[2:])); length < twoBytes {
			return breach("Length written too long")
		}
	case eightBytes:
		if length = binary.BigEndian.Uint64(in.head[2:]); length <= 0xffff || length > 1<<63-1 {
			return breach("Length written too long")
		}
	default:
		length = uint64(short)
	}
	if !isControl(in.op()) && length > uint64(in.limit)-uint64(len(in.message)) {
		return &violation{CloseMessageTooBig, "Message too big"}
	}
	in.left = int64(length)
	return nil
}

// unmask takes the mask off the part of a payload, eight bytes at a time.
func (in *inbound) unmask(part []byte) {
	mask := in.head[in.got-4 : in.got]
	var turned [8]byte
	for i := range turned {
		turned[i] = mask[(int(in.turn)+i)&3]
	}
	in.turn = (in.turn + uint8(len(part)&3)) & 3
	word := binary.LittleEndian.Uint64(turned[:])
	for ; len(part) >= len(turned); part = part[len(turned):] {
		binary.LittleEndian.PutUint64(part, binary.LittleEndian.Uint64(part)^word)
	}
	for i := range part {
		part[i] ^= turned[i]
	}
}

// keep holds a part of a frame until the rest comes.
func (in *inbound) keep(part []byte) {
	if isControl(in.op()) {
		in.needed = append(in.needed, part...)
	} else {
		in.message = append(in.message, part...)
	}
}

// end closes the frame whose last part this is.
func (in *inbound) end(part []byte) arrival {
	op := in.op()
	if isControl(op) {
		if in.needed == nil {
			return arrival{op, part}
		}
		in.keep(part)
		payload := in.needed
		in.needed = nil
		return arrival{op, payload}
	}
	if op != opContinuation {
		in.kind = op
	}
	if !in.final() {
		in.keep(part)
		return arrival{op: opContinuation}
	}
	kind := in.kind
	in.kind = 0
	if in.message == nil {
		return arrival{kind, part}
	}
	in.keep(part)
	payload := in.message
	in.message = nil
	return arrival{kind, payload}
}

// goodbye is what a close frame says: the code, CloseNoCode where it has none.
func goodbye(payload []byte) (CloseCode, *violation) {
	if len(payload) == 0 {
		return CloseNoCode, nil
	}
	if len(payload) == 1 {
		return 0, breach("Close frame with half a code")
	}
	code := CloseCode(binary.BigEndian.Uint16(payload))
	if !code.sendable() {
		return 0, breach("Close code that nobody sends")
	}
	if !utf8.Valid(payload[2:]) {
		return 0, &violation{CloseNotUTF8, "Invalid UTF-8"}
	}
	return code, nil
}
