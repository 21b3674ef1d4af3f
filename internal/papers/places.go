package papers

import (
	"github.com/spazio-in-comune/sportello/ent/documentupload"
	"github.com/spazio-in-comune/sportello/ent/documentversion"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

func uploadKeyAt(id string) vault.Place {
	return vault.Place{Table: documentupload.Table, Column: documentupload.FieldContentKey, Row: id}
}

func uploadNameAt(id string) vault.Place {
	return vault.Place{Table: documentupload.Table, Column: documentupload.FieldName, Row: id}
}

func versionKeyAt(id string) vault.Place {
	return vault.Place{Table: documentversion.Table, Column: documentversion.FieldContentKey, Row: id}
}

func versionNameAt(id string) vault.Place {
	return vault.Place{Table: documentversion.Table, Column: documentversion.FieldName, Row: id}
}
