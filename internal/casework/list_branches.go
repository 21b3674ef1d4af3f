package casework

import (
	"strings"

	"github.com/spazio-in-comune/sportello/internal/access"
)

// condition is a part of a WHERE with its arguments.
type condition struct {
	sql  string
	args []any
}

func all(conditions ...condition) condition {
	var sum condition
	for _, k := range conditions {
		if k.sql == "" {
			continue
		}
		if sum.sql != "" {
			sum.sql += " AND "
		}
		sum.sql += k.sql
		sum.args = append(sum.args, k.args...)
	}
	return sum
}

func equals(column, value string) condition { return condition{column + " = ?", []any{value}} }

// secrecy keeps the confidential, or the others.
func secrecy(alias string, confidential bool) condition {
	return condition{alias + ".confidential = ?", []any{confidential}}
}

// among keeps the values; all where there are none.
func among(column string, values []string) condition {
	if len(values) == 0 {
		return condition{}
	}
	k := condition{sql: column + " IN (?" + strings.Repeat(", ?", len(values)-1) + ")"}
	for _, value := range values {
		k.args = append(k.args, value)
	}
	return k
}

// source is a branch: the table that it walks, in the order of an index, and which of
// its rows count.
type source struct {
	table origin
	// index is the one whose order the branch is read in; empty for the primary key.
	index string
	// withCase adds the case to another table's row.
	withCase bool
	condition
}

// origin is a table by which cases are reached, with the column that holds their ids.
// A case may stand in it more than once where there are several steps about it.
type origin struct{ from, id, distinct string }

func ofCases() origin  { return origin{from: "case_files c", id: "c.id"} }
func ofFormer() origin { return origin{from: "former_offices f", id: "f.case_id"} }
func ofSteps() origin {
	return origin{from: "escalations s", id: "s.case_id", distinct: "DISTINCT "}
}

// The indexes of the branches, by the columns that come before the id.
const (
	byOffice             = "casefile_office_id_confidential_id"
	byOfficePhase        = "casefile_office_id_confidential_phase_id"
	byOfficeService      = "casefile_office_id_confidential_service_id_id"
	byOfficeServicePhase = "casefile_office_id_confidential_service_id_phase_id"
	byOfficeDue          = "casefile_office_id_confidential_due_on_id"
	byOfficePhaseDue     = "casefile_office_id_confidential_phase_due_on_id"
	byResponsible        = "casefile_responsible_id_office_id_confidential_id"
	byResponsiblePhase   = "casefile_responsible_id_office_id_confidential_phase_id"
	byResponsibleDue     = "casefile_responsible_id_office_id_confidential_due_on_id"
	byApplicant          = "casefile_applicant_id_id"
	bySubmitter          = "casefile_submitted_by_id"
	bySubmitterOffice    = "casefile_submitted_by_office_id_confidential_id"
	byFormer             = "formeroffice_office_id_confidential_case_id"
	byHolder             = "escalation_owner_office_confidential_case_id"
)

// branches are the ways in which the viewer may see cases that pass the filter.
func (s *search) branches() []source {
	switch {
	case s.viewer.ActsFor != nil, is(s.filter.ApplicantIsMe):
		return s.own()
	case is(s.filter.Mine):
		return s.mine()
	case s.filter.OfficeCode != nil && s.readers().Has(*s.filter.OfficeCode):
		return append(s.handled([]string{*s.filter.OfficeCode}), s.partyTo()...)
	default:
		readers := s.readers()
		list := append(s.own(), s.filed()...)
		if readers.All {
			list = append(list, s.everywhere()...)
		} else if s.filter.OfficeCode == nil {
			list = append(list, s.handled(readers.Offices)...)
		}
		list = append(list, s.handedOver(readers.Offices)...)
		list = append(list, s.held()...)
		return append(list, s.opened()...)
	}
}

func (s *search) readers() access.OfficeSet { return s.viewer.Scope.Offices(access.CaseRead) }
func (s *search) secret() access.OfficeSet  { return s.viewer.Scope.Offices(access.CaseConfidential) }

// party reports whether the viewer may have cases of their own.
func (s *search) party() bool {
	v := s.viewer
	return (v.Kind == access.KindPerson || v.Kind == access.KindService) && v.CanAsParty(access.CaseRead)
}

// own are the cases of which the viewer, or whom they act for, is the applicant.
func (s *search) own() []source {
	if !s.party() {
		return nil
	}
	var services []string
	if s.viewer.ActsFor != nil {
		services = s.viewer.ActsFor.Services
	}
	return []source{{table: ofCases(), index: byApplicant, condition: all(equals("c.applicant_id", s.viewer.Account()), among("c.service_id", services), s.narrow())}}
}

// filed are the cases that the viewer filed for somebody.
func (s *search) filed() []source {
	switch {
	case !s.party():
		return nil
	case s.filter.OfficeCode == nil:
		return []source{{table: ofCases(), index: bySubmitter, condition: all(equals("c.submitted_by", s.viewer.ID), s.narrow())}}
	default:
		return []source{s.filedFor(false), s.filedFor(true)}
	}
}

func (s *search) filedFor(confidential bool) source {
	return source{table: ofCases(), index: bySubmitterOffice, condition: all(equals("c.submitted_by", s.viewer.ID), secrecy("c", confidential), s.narrow())}
}

