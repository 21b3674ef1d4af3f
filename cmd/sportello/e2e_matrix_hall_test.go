package main

import (
	"context"
	"io"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/internal/demo"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// The offices of the truth table: a role is held in the first, or in the one that it
// belongs to; other things belong to the second; the third has nothing to do with either.
// The department's requests go to the first.
const (
	matrixHere       = "tributi-patrimonio"
	matrixElsewhere  = "stato-civile"
	matrixThird      = "segretariato-sociale"
	matrixDepartment = "tributi-patrimonio"
)

// matrixHall is a town hall that serves HTTP, with one department, and somebody for each
// role.
type matrixHall struct {
	t     *testing.T
	app   *app
	house *house
	facts *matrixFacts
	// practice and hash are those of the definition that all cases are about.
	practice, hash string
	// tokens and people are those of the role's holders, by login.
	tokens, people map[string]string
}

func newMatrixHall(t *testing.T, db dbtest.DB) *matrixHall {
	t.Helper()
	definition := anyDefinition(t)
	now := time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)
	cfg := appConfig{
		Listen: "127.0.0.1:0", Data: shortDir(t), Demo: true, Hours: demo.AlwaysOpen(), Clock: town.NewManualClock(now),
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)), Limits: noLimits(), Departments: oneDepartment(t),
	}
	if db.Name != dbtest.SQLite {
		cfg.Database = db.DSN
	}
	a, err := newApp(t.Context(), cfg)
	must(t, err)
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- a.serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
		if err := a.close(); err != nil {
			t.Error(err)
		}
	})
	h := &matrixHall{t: t, app: a, tokens: map[string]string{}, people: map[string]string{}}
	h.house = &house{t: t, running: &running{url: a.http.URL(), tokens: map[string]string{}}}
	h.facts = newMatrixFacts(now, definition.Service)
	h.admit()
	h.practice, h.hash = definition.Practices[0].ID, keepDefinition(t, a, definition)
	eventually(t, "the department is ready", func() bool {
		plugins := h.with("admin").ask(`{ plugins { name state } }`, nil).list("plugins")
		for _, p := range plugins {
			if p.text("name") == matrixDepartment && p.text("state") == "READY" {
				return true
			}
		}
		return false
	})
	return h
}

// oneDepartment is the bundled one in its own program.
func oneDepartment(t *testing.T) func() ([]catalogue.Registration, error) {
	small := filepath.Join(filepath.Dir(program(t)), departmentProgram)
	return func() ([]catalogue.Registration, error) {
		sum, err := catalogue.Checksum(small)
		r := catalogue.Bundled(matrixDepartment)
		r.Command, r.Args, r.SHA256 = small, []string{matrixDepartment}, sum
		return []catalogue.Registration{r}, err
	}
}

// with is who signs in by that login.
func (h *matrixHall) with(login string) *client {
	h.t.Helper()
	if h.tokens[login] == "" {
		token, err := h.app.door.Tokens.Mint(context.Background(), login, time.Hour)
		must(h.t, err)
		h.tokens[login] = token
	}
	c := h.house.with(h.tokens[login])
	c.name = login
	return c
}

// as is who does what a cell asks.
func (h *matrixHall) as(c *matrixCell) *client {
	if c.role == town.RoleTicket {
		return h.house.with(c.ticket)
	}
	return h.with(c.login)
}

// admit enters somebody for each role: here, in its own office, and away, in the other;
// and somebody who holds the grant for confidential cases beside a role that it serves.
func (h *matrixHall) admit() {
	for _, login := range []string{"citizen", "kiosk", "display"} {
		h.people[login] = h.with(login).ask(`{ viewer { id } }`, nil).text("viewer.id")
	}
	for _, role := range town.Roles() {
		if !given(role) {
			continue
		}
		h.enter(hereLogin(role), officeOf(role), role)
		h.enter(awayLogin(role), matrixElsewhere, role)
	}
	h.enter(clearedLogin, matrixHere, town.RoleOfficer, town.RoleConfidential)
}

