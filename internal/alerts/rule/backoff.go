package rule

import "time"

// The pauses between tries to send a message. With them the last of the tries is made
// about a day after the first.
const (
	firstPause   = 5 * time.Second
	longestPause = 6 * time.Hour
	// MostTries is how often a message is tried before it is dead.
	MostTries = 16
)

// Pause is how long to wait after so many tries that failed, from 1: twice as long each
// time, up to six hours, less up to a fifth by chance (from 0 to 1), so that what failed
// together does not come back together. False once no try is left.
func Pause(tries int, chance float64) (time.Duration, bool) {
	if tries >= MostTries {
		return 0, false
	}
	pause := firstPause
	for range tries - 1 {
		pause = min(2*pause, longestPause)
	}
	return pause - time.Duration(chance*float64(pause)/5), true
}
