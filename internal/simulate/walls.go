package simulate

import (
	"errors"
	"fmt"
	"slices"
)

// sampled is how many cases are asked for by people who may not see them.
const sampled = 40

type caseList struct {
	Edges []struct {
		Node struct {
			ID     string
			Office coded
		}
	}
	PageInfo struct {
		HasNextPage bool
		EndCursor   string
	}
}

// checkWalls wants nothing of an office to be seen outside it: not by id, not in a
// list, not in a queue, not live.
func (w *week) checkWalls() {
	w.checkByID()
	w.checkLists()
	w.checkQueues()
	for code, p := range w.bureaus {
		w.checkLive(p, code)
	}
	for code, p := range w.queues {
		w.checkLive(p, code)
	}
}

// checkByID asks for some cases as officers of other offices and as others who
// have no business with them.
func (w *week) checkByID() {
	every := max(len(w.tally.cases)/sampled, 1)
	for i := 0; i < len(w.tally.cases); i += every {
		c := w.tally.cases[i]
		outsiders := []string{"mayor", "display", "kiosk"}
		for _, code := range w.staffed() {
			outsiders = append(outsiders, "officer."+code)
		}
		outsiders = append(outsiders, citizens()[:2]...)
		for _, login := range outsiders {
			if login != c.filedBy && login != "officer."+c.office {
				w.mayNotSee(login, c.id)
			}
		}
	}
}

func (w *week) mayNotSee(login, id string) {
	var seen *struct{ ID string }
	if err := w.field(w.person(login), queryNode, variables{"id": id}, &seen); err != nil {
		w.fault("%s asks for %s: %v", login, id, err)
	}
	if seen != nil {
		w.fault("%s sees %s", login, id)
	}
}

// checkLists wants each officer to list the cases of the office, all of them, and
// besides only what they filed; and a citizen their own.
func (w *week) checkLists() {
	for _, code := range w.staffed() {
		login := "officer." + code
		w.checkList(login, func(c caseSeen) bool { return c.office == code || c.filedBy == login })
	}
	for _, login := range citizens() {
		w.checkList(login, func(c caseSeen) bool { return c.filedBy == login })
	}
}

func (w *week) checkList(login string, theirs func(caseSeen) bool) {
	listed, err := w.list(login)
	if err != nil {
		w.fault("%s lists cases: %v", login, err)
		return
	}
	own := map[string]bool{}
	for _, c := range w.tally.cases {
		if theirs(c) {
			own[c.id] = true
		}
	}
	for _, id := range listed {
		if !own[id] {
			w.fault("%s lists %s, which is none of theirs", login, id)
		}
	}
	if len(listed) != len(own) {
		w.fault("%s lists %d cases of %d", login, len(listed), len(own))
	}
}

// list reads all pages of somebody's cases.
func (w *week) list(login string) ([]string, error) {
	var ids []string
	after := ""
	for range 1000 { // pages
		vars := variables{"first": 100}
		if after != "" {
			vars["after"] = after
		}
		var page caseList
		if err := w.field(w.person(login), queryCases, vars, &page); err != nil {
			return nil, err
		}
		for _, edge := range page.Edges {
			ids = append(ids, edge.Node.ID)
		}
		if !page.PageInfo.HasNextPage {
			return ids, nil
		}
		after = page.PageInfo.EndCursor
	}
	return nil, errors.New("the list has no end")
}

// checkQueues asks for the queue of every office as an officer of another.
func (w *week) checkQueues() {
	outsider := func(code string) string {
		others := slices.DeleteFunc(w.staffed(), func(other string) bool { return other == code })
		return "officer." + others[0]
	}
	for _, code := range w.received() {
		var seen *struct{ Waiting []struct{ ID string } }
		vars := variables{"siteId": w.site.ID, "officeCode": code}
		err := w.field(w.person(outsider(code)), queryQueue, vars, &seen)
		var refused *apiError
		if err != nil && !errors.As(err, &refused) {
			w.fault("ask for the queue of %s: %v", code, err)
		}
		if err == nil && seen != nil {
			w.fault("%s sees the queue of %s", outsider(code), code)
		}
	}
}

// checkLive wants a live connection to have told of its own office only.
func (w *week) checkLive(p *pair, code string) {
	for _, r := range p.live.received() {
		if r.office != "" && r.office != code {
			w.fault("%s told of %s", p.live.name, fmt.Sprintf("%s %s of %s", r.kind, r.subject, r.office))
		}
	}
}
