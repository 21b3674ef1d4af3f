package catalogue

import (
	"sync"
	"time"
)

// sums remembers checksums of the house's own executables, one of which is started
// many times over. A checksum holds for as long as the file's identity does.
type sums struct {
	mu    sync.Mutex // held while a file is read: the others need the same one
	known map[identity]string
}

// racy is how old the last change of a file must be for its identity to tell it
// from the next one: file systems round their times.
const racy = 2 * time.Second

// of returns what is known of a file in this state, or what read finds out.
func (s *sums) of(state identity, read func() (string, error)) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if sum, known := s.known[state]; known {
		return sum, nil
	}
	sum, err := read()
	if err == nil && time.Since(time.Unix(state.changed.Unix())) > racy {
		s.known = map[identity]string{state: sum} // the departments of the house share one
	}
	return sum, err
}