// partyTo are the cases, of an office whose cases the viewer reads, that only a party
// sees: the confidential ones without the grant.
func (s *search) partyTo() []source {
	if !s.party() || s.secret().Has(*s.filter.OfficeCode) {
		return nil
	}
	list := s.own()
	list[0].condition = all(list[0].condition, secrecy("c", true))
	return append(list, s.filedFor(true))
}

// cleared are the values of the confidential flag that the viewer may see in the office.
func (s *search) cleared(office string) []bool {
	if s.secret().Has(office) {
		return []bool{false, true}
	}
	return []bool{false}
}

// handled are the cases that the offices handle now.
func (s *search) handled(offices []string) (list []source) {
	index := byOffice
	switch f := s.filter; {
	case s.byDue() && f.Phase != nil:
		index = byOfficePhaseDue
	case s.byDue():
		index = byOfficeDue
	case f.ServiceCode != nil && f.Phase != nil:
		index = byOfficeServicePhase
	case f.ServiceCode != nil:
		index = byOfficeService
	case f.Phase != nil:
		index = byOfficePhase
	}
	rest := s.filter
	rest.OfficeCode = nil
	for _, office := range offices {
		for _, confidential := range s.cleared(office) {
			list = append(list, source{table: ofCases(), index: index, condition: all(equals("c.office_id", office), secrecy("c", confidential), narrow(s.viewer, rest))})
		}
	}
	return list
}

// mine are the cases of the viewer's offices of which they are the responsible officer.
func (s *search) mine() (list []source) {
	index := byResponsible
	switch {
	case s.byDue():
		index = byResponsibleDue
	case s.filter.Phase != nil:
		index = byResponsiblePhase
	}
	offices := s.readers()
	if office := s.filter.OfficeCode; office != nil && offices.Has(*office) {
		offices = access.OfficeSet{Offices: []string{*office}}
	} else if office != nil {
		return nil
	}
	rest := s.filter
	rest.OfficeCode = nil
	if offices.All { // few have work of their own everywhere: theirs is sorted
		return []source{{table: ofCases(), index: byResponsible, condition: all(narrow(s.viewer, rest), open(s.secret()))}}
	}
	for _, office := range offices.Offices {
		for _, confidential := range s.cleared(office) {
			list = append(list, source{table: ofCases(), index: index, condition: all(equals("c.office_id", office), secrecy("c", confidential), narrow(s.viewer, rest))})
		}
	}
	return list
}

// everywhere are the cases of all offices, by their ids: nearly all pass.
func (s *search) everywhere() []source {
	secret := s.secret()
	if secret.All {
		return []source{{table: ofCases(), condition: s.narrow()}}
	}
	list := []source{{table: ofCases(), condition: all(secrecy("c", false), s.narrow())}}
	for _, office := range secret.Offices {
		list = append(list, source{table: ofCases(), index: byOffice, condition: all(equals("c.office_id", office), secrecy("c", true), s.narrow())})
	}
	return list
}

// handedOver are the cases that the offices handled once.
func (s *search) handedOver(offices []string) []source {
	var list []source
	for _, office := range offices {
		list = append(list, s.throughOther(ofFormer(), byFormer, equals("f.office_id", office))...)
	}
	return list
}

// held are the cases about which an office of the viewer answers a step of the ladder.
func (s *search) held() []source {
	var list []source
	for _, office := range holders(s.viewer) {
		list = append(list, s.throughOther(ofSteps(), byHolder, equals("s.owner_office", office))...)
	}
	return list
}

// throughOther are the cases reached through another table's row, which says, too,
// whether they are confidential: without a filter the case itself is not looked at.
func (s *search) throughOther(t origin, index string, reached condition) []source {
	alias, narrow, secret := t.id[:1], s.narrow(), s.secret()
	list := []source{{table: t, index: index, withCase: narrow.sql != "", condition: all(reached, secrecy(alias, false), narrow)}}
	if secret.Empty() {
		return list
	}
	var offices []string
	if !secret.All {
		offices = secret.Offices
	}
	granted := all(narrow, among("c.office_id", offices))
	return append(list, source{table: t, index: index, withCase: granted.sql != "", condition: all(reached, secrecy(alias, true), granted)})
}

// opened are the cases that level 5 has open.
func (s *search) opened() []source {
	ids := s.viewer.Scope.OpenCases()
	if len(ids) == 0 {
		return nil
	}
	return []source{{table: ofCases(), condition: all(among("c.id", ids), open(s.secret()), s.narrow())}}
}

// open leaves out confidential cases but in the offices of the grant.
func open(secret access.OfficeSet) condition {
	if secret.All {
		return condition{}
	}
	k := secrecy("c", false)
	if len(secret.Offices) == 0 {
		return k
	}
	granted := among("c.office_id", secret.Offices)
	return condition{"(" + k.sql + " OR " + granted.sql + ")", append(k.args, granted.args...)}
}

// narrow is the filter of the caller on the case.
func (s *search) narrow() condition { return narrow(s.viewer, s.filter) }

func narrow(v *access.Viewer, f CaseFilter) condition {
	given := func(column string, value *string) condition {
		if value == nil {
			return condition{}
		}
		return equals(column, *value)
	}
	k := all(given("c.office_id", f.OfficeCode), given("c.service_id", f.ServiceCode), given("c.phase", (*string)(f.Phase)))
	if is(f.Mine) {
		k = all(k, equals("c.responsible_id", v.ID))
	}
	if is(f.ApplicantIsMe) {
		k = all(k, equals("c.applicant_id", v.Account()))
	}
	return k
}
