package town

import (
	"fmt"
	"io"
	"log/slog"
)

// Private is embedded in types that carry personal data, or words that people wrote:
// they say nothing of themselves in texts and logs, whatever the verb. Marshalling them
// is left alone: that happens on purpose.
//
// A field of a type without it is safe from fmt only if it is exported; a type that
// holds such values in fields of its own embeds Private too.
type Private struct{}

// private is all that such a value says.
const private = "private"

// Format implements fmt.Formatter.
func (Private) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, private) }

// String implements fmt.Stringer.
func (Private) String() string { return private }

// LogValue implements slog.LogValuer.
func (Private) LogValue() slog.Value { return slog.StringValue(private) }