// given reports whether the role is given to people in an office; the others are what
// one is.
func given(role town.Role) bool {
	switch role {
	case town.RoleCitizen, town.RoleTicket, town.RoleKiosk, town.RoleDisplay:
		return false
	default:
		return true
	}
}

const clearedLogin = "matrix.cleared"

func hereLogin(role town.Role) string {
	if !given(role) {
		return string(role)
	}
	return "matrix.here." + string(role)
}

func awayLogin(role town.Role) string {
	if !given(role) {
		return string(role)
	}
	return "matrix.away." + string(role)
}

// officeOf is where a role is held.
func officeOf(role town.Role) string {
	switch role {
	case town.RoleInfoPoint:
		return town.OfficeInfoPoint
	case town.RoleHelpPoint:
		return town.OfficeHelpPoint
	case town.RoleMayor, town.RoleAssessore:
		return town.OfficeMayor
	case town.RoleSubstitute:
		return town.OfficeSecretary
	case town.RoleRPCT:
		return town.OfficeRPCT
	default:
		return matrixHere
	}
}

// enter enters somebody and gives the roles, as the administrator does.
func (h *matrixHall) enter(login, office string, roles ...town.Role) {
	h.t.Helper()
	admin := h.with("admin")
	entered := admin.must("enterMember", "member { id }", variables{"kind": "STAFF", "login": login, "label": login})
	h.people[login] = entered.text("member.id")
	for _, role := range roles {
		input := variables{"personId": h.people[login], "role": role, "officeCode": office}
		if role == town.RoleAssessore {
			input["services"] = []string{"*"}
		}
		admin.must("grantRole", "roles { role }", input)
	}
}

// furnish makes a cell of every question, with a thing of its own where it needs one.
func (h *matrixHall) furnish(probes map[access.Act]matrixProbe) []*matrixCell {
	h.t.Helper()
	h.facts.spare = h.facts.hall(matrixThird, town.LegWaiting).code
	var cells []*matrixCell
	for _, role := range town.Roles() {
		for _, act := range access.Acts() {
			for _, relation := range []access.Relation{access.Own, access.Other, access.Party} {
				p := probes[act]
				if relation == access.Party && !p.party {
					continue
				}
				c := &matrixCell{question: question{role, relation, act}, service: h.facts.town.service, ticket: h.facts.spare}
				h.place(c, p)
				if p.thing != nil {
					p.thing(h.facts, c)
				}
				cells = append(cells, c)
			}
		}
	}
	h.facts.write(h.t, h)
	return cells
}

// place says who asks, and in which office the thing is.
func (h *matrixHall) place(c *matrixCell, p matrixProbe) {
	c.login, c.office = hereLogin(c.role), officeOf(c.role)
	if c.relation != access.Own {
		c.office = matrixElsewhere
	}
	// Where nothing but the office of the role tells own from other, it is the role that
	// is held elsewhere.
	if c.relation == access.Other && (p.noOffice || p.mutation == "submitIntake") {
		c.login = awayLogin(c.role)
	}
	if c.act == access.VisitIssue && slices.Contains([]string{town.OfficeMayor, town.OfficeSecretary, town.OfficeRPCT}, c.office) { // which have no numbers
		c.login, c.office = awayLogin(c.role), matrixElsewhere
	}
	// The mayor's office is told of every office: somebody of level 5 in another is not.
	if object, _ := c.act.Split(); object == "alert" && c.relation == access.Other && officeOf(c.role) == town.OfficeMayor {
		c.login, c.office = awayLogin(c.role), matrixThird
	}
	if c.act == access.CaseConfidential && c.role == town.RoleConfidential {
		c.login = clearedLogin // the grant opens nothing by itself
	}
	c.person = h.people[c.login]
	c.delegate = h.people["citizen"]
}
