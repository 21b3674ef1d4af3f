package catalogue

import (
	"encoding/hex"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
)

// Registration is one process the host may start. Nothing else is ever started.
type Registration struct {
	// Name is the id of the service that the department must describe.
	Name string
	// Version is the version it must describe; empty takes any.
	Version string
	// Command is the absolute path of the executable; empty is the platform's own.
	Command string
	// Args are the arguments, without the name of the program.
	Args []string
	// SHA256 is the checksum of the executable in hexadecimal. Only a bundled
	// department may leave it empty: it came with the platform.
	SHA256 string
	// Bundled marks a department of the house; its memory and threads are
	// bounded, as fifteen of them share a machine.
	Bundled bool
	// PlainSocket does without certificates between host and process, for a
	// language that cannot make them. The socket's folder is private either way.
	PlainSocket bool
}

// What a process is started with is kept and shown, and systems bound it.
const (
	maxArgs = 100  // arguments
	maxArg  = 4096 // bytes of one
)

// Bundled registers a department of the house, a child of this executable.
func Bundled(name string) Registration {
	return Registration{Name: name, Args: []string{"plugin", "serve", name}, Bundled: true}
}

// same reports whether both start the same process.
func (r Registration) same(other Registration) bool {
	return r.Version == other.Version && r.Command == other.Command && r.SHA256 == other.SHA256 &&
		r.PlainSocket == other.PlainSocket && slices.Equal(r.Args, other.Args)
}

// check refuses a registration that could start something unverified.
func (r Registration) check() error {
	switch {
	case r.Name == "" || strings.ContainsAny(r.Name, "/\\ \t\r\n"):
		return fmt.Errorf("plug-in %q: the name must be the id of a service", r.Name)
	case r.Command == "" && !r.Bundled:
		return fmt.Errorf("plug-in %s: no command", r.Name)
	case r.Command != "" && !filepath.IsAbs(r.Command):
		return fmt.Errorf("plug-in %s: the command %q is not an absolute path", r.Name, r.Command)
	case r.SHA256 == "" && !r.Bundled:
		return fmt.Errorf("plug-in %s: no checksum", r.Name)
	}
	for _, arg := range r.Args {
		if len(arg) > maxArg || strings.ContainsRune(arg, 0) {
			return fmt.Errorf("plug-in %s: an argument has at most %d bytes, none of them zero", r.Name, maxArg)
		}
	}
	if len(r.Args) > maxArgs {
		return fmt.Errorf("plug-in %s: there are %d arguments, at most %d are passed on", r.Name, len(r.Args), maxArgs)
	}
	if r.SHA256 != "" {
		if sum, err := hex.DecodeString(r.SHA256); err != nil || len(sum) != 32 {
			return fmt.Errorf("plug-in %s: %q is no SHA-256 in hexadecimal", r.Name, r.SHA256)
		}
	}
	return nil
}
