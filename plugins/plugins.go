// Package plugins is the catalogue of the departments that ship with the
// platform. To add one: a folder here and a line in [All].
package plugins

import (
	"fmt"

	"github.com/spazio-in-comune/sportello/plugins/anagrafe"
	"github.com/spazio-in-comune/sportello/plugins/autentiche"
	cultura "github.com/spazio-in-comune/sportello/plugins/cultura-sport-tempo-libero"
	"github.com/spazio-in-comune/sportello/plugins/ecologia"
	edilizia "github.com/spazio-in-comune/sportello/plugins/edilizia-catasto"
	"github.com/spazio-in-comune/sportello/plugins/isee"
	mobilita "github.com/spazio-in-comune/sportello/plugins/mobilita-trasporti"
	pagamenti "github.com/spazio-in-comune/sportello/plugins/pagamenti-pos"
	istruzione "github.com/spazio-in-comune/sportello/plugins/pubblica-istruzione"
	atti "github.com/spazio-in-comune/sportello/plugins/richiesta-ritiro-atti"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	segretariato "github.com/spazio-in-comune/sportello/plugins/segretariato-sociale"
	sociali "github.com/spazio-in-comune/sportello/plugins/servizi-sociali"
	messi "github.com/spazio-in-comune/sportello/plugins/sportello-messi"
	statocivile "github.com/spazio-in-comune/sportello/plugins/stato-civile"
	tributi "github.com/spazio-in-comune/sportello/plugins/tributi-patrimonio"
)

// Bundled is a department in the house.
type Bundled struct {
	// Name is the id of its service.
	Name string
	// New loads it; an error means that its own files are wrong.
	New func() (sdk.Department, error)
}

// All are the departments in the order of the catalogue.
func All() []Bundled {
	return []Bundled{
		{"anagrafe", anagrafe.New},
		{"edilizia-catasto", edilizia.New},
		{"ecologia", ecologia.New},
		{"isee", isee.New},
		{"mobilita-trasporti", mobilita.New},
		{"pagamenti-pos", pagamenti.New},
		{"pubblica-istruzione", istruzione.New},
		{"cultura-sport-tempo-libero", cultura.New},
		{"autentiche", autentiche.New},
		{"richiesta-ritiro-atti", atti.New},
		{"servizi-sociali", sociali.New},
		{"tributi-patrimonio", tributi.New},
		{"segretariato-sociale", segretariato.New},
		{"sportello-messi", messi.New},
		{"stato-civile", statocivile.New},
	}
}

// New loads the department of that name.
func New(name string) (sdk.Department, error) {
	for _, bundled := range All() {
		if bundled.Name != name {
			continue
		}
		department, err := bundled.New()
		if err != nil {
			return nil, fmt.Errorf("load the department %s: %w", name, err)
		}
		return department, nil
	}
	return nil, fmt.Errorf("there is no bundled department %q", name)
}
