package sdk

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
)

// The limits of a definition, far above what a department needs.
const (
	maxPractices = 100
	maxFields    = 150
	maxRules     = 150
)

// checkCard verifies what a definition says outside its practices.
func checkCard(def *Definition, town *Town) error {
	faults := []error{
		needID("service", def.Service, validID),
		needText("title", def.Title),
		needText("description", def.Description),
		checkPapers("common document", def.CommonDocuments),
		repeated("practice", def.Practices, func(p Practice) string { return p.ID }),
	}
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	if !oneOf(def.Kind, "counter", "office") {
		fault("unknown kind %q", def.Kind)
	}
	if def.Version == "" {
		fault("no version")
	}
	if len(def.Series) != 1 || !isUpper(def.Series[0]) {
		fault("series %q is not a capital letter", def.Series)
	}
	if def.DefaultRoute == "" || town != nil && !town.hasDestination(def.DefaultRoute) {
		fault("unknown destination %q", def.DefaultRoute)
	}
	if len(def.Practices) == 0 || len(def.Practices) > maxPractices {
		fault("%d practices: want 1 to %d", len(def.Practices), maxPractices)
	}
	for i := range def.Parameters {
		faults = append(faults, checkParameter(&def.Parameters[i]))
	}
	return errors.Join(faults...)
}

// checkPracticeCard verifies what a practice says outside form and rules. The summary
// and the sources of fees are asked of a definition that comes in, not of one that
// was kept before they were compulsory: its cases go on.
func checkPracticeCard(p *Practice, incoming bool) error {
	faults := []error{
		needID("practice", p.ID, validID),
		needText("title", p.Title),
		needText("for whom", p.ForWhom),
		needText("outcome", p.Outcome),
		checkTerm(p.Deadline),
		checkPeriods(p.Fees),
		repeated("milestone", p.Milestones, func(m Milestone) string { return m.ID }),
	}
	fault := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }
	for i := range p.Fees {
		faults = append(faults, checkFee(&p.Fees[i], incoming))
	}
	for i := range p.Milestones {
		faults = append(faults, checkMilestone(&p.Milestones[i]), checkFollows(p.Milestones, i))
	}
	if !oneOf(p.Status.OrActive(), StatusActive, StatusInactive, StatusDevelopment) {
		fault("unknown status %q", p.Status)
	}
	if incoming {
		faults = append(faults, needText("summary", p.Summary))
	}
	if p.Status.OrActive() != StatusActive {
		faults = append(faults, needText("reason of the status", p.StatusReason))
	}
	if !validSilence(p.Silence) {
		fault("unknown silence %q", p.Silence)
	}
	if !oneOf(p.Online.MinLoA, "", "L1", "L2", "L3") {
		fault("unknown level of assurance %q", p.Online.MinLoA)
	}
	if !oneOf(p.Confidence, "high", "medium", "low") {
		fault("unknown confidence %q", p.Confidence)
	}
	if p.Handling.TypicalMinutes <= 0 {
		fault("handling without typical minutes")
	}
	if len(p.Rules) > maxRules {
		fault("%d rules: at most %d", len(p.Rules), maxRules)
	}
	return errors.Join(faults...)
}

func checkDocuments(documents []Document) error {
	faults := []error{checkPapers("document", documents)}
	for _, d := range documents {
		switch {
		case d.Required == RequiredConditional && d.When == "", d.Required == RequiredAlways && d.When != "":
			faults = append(faults, fmt.Errorf("document %s: required %q does not go with when %q", d.ID, d.Required, d.When))
		case d.Required != RequiredAlways && d.Required != RequiredNever && d.Required != RequiredConditional:
			faults = append(faults, fmt.Errorf("document %s: unknown required %q", d.ID, d.Required))
		}
	}
	return errors.Join(faults...)
}

func checkPapers(what string, documents []Document) error {
	faults := []error{repeated(what, documents, func(d Document) string { return d.ID })}
	for _, d := range documents {
		if err := errors.Join(needID("id", d.ID, validID), needText("label", d.Label)); err != nil {
			faults = append(faults, fmt.Errorf("%s %s: %w", what, d.ID, err))
		}
	}
	return errors.Join(faults...)
}

func checkFee(f *Fee, incoming bool) error {
	err := errors.Join(needID("code", f.Code, validID), needText("label", f.Label), checkPeriod(f.From, f.To))
	if incoming && f.hasFigure() && f.Source == "" {
		err = errors.Join(err, errors.New("a fixed amount without the source that sets it"))
	}
	if (f.AmountEUR == "") != f.Variable || f.AmountEUR != "" && !validAmount(f.AmountEUR) {
		err = errors.Join(err, fmt.Errorf("amount %q: want decimal text with two digits, or a variable fee", f.AmountEUR))
	}
	if err != nil {
		return fmt.Errorf("fee %s: %w", f.Code, err)
	}
	return nil
}

// checkPeriods refuses two lines of one code that may be in force on the same day.
func checkPeriods(fees []Fee) error {
	for i, f := range fees {
		for _, earlier := range fees[:i] {
			apart := f.To != "" && f.To < earlier.From || earlier.To != "" && earlier.To < f.From
			if f.Code == earlier.Code && !apart {
				return fmt.Errorf("repeated fee %q", f.Code)
			}
		}
	}
	return nil
}

