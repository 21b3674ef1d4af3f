package transport

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// masked is a frame as a client sends it; first are the bits and the kind.
func masked(first byte, payload string) string {
	mask := [4]byte{0xa1, 0x02, 0xf3, 0x44}
	frame := []byte{first}
	switch n := len(payload); {
	case n < twoBytes:
		frame = append(frame, maskBit|byte(n))
	case n <= 0xffff:
		frame = binary.BigEndian.AppendUint16(append(frame, maskBit|twoBytes), uint16(n))
	default:
		frame = binary.BigEndian.AppendUint64(append(frame, maskBit|eightBytes), uint64(n))
	}
	frame = append(frame, mask[:]...)
	for i := range len(payload) {
		frame = append(frame, payload[i]^mask[i&3])
	}
	return string(frame)
}

// heard is what a connection says, and how it breaks off.
type heard struct {
	Arrivals []string // the kind, and the payload
	Code     CloseCode
}

// listenTo reads a connection that comes in pieces of that many bytes.
func listenTo(sent string, limit int64, size int) heard {
	in, h := inbound{limit: limit}, heard{}
	for len(sent) > 0 {
		n := min(size, len(sent))
		piece := []byte(sent[:n])
		sent = sent[n:]
		for {
			rest, a, whole, broken := in.next(piece)
			if broken != nil {
				h.Code = broken.code
				return h
			}
			if !whole {
				break
			}
			h.Arrivals = append(h.Arrivals, string('0'+rune(a.op))+string(a.payload))
			piece = rest
		}
	}
	return h
}

const limitOfTest = 70_000

func TestInbound(t *testing.T) {
	const fin = 0x80
	long, longer := strings.Repeat("ab", 63), strings.Repeat("abc", 22_000)
	twice := func(s string) string { return s + s }
	for name, tt := range map[string]struct {
		sent string
		want heard
	}{
		"nothing":                          {"", heard{}},
		"a text":                           {masked(fin|1, "ciao"), heard{Arrivals: []string{"1ciao"}}},
		"an empty text":                    {masked(fin|1, ""), heard{Arrivals: []string{"1"}}},
		"a binary":                         {masked(fin|2, "\x00\xff"), heard{Arrivals: []string{"2\x00\xff"}}},
		"two":                              {twice(masked(fin|1, "ciao")), heard{Arrivals: []string{"1ciao", "1ciao"}}},
		"with two bytes of length":         {masked(fin|1, long), heard{Arrivals: []string{"1" + long}}},
		"with eight bytes of length":       {masked(fin|1, longer), heard{Arrivals: []string{"1" + longer}}},
		"in parts":                         {masked(1, "ci") + masked(0, "") + masked(fin, "ao"), heard{Arrivals: []string{"0", "0", "1ciao"}}},
		"in empty parts":                   {masked(2, "") + masked(0, "") + masked(fin, ""), heard{Arrivals: []string{"0", "0", "2"}}},
		"a ping between the parts":         {masked(1, "ci") + masked(fin|9, "?") + masked(fin, "ao"), heard{Arrivals: []string{"0", "9?", "1ciao"}}},
		"a pong that nobody asked for":     {masked(fin|10, "!"), heard{Arrivals: []string{":!"}}},
		"a ping with nothing":              {masked(fin|9, ""), heard{Arrivals: []string{"9"}}},
		"a ping of 125 bytes":              {masked(fin|9, long[:125]), heard{Arrivals: []string{"9" + long[:125]}}},
		"a close":                          {masked(fin|8, "\x03\xe8bye"), heard{Arrivals: []string{"8\x03\xe8bye"}}},
		"cut in a head":                    {masked(fin|1, "ciao")[:5], heard{}},
		"cut in a payload":                 {masked(fin|1, "ciao")[:9], heard{}},
		"a ping of 126 bytes":              {masked(fin|9, long), heard{Code: 1002}},
		"a ping in parts":                  {masked(9, "?"), heard{Code: 1002}},
		"a close in parts":                 {masked(8, ""), heard{Code: 1002}},
		"not masked":                       {string(sealed([]byte("ciao"))), heard{Code: 1002}},
		"not masked after one that was":    {masked(fin|1, "ciao") + string(sealed(nil)), heard{Arrivals: []string{"1ciao"}, Code: 1002}},
		"the first reserved bit":           {masked(fin|0x40|1, "ciao"), heard{Code: 1002}},
		"the second reserved bit":          {masked(fin|0x20|1, "ciao"), heard{Code: 1002}},
		"the third reserved bit":           {masked(fin|0x10|9, ""), heard{Code: 1002}},
		"kind 3":                           {masked(fin|3, ""), heard{Code: 1002}},
		"kind 7":                           {masked(fin|7, ""), heard{Code: 1002}},
		"kind 11":                          {masked(fin|11, ""), heard{Code: 1002}},
		"kind 15":                          {masked(fin|15, ""), heard{Code: 1002}},
		"nothing to continue":              {masked(fin, "ao"), heard{Code: 1002}},
		"nothing to continue any more":     {masked(1, "ci") + masked(fin, "ao") + masked(0, ""), heard{Arrivals: []string{"0", "1ciao"}, Code: 1002}},
		"a text in a text":                 {masked(1, "ci") + masked(fin|1, "ao"), heard{Arrivals: []string{"0"}, Code: 1002}},
		"a binary in a text":               {masked(1, "ci") + masked(2, "ao"), heard{Arrivals: []string{"0"}, Code: 1002}},
		"two bytes for a length of 125":    {"\x81\xfe\x00\x7d\x00\x00\x00\x00", heard{Code: 1002}},
		"eight bytes for a length of 2^16": {"\x81\xff\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x00\x00", heard{Code: 1002}},
		"a length with its highest bit":    {"\x81\xff\x80\x00\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00", heard{Code: 1002}},
		"the longest that is read":         {masked(fin|1, strings.Repeat("x", limitOfTest)), heard{Arrivals: []string{"1" + strings.Repeat("x", limitOfTest)}}},
		"too long":                         {masked(fin|1, strings.Repeat("x", limitOfTest+1)), heard{Code: 1009}},
		"too long by its length":           {"\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00", heard{Code: 1009}},
		"too long together":                {masked(1, longer) + masked(0, strings.Repeat("x", 4001)), heard{Arrivals: []string{"0"}, Code: 1009}},
		"as long as may be together":       {masked(1, longer) + masked(fin, longer[:4000]), heard{Arrivals: []string{"0", "1" + longer + longer[:4000]}}},
	} {
		t.Run(name, func(t *testing.T) {
			for _, size := range []int{1, 2, 3, 7, 4096, 1 << 20} {
				if diff := cmp.Diff(tt.want, listenTo(tt.sent, limitOfTest, size)); diff != "" {
					t.Fatalf("in pieces of %d: %s", size, diff)
				}
			}
		})
	}
}

