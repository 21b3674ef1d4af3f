package papers

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func picture(t *testing.T, encode func(*bytes.Buffer, image.Image) error) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := encode(&out, image.NewGray(image.Rect(0, 0, 8, 8))); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestKinds: bytes say what a file is.
func TestKinds(t *testing.T) {
	t.Parallel()
	pngs := picture(t, func(w *bytes.Buffer, i image.Image) error { return png.Encode(w, i) })
	huge := bytes.Clone(pngs)
	copy(huge[16:], "\x00\x10\x00\x00\x00\x10\x00\x00") // a million pixels each way
	signed := append([]byte{0x30, 0x82, 0x10, 0x00}, signedData...)
	for name, tt := range map[string]struct{ content, want string }{
		"a PDF":                     {"%PDF-1.7\n…\n%%EOF\n", "application/pdf"},
		"half a PDF":                {"%PDF-1.7\n…\x00", ""},
		"a JPEG":                    {string(picture(t, func(w *bytes.Buffer, i image.Image) error { return jpeg.Encode(w, i, nil) })), "image/jpeg"},
		"a PNG":                     {string(pngs), "image/png"},
		"half a PNG":                {string(pngs[:12]), ""},
		"a PNG that would be huge":  {string(huge), ""},
		"signed":                    {string(signed) + "\x00\x00", "application/pkcs7-mime"},
		"signed, of unknown length": {"\x30\x80" + string(signedData) + "\x00\x00\x00", "application/pkcs7-mime"},
		"another sequence":          {"\x30\x82\x10\x00\x06\x03\x2a\x03\x04 and more and more", ""},
		"words":                     {"Il sottoscritto, nato a Città\r\n", "text/plain"},
		"a page":                    {"<!doctype html><p>x", ""},
		"a drawing":                 {`<?xml version="1.0"?><svg/>`, ""},
		"a program":                 {"\x7fELF\x02\x01\x01", ""},
		"an archive":                {"PK\x03\x04 and more", ""},
		"nothing":                   {"", ""},
	} {
		k, ok := kindOf([]byte(tt.content))
		if k.mediaType != tt.want || ok != (tt.want != "") {
			t.Errorf("%s: %q, want %q", name, k.mediaType, tt.want)
		}
	}
}

// TestSafeName: whatever a file is called, its name leads nowhere and ends as it should.
func TestSafeName(t *testing.T) {
	t.Parallel()
	pdf := kinds()[0]
	for given, want := range map[string]string{
		"visura.pdf": "visura.pdf", "VISURA.PDF": "VISURA.PDF", "../../etc/passwd": "passwd.pdf", `C:\tmp\a.pdf`: "a.pdf", "": "documento.pdf",
		"a.exe": "a.exe.pdf", "...": "documento.pdf", "a\x00b\n.pdf": "ab.pdf", "carta d'identità.pdf": "carta d'identità.pdf", ".pdf": "pdf.pdf",
	} {
		if got := safeName(given, pdf); got != want {
			t.Errorf("%q: %q, want %q", given, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		name := safeName(rapid.String().Draw(t, "given"), pdf)
		if !utf8.ValidString(name) || utf8.RuneCountInString(name) > maxName || !strings.EqualFold(name[len(name)-4:], ".pdf") || name[0] == '.' {
			t.Fatalf("%q", name)
		}
		if strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) || strings.ContainsRune(`/\":`, r) }) {
			t.Fatalf("%q", name)
		}
	})
}

// FuzzKindOf: no bytes end the program.
func FuzzKindOf(f *testing.F) {
	f.Add([]byte("%PDF-1.7\n%%EOF"))
	f.Add(append([]byte{0x30, 0xff}, signedData...))
	f.Add([]byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if k, ok := kindOf(content); ok && len(content) == 0 {
			t.Errorf("nothing is a %s", k.mediaType)
		}
	})
}
