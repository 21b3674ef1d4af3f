package sdk

// Category is one of the fifteen subjects under which a municipality files its
// services: the controlled vocabulary "Materie dei servizi pubblici" of AgID,
// which the Modello Comuni uses for its cards.
type Category struct {
	// Code is the notation of the vocabulary, "1" to "15".
	Code string
	// Title is the official name in Italian, and ours in English.
	Title Text
	// Themes are the European data themes to which the vocabulary itself relates
	// the subject.
	Themes []string
}

// Categories returns the vocabulary in its order.
func Categories() []Category {
	return []Category{
		{"1", Text{"Educazione e formazione", "Education and training"}, []string{"EDUC"}},
		{"2", Text{"Salute, benessere e assistenza", "Health, welfare and care"}, []string{"HEAL", "SOCI"}},
		{"3", Text{"Vita lavorativa", "Working life"}, []string{"SOCI"}},
		{"4", Text{"Mobilità e trasporti", "Mobility and transport"}, []string{"TRAN"}},
		{"5", Text{"Catasto e urbanistica", "Land registry and planning"}, []string{"REGI"}},
		{"6", Text{"Anagrafe e stato civile", "Population register and civil status"}, []string{"SOCI"}},
		{"7", Text{"Turismo", "Tourism"}, []string{"EDUC"}},
		{"8", Text{"Giustizia e sicurezza pubblica", "Justice and public safety"}, []string{"JUST"}},
		{"9", Text{"Tributi, finanze e contravvenzioni", "Taxes, finance and fines"}, []string{"ECON"}},
		{"10", Text{"Cultura e tempo libero", "Culture and leisure"}, []string{"EDUC"}},
		{"11", Text{"Ambiente", "Environment"}, []string{"ENVI"}},
		{"12", Text{"Impresa e commercio", "Business and trade"}, []string{"ECON"}},
		{"13", Text{"Autorizzazioni", "Permits"}, []string{"ECON"}},
		{"14", Text{"Appalti pubblici", "Public procurement"}, []string{"GOVE"}},
		{"15", Text{"Agricoltura e pesca", "Farming and fishing"}, []string{"AGRI"}},
	}
}

// CategoryOf finds a category by its Italian name.
func CategoryOf(title string) (Category, bool) {
	for _, c := range Categories() {
		if c.Title.IT == title {
			return c, true
		}
	}
	return Category{}, false
}
