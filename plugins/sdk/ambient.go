package sdk

import (
	"encoding/json"
	"time"

	"github.com/shopspring/decimal"

	"github.com/spazio-in-comune/sportello/plugins/sdk/calc"
	"github.com/spazio-in-comune/sportello/plugins/sdk/expr"
)

// AmbientNames returns the names that the platform may set in a review, with
// their types. Any of them may be missing in a request. The last four come from
// the answers: the SDK sets them, never the platform.
func AmbientNames() map[string]FieldType {
	return map[string]FieldType{
		"resident": "bool", "debts_open": "bool", "service_open_cases": "int",
		"open_case_days": "int", "open_case_expired": "bool", "visits_last_30_days": "int",
		"previous_outcome": "string", "appointment": "bool", "queue_wait_minutes": "int",
		"window_open": "bool", "operator_has": "string", "now_hour": "int",
		"tax_peak_window": "bool", "cf_valid": "bool", "nav_valid": "bool",
		"isee_valid": "bool", computedCapacity: "int",
	}
}

// ClockAmbient gives the ambient names that follow from the moment alone:
// now_hour and tax_peak_window (1-18 June and 1-18 December).
func ClockAmbient(now time.Time) map[string]json.RawMessage {
	local := now.In(calc.Rome())
	peak := (local.Month() == time.June || local.Month() == time.December) && local.Day() <= 18
	return map[string]json.RawMessage{"now_hour": encode(local.Hour()), "tax_peak_window": encode(peak)}
}

// readAmbient reads what the platform knows and adds what follows from the
// answers.
func (in *Intake) readAmbient(raw map[string]json.RawMessage) map[string]expr.Value {
	values := in.derived()
	for name, value := range raw {
		f, known := in.practice.ambient[name]
		if !known {
			continue
		}
		if a := readAnswer(f, value); a.readable {
			values[name] = a.value
		}
	}
	return values
}

// ambientFields are the ambient names that the platform sets, as fields to read.
func ambientFields() map[string]*field {
	fields := map[string]*field{}
	for name, t := range AmbientNames() {
		if !derivedName(name) {
			fields[name] = &field{Field: &Field{Name: name, Type: t}}
		}
	}
	return fields
}

func derivedName(name string) bool {
	switch name {
	case "cf_valid", "nav_valid", "isee_valid", computedCapacity:
		return true
	}
	return false
}

// derived are the ambient names that follow from the answers. They exist only
// in forms with those fields.
func (in *Intake) derived() map[string]expr.Value {
	values := map[string]expr.Value{}
	if code, ok := in.Text("codice_fiscale"); ok {
		values["cf_valid"] = calc.ValidTaxCode(code)
	}
	if number, ok := in.Text("numero_avviso"); ok {
		values["nav_valid"] = calc.ValidNotice(number)
	}
	if in.practice.hasField("isee_presentato", "isee_regime", "isee_anno") {
		year, ok := in.Int("isee_anno")
		values["isee_valid"] = in.Bool("isee_presentato") && in.Is("isee_regime", "dpcm_159_2013") &&
			ok && year >= in.today.Year
	}
	if capacity, ok := in.capacity(); ok {
		values[computedCapacity] = decimal.NewFromInt(int64(capacity))
	}
	return values
}

// capacity is the housing capacity of the dwelling described, by the figures of
// today.
func (in *Intake) capacity() (int, bool) {
	area, ok := in.Decimal("superficie_utile")
	if !ok {
		return 0, false
	}
	rooms, ok := in.Numbers("camere", "superficie_mq")
	if !ok {
		return 0, false
	}
	rules, err := HousingRules(in.Parameters())
	if err != nil { // without the figures of today nothing is known
		return 0, false
	}
	return calc.HousingCapacity(rules, area, rooms), true
}
