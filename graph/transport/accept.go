package transport

import (
	"mime"
	"strconv"
	"strings"
)

// The two media types of the specification. See mediaEvents for the third that is sent.
const (
	mediaResponse = "application/graphql-response+json"
	mediaJSON     = "application/json"
)

// negotiate picks the media type of the answer from the Accept header: the highest quality, then the one named first.
// Without a header, and for */*, it is application/json, which clients older than the specification understand.
// It returns "" when nothing we can send is acceptable.
func negotiate(accept []string) string {
	if len(accept) == 0 {
		return mediaJSON
	}
	best, bestQuality := "", 0.0
	for _, entry := range strings.Split(strings.Join(accept, ","), ",") {
		media, quality := acceptable(entry)
		if media != "" && media != mediaEvents && quality > bestQuality {
			best, bestQuality = media, quality
		}
	}
	return best
}

// acceptable reads one entry of an Accept header: the media type we would answer with and its quality.
func acceptable(entry string) (media string, quality float64) {
	name, params, err := mime.ParseMediaType(entry)
	if err != nil {
		return "", 0
	}
	if charset, ok := params["charset"]; ok && !strings.EqualFold(charset, "utf-8") {
		return "", 0
	}
	quality = 1
	if q, ok := params["q"]; ok {
		if quality, err = strconv.ParseFloat(q, 64); err != nil {
			return "", 0
		}
	}
	switch name {
	case mediaResponse, "application/*":
		return mediaResponse, quality
	case mediaJSON, "*/*":
		return mediaJSON, quality
	case mediaEvents:
		return mediaEvents, quality
	}
	return "", 0
}
