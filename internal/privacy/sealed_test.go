package privacy_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/spazio-in-comune/sportello/ent/alertendpoint"
	"github.com/spazio-in-comune/sportello/ent/caseact"
	"github.com/spazio-in-comune/sportello/ent/casedocument"
	"github.com/spazio-in-comune/sportello/ent/caseentry"
	"github.com/spazio-in-comune/sportello/ent/casefile"
	"github.com/spazio-in-comune/sportello/ent/contactchoice"
	"github.com/spazio-in-comune/sportello/ent/documentupload"
	"github.com/spazio-in-comune/sportello/ent/documentversion"
	"github.com/spazio-in-comune/sportello/ent/escalation"
	"github.com/spazio-in-comune/sportello/ent/feedback"
	"github.com/spazio-in-comune/sportello/ent/intakedraft"
	"github.com/spazio-in-comune/sportello/ent/leg"
	"github.com/spazio-in-comune/sportello/ent/mandate"
	"github.com/spazio-in-comune/sportello/ent/opening"
	"github.com/spazio-in-comune/sportello/ent/person"
	"github.com/spazio-in-comune/sportello/ent/stepnote"
	"github.com/spazio-in-comune/sportello/internal/privacy"
	"github.com/spazio-in-comune/sportello/internal/vault"
)

// column is a sealed column of the schema.
type column struct{ table, name string }

func (c column) place(row string) vault.Place {
	return vault.Place{Table: c.table, Column: c.name, Row: row}
}

// caseColumn is the column that names the case.
func (c column) caseColumn() string {
	if c.table == casefile.Table {
		return casefile.FieldID
	}
	return "case_id"
}

// tables are the tables of the types with sealed columns.
var tables = map[string]string{
	"DocumentVersion": documentversion.Table, "DocumentUpload": documentupload.Table, "IntakeDraft": intakedraft.Table,
	"CaseAct": caseact.Table, "CaseFile": casefile.Table, "CaseEntry": caseentry.Table, "CaseDocument": casedocument.Table, "Escalation": escalation.Table,
	"Feedback": feedback.Table, "Leg": leg.Table, "Person": person.Table, "Mandate": mandate.Table, "Opening": opening.Table, "AlertEndpoint": alertendpoint.Table,
	"StepNote": stepnote.Table, "ContactChoice": contactchoice.Table,
}

// sealedColumns reads the schema: fields made by sealed("…").
func sealedColumns(t *testing.T) []column {
	t.Helper()
	names, err := filepath.Glob("../../ent/schema/*.go")
	if err != nil {
		t.Fatal(err)
	}
	var found []column
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			method, ok := d.(*ast.FuncDecl)
			if !ok || method.Recv == nil || method.Name.Name != "Fields" {
				continue
			}
			kind := method.Recv.List[0].Type.(*ast.Ident).Name
			ast.Inspect(method.Body, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					return true
				}
				if name, ok := call.Fun.(*ast.Ident); ok && name.Name == "sealed" {
					text, err := strconv.Unquote(call.Args[0].(*ast.BasicLit).Value)
					if err != nil {
						t.Fatal(err)
					}
					if tables[kind] == "" {
						t.Fatalf("%s has a sealed column: say here what its table is", kind)
					}
					found = append(found, column{tables[kind], text})
				}
				return true
			})
		}
	}
	if len(found) < 10 {
		t.Fatalf("only %d sealed columns were found: the schema is read wrongly", len(found))
	}
	return found
}

func sealedOfCases(t *testing.T) []column {
	t.Helper()
	return slices.DeleteFunc(sealedColumns(t), func(c column) bool {
		return slices.Contains([]string{leg.Table, person.Table, mandate.Table, opening.Table, alertendpoint.Table, intakedraft.Table, contactchoice.Table}, c.table)
	})
}

// TestEverySealedColumnIsErased: whoever adds a sealed column says when it is erased.
func TestEverySealedColumnIsErased(t *testing.T) {
	// What goes with the key of its person, or stays for good.
	otherwise := map[column]string{
		{person.Table, person.FieldSealed}:                "emptied when the person is forgotten",
		{mandate.Table, mandate.FieldDocuments}:           "sealed with the key of the principal, who goes with the last mandate",
		{intakedraft.Table, intakedraft.FieldAnswers}:     "the row itself is deleted",
		{contactchoice.Table, contactchoice.FieldAddress}: "the row goes when the person is forgotten, and is sealed with their key",
		{opening.Table, opening.FieldReason}:              "why level 5 opened a file is part of the audit, which stays",
		{alertendpoint.Table, alertendpoint.FieldAddress}: "emptied when nothing is sent there any more; a mailbox is sealed with the key of its person",
		{alertendpoint.Table, alertendpoint.FieldSecret}:  "the house's own: emptied when nothing is sent there any more",
	}
	for _, c := range sealedColumns(t) {
		if !privacy.Wipes(c.table, c.name) && otherwise[c] == "" {
			t.Errorf("nothing ever erases %s.%s", c.table, c.name)
		}
	}
}
