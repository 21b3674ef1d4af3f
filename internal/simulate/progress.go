package simulate

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// progress shows how far the week is: a bar on a terminal, elsewhere a line a day.
type progress struct {
	out   io.Writer
	bar   *progressbar.ProgressBar
	total int
	day   string
}

func newProgress(out io.Writer, total int) *progress {
	p := &progress{out: out, total: total}
	if file, isFile := out.(*os.File); isFile && isTerminal(file) {
		p.bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(out), progressbar.OptionShowCount(),
			progressbar.OptionThrottle(100*time.Millisecond), progressbar.OptionClearOnFinish())
	}
	return p
}

func isTerminal(file *os.File) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// show is called after every action.
func (p *progress) show(arrived int, now time.Time) {
	day := now.In(town.Rome()).Format("Monday 2 January")
	if p.bar != nil {
		if day != p.day {
			p.bar.Describe(day)
		}
		_ = p.bar.Set(arrived) // nobody is left to tell when the terminal is gone
	} else if day != p.day && p.day != "" {
		fmt.Fprintf(p.out, "%s: %d of %d people\n", p.day, arrived, p.total)
	}
	p.day = day
}

func (p *progress) close() {
	if p.bar != nil {
		_ = p.bar.Finish() // as above
		return
	}
	if p.day != "" {
		fmt.Fprintf(p.out, "%s: all of %d people\n", p.day, p.total)
	}
}
