package signin

import (
	"strings"
	"testing"
)

func TestDestinationsStayInTown(t *testing.T) {
	t.Parallel()
	for wanted, want := range map[string]string{
		"":                              "/",
		"/":                             "/",
		"/cases?first=1#top":            "/cases?first=1#top",
		"//evil.example/":               "/",
		"///evil.example/":              "/",
		`/\evil.example`:                "/",
		"/\t/evil.example":              "/",
		"https://evil.example/":         "/",
		"javascript:alert(1)":           "/",
		"cases":                         "/",
		"/" + strings.Repeat("x", 2000): "/",
		"/%zz":                          "/",
	} {
		if got := destination(wanted); got != want {
			t.Errorf("%q leads to %q, want %q", wanted, got, want)
		}
	}
}

func TestAnAddressBeginsSoManySignIns(t *testing.T) {
	t.Parallel()
	l, err := newLimiter()
	if err != nil {
		t.Fatal(err)
	}
	for n := range beginningsAtOnce {
		if !l.allow("192.0.2.1:1000") {
			t.Fatalf("the sign-in %d is refused", n+1)
		}
	}
	if l.allow("192.0.2.1:2000") {
		t.Error("one more is allowed")
	}
	if !l.allow("192.0.2.2:1000") {
		t.Error("another address is refused")
	}
}
