package rpc

import (
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheProcessEndsWithItsParent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var parent, code atomic.Int64
		parent.Store(42)
		code.Store(-1)
		done := make(chan struct{})
		go func() {
			defer close(done)
			exitWithParent(42, func() int { return int(parent.Load()) }, func(c int) { code.Store(int64(c)) })
		}()
		time.Sleep(time.Hour)
		if code.Load() != -1 {
			t.Error("ended while its parent lives")
		}
		parent.Store(1)
		time.Sleep(time.Second)
		synctest.Wait()
		<-done
		if code.Load() != 1 {
			t.Errorf("exit code %d", code.Load())
		}
	})
}