// checkPeriod verifies two civil dates, either of which may be empty.
func checkPeriod(from, to string) error {
	for _, day := range []string{from, to} {
		if _, err := calc.ParseDate(day); day != "" && err != nil {
			return err
		}
	}
	if to != "" && to < from {
		return fmt.Errorf("ends on %s, before it starts", to)
	}
	return nil
}

func checkTerm(t Term) error {
	var faults []error
	if t.Amount < 0 || !oneOf(t.Unit, WorkingDays, CalendarDays, Months) {
		faults = append(faults, fmt.Errorf("deadline of %d %q: unknown unit", t.Amount, t.Unit))
	}
	if _, ok := ClockStarts()[t.From]; !ok {
		faults = append(faults, fmt.Errorf("deadline from unknown event %q", t.From))
	}
	if !oneOf(t.Calendar, "", NationalCalendar) {
		faults = append(faults, fmt.Errorf("deadline with unknown calendar %q", t.Calendar))
	}
	return errors.Join(faults...)
}

// checkFollows refuses a clock after one that is not named above it, or that follows another
// itself: a term of law is of one part or of two.
func checkFollows(milestones []Milestone, i int) error {
	m := &milestones[i]
	if m.After == "" {
		return nil
	}
	at := slices.IndexFunc(milestones[:i], func(earlier Milestone) bool { return earlier.ID == m.After })
	switch {
	case at < 0:
		return fmt.Errorf("milestone %s: no milestone %q above it", m.ID, m.After)
	case milestones[at].After != "":
		return fmt.Errorf("milestone %s: %s follows another one itself", m.ID, m.After)
	case StartsWithRequest(m.From):
		return fmt.Errorf("milestone %s: %q starts with the request, not after %s", m.ID, m.From, m.After)
	case m.Unit == Hours || milestones[at].Unit == Hours:
		return fmt.Errorf("milestone %s: only terms in days and months follow each other", m.ID)
	}
	return nil
}

func checkMilestone(m *Milestone) error {
	faults := []error{needID("id", m.ID, validID), needText("label", m.Label)}
	if m.Amount < 0 || !oneOf(m.Unit, Hours, WorkingDays, CalendarDays, Months) {
		faults = append(faults, fmt.Errorf("%d %q: unknown unit", m.Amount, m.Unit))
	}
	if _, ok := ClockStarts()[m.From]; !ok {
		faults = append(faults, fmt.Errorf("unknown event %q", m.From))
	}
	if !oneOf(m.OnExpiry, ExpiryNone, ExpiryGranted, ExpiryRefused, ExpiryConfirmed, ExpiryAppealable) {
		faults = append(faults, fmt.Errorf("unknown on_expiry %q", m.OnExpiry))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("milestone %s: %w", m.ID, err)
	}
	return nil
}

func checkParameter(p *Parameter) error {
	faults := []error{checkPeriod(p.From, p.To)}
	if p.Name == "" || p.Value == "" || p.From == "" || p.Source == "" {
		faults = append(faults, errors.New("want name, value, from and source"))
	}
	if err := errors.Join(faults...); err != nil {
		return fmt.Errorf("parameter %s: %w", p.Name, err)
	}
	return nil
}

func validSilence(s string) bool {
	return oneOf(s, "consent", "refusal", "none", "not_applicable")
}

// validAmount is decimal text with exactly two digits after the point.
func validAmount(text string) bool {
	_, cents, _ := strings.Cut(text, ".")
	n, ok := parseDecimal(text)
	return ok && len(cents) == 2 && !n.IsNegative()
}

func oneOf[T comparable](v T, allowed ...T) bool { return slices.Contains(allowed, v) }

func needText(what string, t Text) error {
	if strings.TrimSpace(t.IT) == "" || strings.TrimSpace(t.EN) == "" {
		return fmt.Errorf("%s is not in both languages", what)
	}
	return nil
}

func needID(what, id string, valid func(string) bool) error {
	if !valid(id) {
		return fmt.Errorf("%s %q is not a plain ASCII id", what, id)
	}
	return nil
}

// validID is lower case letters, digits and hyphens.
func validID(id string) bool {
	return madeOf(id, "abcdefghijklmnopqrstuvwxyz0123456789-") && id[0] != '-'
}

// validName is a name that expressions can read.
func validName(name string) bool {
	return madeOf(name, "abcdefghijklmnopqrstuvwxyz0123456789_") && name[0] >= 'a' &&
		!oneOf(name, "and", "or", "not", "in")
}

// validCode is the code of an enum.
func validCode(code string) bool {
	return madeOf(code, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
}

func madeOf(s, alphabet string) bool {
	return s != "" && len(s) <= 64 && strings.Trim(s, alphabet) == ""
}

func repeated[T any](what string, items []T, id func(T) string) error {
	seen := make(map[string]bool, len(items))
	for _, item := range items {
		if seen[id(item)] {
			return fmt.Errorf("repeated %s %q", what, id(item))
		}
		seen[id(item)] = true
	}
	return nil
}
