package town

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestPrivateSaysNothing(t *testing.T) {
	type told struct {
		Private
		Words string
	}
	const secret = "Gigliola"
	value := told{Words: secret}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "value", value, "pointer", &value)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "value", value, "pointer", &value)
	texts := []string{log.String(), fmt.Errorf("failed for %v", value).Error()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		texts = append(texts, fmt.Sprintf(verb, value), fmt.Sprintf(verb, &value), fmt.Sprintf(verb, []told{value}), fmt.Sprintf(verb, struct{ In told }{value}))
	}
	for _, text := range texts {
		if strings.Contains(text, secret) || !strings.Contains(text, private) {
			t.Errorf("it says %q", text)
		}
	}
	coded, err := json.Marshal(value)
	if err != nil || string(coded) != `{"Words":"Gigliola"}` {
		t.Errorf("marshalled: %s, %v", coded, err)
	}
}
