package segretariato_test

import (
	"os"
	"testing"

	"github.com/spazio-in-comune/sportello/plugins/sdk/sdktest"
	segretariato "github.com/spazio-in-comune/sportello/plugins/segretariato-sociale"
	"github.com/spazio-in-comune/sportello/plugins/town"
)

func TestDepartment(t *testing.T) {
	t.Parallel()
	shared, err := town.Load()
	if err != nil {
		t.Fatal(err)
	}
	department, err := segretariato.New()
	if err != nil {
		t.Fatal(err)
	}
	sdktest.Run(t, department, shared, os.DirFS("cases"))
}
