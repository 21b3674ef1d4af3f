package sdk

// AmbientNames returns the names that the platform may set in a review, with
// their types. Any of them may be missing in a request.
func AmbientNames() map[string]FieldType {
	return map[string]FieldType{
		"resident": "bool", "debts_open": "bool", "service_open_cases": "int",
		"open_case_days": "int", "open_case_expired": "bool", "visits_last_30_days": "int",
		"previous_outcome": "string", "appointment": "bool", "queue_wait_minutes": "int",
		"window_open": "bool", "operator_has": "string", "now_hour": "int",
		"tax_peak_window": "bool", "cf_valid": "bool", "nav_valid": "bool",
		"isee_valid": "bool", "computed_capacity": "int",
	}
}