func TestGoodbye(t *testing.T) {
	for name, tt := range map[string]struct {
		payload string
		want    CloseCode
		broken  CloseCode
	}{
		"without a code":           {"", CloseNoCode, 0},
		"half a code":              {"\x03", 0, 1002},
		"done":                     {"\x03\xe8", 1000, 0},
		"done, with a reason":      {"\x03\xe8perché", 1000, 0},
		"leaving":                  {"\x03\xe9", 1001, 0},
		"of the application":       {"\x11\x30", 4400, 0},
		"of a library":             {"\x0b\xb8", 3000, 0},
		"the last":                 {"\x13\x87", 4999, 0},
		"beyond the last":          {"\x13\x88", 0, 1002},
		"zero":                     {"\x00\x00", 0, 1002},
		"999":                      {"\x03\xe7", 0, 1002},
		"1004":                     {"\x03\xec", 0, 1002},
		"1005 is never sent":       {"\x03\xed", 0, 1002},
		"1006 is never sent":       {"\x03\xee", 0, 1002},
		"1015 is never sent":       {"\x03\xf7", 0, 1002},
		"2999":                     {"\x0b\xb7", 0, 1002},
		"a reason that is no text": {"\x03\xe8\xff\xfe", 0, 1007},
	} {
		t.Run(name, func(t *testing.T) {
			code, broken := goodbye([]byte(tt.payload))
			var got CloseCode
			if broken != nil {
				got = broken.code
			}
			if code != tt.want || got != tt.broken {
				t.Errorf("got %d, broken %d; want %d, %d", code, got, tt.want, tt.broken)
			}
		})
	}
}

// FuzzInbound: however the bytes of a connection are cut into pieces, the same is heard; nothing longer than the limit,
// and nothing that must not be.
func FuzzInbound(f *testing.F) {
	f.Add([]byte(masked(0x81, `{"type":"ping"}`)), uint8(3))
	f.Add([]byte(masked(1, "ci")+masked(0x89, "?")+masked(0x80, "ao")), uint8(1))
	f.Add([]byte("\x81\xff\x00\x00\x00\x00\x00\x01\x00\x00abcd"), uint8(5))
	f.Add([]byte(masked(0x88, "\x03\xe8bye")), uint8(2))
	f.Fuzz(func(t *testing.T, sent []byte, size uint8) {
		const limit = 300
		whole, pieces := listenTo(string(sent), limit, len(sent)+1), listenTo(string(sent), limit, int(size)+1)
		if diff := cmp.Diff(whole, pieces); diff != "" {
			t.Errorf("in pieces of %d: %s", int(size)+1, diff)
		}
		for _, a := range whole.Arrivals {
			op, payload := a[0]-'0', a[1:]
			switch {
			case isControl(op) && len(payload) > maxControl, len(payload) > limit:
				t.Errorf("kind %d with %d bytes", op, len(payload))
			case op == opContinuation && payload != "":
				t.Errorf("a part of a message was handed out")
			case op > opPong, op > opBinary && op < opClose:
				t.Errorf("kind %d", op)
			}
		}
	})
}

// FuzzUnmask: taking the mask off in pieces is taking it off byte by byte.
func FuzzUnmask(f *testing.F) {
	f.Add([]byte("una frase che è più lunga di otto byte"), uint8(3))
	f.Fuzz(func(t *testing.T, payload []byte, size uint8) {
		if len(payload) > limitOfTest {
			t.Skip("longer than a message")
		}
		got := listenTo(masked(0x82, string(payload)), limitOfTest, int(size)+1)
		if diff := cmp.Diff(heard{Arrivals: []string{"2" + string(payload)}}, got); diff != "" {
			t.Error(diff)
		}
	})
}

// TestAnAnnouncementCostsNothing: what a frame says it will carry is not held ready.
func TestAnAnnouncementCostsNothing(t *testing.T) {
	in := inbound{limit: 64 << 10}
	head := []byte(masked(0x81, strings.Repeat("x", 60_000)))[:8]
	if _, _, whole, broken := in.next(bytes.Clone(head)); whole || broken != nil || !in.open {
		t.Fatalf("the head was not read: %v", broken)
	}
	if _, _, _, broken := in.next([]byte("abc")); broken != nil {
		t.Fatal(errors.New(broken.reason))
	}
	if cap(in.message) > 64 {
		t.Errorf("%d bytes are held for 3", cap(in.message))
	}
}
