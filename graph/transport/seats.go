package transport

import "sync"

// seats counts what each user holds open, sockets and event streams together.
type seats struct {
	most int // of one user

	mu    sync.Mutex // guards taken
	taken map[string]int
}

func newSeats(most int) *seats { return &seats{most: most, taken: map[string]int{}} }

// take counts one more for the user; false means that the user has enough of them. The
// empty user is not counted.
func (s *seats) take(user string) bool {
	if user == "" {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[user] >= s.most {
		return false
	}
	s.taken[user]++
	return true
}

// leave gives back what take counted.
func (s *seats) leave(user string) {
	if user == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken[user]--; s.taken[user] == 0 {
		delete(s.taken, user)
	}
}
