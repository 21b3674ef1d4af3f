package papers

import (
	"bytes"
	"image"
	_ "image/jpeg" // a picture is read as far as its size
	_ "image/png"
	"net/http"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A kind is what a file may be. What it says of itself counts for nothing: its bytes do.
type kind struct {
	mediaType string
	// endings are those of names; the first is added where a name has none of them.
	endings []string
	// is says whether the bytes are of the kind, whole and well-formed as far as that can
	// be seen.
	is func(content []byte) bool
}

// MediaTypes are what a paper may be: documents as people have them, and signed ones
// (CAdES and PAdES, art. 24 CAD).
func MediaTypes() []string {
	var list []string
	for _, k := range kinds() {
		list = append(list, k.mediaType)
	}
	return list
}

func kinds() []kind {
	return []kind{
		{"application/pdf", []string{".pdf"}, isPDF},
		{"application/pkcs7-mime", []string{".p7m"}, isSigned},
		{"image/jpeg", []string{".jpg", ".jpeg"}, isPicture("image/jpeg", "jpeg")},
		{"image/png", []string{".png"}, isPicture("image/png", "png")},
		{"text/plain", []string{".txt", ".csv"}, isText},
	}
}

// kindOf is what the content is; false for what is not taken.
func kindOf(content []byte) (kind, bool) {
	for _, k := range kinds() {
		if k.is(content) {
			return k, true
		}
	}
	return kind{}, false
}

// tail is how far from its end a PDF says that it ends.
const tail = 1024

func isPDF(content []byte) bool {
	return bytes.HasPrefix(content, []byte("%PDF-")) && bytes.Contains(content[max(0, len(content)-tail):], []byte("%%EOF"))
}

// signedData is the object identifier of CMS signed data, 1.2.840.113549.1.7.2, in DER.
var signedData = []byte{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}

// isSigned reads the beginning of a CMS envelope: a sequence, its length, and that it is
// signed data.
func isSigned(content []byte) bool {
	const longest = 2 + 8 // tag, and a length of at most nine bytes
	if len(content) < 2 || content[0] != 0x30 {
		return false
	}
	at := 2
	if length := content[1]; length > 0x80 {
		at += int(length & 0x7f)
	}
	return at <= min(longest, len(content)) && bytes.HasPrefix(content[at:], signedData)
}

// maxPixels bounds a picture: a small file can unfold to a very large one.
const maxPixels = 100 << 20

func isPicture(mediaType, format string) func([]byte) bool {
	return func(content []byte) bool {
		if http.DetectContentType(content) != mediaType {
			return false
		}
		config, found, err := image.DecodeConfig(bytes.NewReader(content))
		return err == nil && found == format && config.Width > 0 && config.Height > 0 && config.Width <= maxPixels/config.Height
	}
}

// isText takes plain words only: nothing that a browser would make a page or a program of.
func isText(content []byte) bool {
	if len(content) == 0 || !utf8.Valid(content) || !strings.HasPrefix(http.DetectContentType(content), "text/plain") {
		return false
	}
	return bytes.IndexFunc(content, func(r rune) bool {
		return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' && r != '\f'
	}) < 0
}

// maxName bounds the name of a file, in characters.
const maxName = 120

// safeName is what a file is called once nothing in it can lead a browser or a file
// system astray, with an ending that says what it is.
func safeName(given string, k kind) string {
	name := path.Base(strings.ReplaceAll(strings.ToValidUTF8(given, ""), "\\", "/"))
	name = strings.TrimLeft(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || strings.ContainsRune(`"/\:*?<>|`, r) {
			return -1
		}
		return r
	}, name), ". ")
	name = strings.TrimSpace(name)
	for _, ending := range k.endings {
		if strings.EqualFold(path.Ext(name), ending) {
			return shortened(strings.TrimSuffix(name, path.Ext(name)), path.Ext(name))
		}
	}
	return shortened(name, k.endings[0])
}

func shortened(stem, ending string) string {
	if stem == "" {
		stem = "documento"
	}
	letters := []rune(stem)
	return string(letters[:min(len(letters), maxName-len(ending))]) + ending
}
