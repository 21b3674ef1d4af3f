package doors

import (
	"fmt"
	"strings"
)

// Check returns one line for every fact that breaks a door: where, what, and
// the rule in words.
func Check(house []Door, facts []Fact) []string {
	var broken []string
	for _, f := range facts {
		for _, d := range house {
			if d.brokenBy(f) {
				broken = append(broken, fmt.Sprintf("%s:%d: %s: %s", f.File, f.Line, f.What, d.Why))
			}
		}
	}
	return broken
}

func (d Door) brokenBy(f Fact) bool {
	if f.Test && !d.TestsTo {
		return false
	}
	return inAny(d.From, f.File) && !inAny(d.But, f.File) && f.isAny(d.None) && !f.isAny(d.Except)
}

// inAny tells whether a file is in one of the places.
func inAny(places []string, file string) bool {
	for _, place := range places {
		if place == file || place == packageOf(file) || under(place, packageOf(file)) {
			return true
		}
	}
	return false
}

// packageOf is the package a file is in: "./internal/desk", or "." at the top.
func packageOf(file string) string {
	return file[:strings.LastIndex(file, "/")]
}

func (f Fact) isAny(patterns []string) bool {
	for _, pattern := range patterns {
		if f.is(pattern) {
			return true
		}
	}
	return false
}

func (f Fact) is(pattern string) bool {
	isImport := !strings.Contains(f.What, " ")
	switch pattern {
	case "any":
		return isImport
	case "std":
		return isImport && isStandard(f.What)
	case "own":
		return isImport && room(f.What) == room(packageOf(f.File))
	}
	return f.What == pattern || isImport && under(pattern, f.What) || starMatches(pattern, f.What)
}

// under tells whether a package is at or below a pattern that ends in "...".
func under(pattern, pkg string) bool {
	folder, ok := strings.CutSuffix(pattern, "/...")
	return ok && (pkg == folder || strings.HasPrefix(pkg, folder+"/"))
}

// starMatches compares names; a star never stands for a folder's name.
func starMatches(pattern, what string) bool {
	if !strings.Contains(pattern, "*") {
		return false
	}
	before, after, _ := strings.Cut(pattern, "*")
	return len(what) >= len(before)+len(after) && strings.HasPrefix(what, before) && strings.HasSuffix(what, after)
}

// isStandard: only packages from elsewhere have a dot in their first element.
func isStandard(pkg string) bool {
	first, _, _ := strings.Cut(pkg, "/")
	return !strings.Contains(first, ".")
}

// room is the folder two levels deep: internal/desk, plugins/anagrafe.
func room(pkg string) string {
	parts := strings.Split(strings.TrimPrefix(pkg, "./"), "/")
	return strings.Join(parts[:min(2, len(parts))], "/")
}
