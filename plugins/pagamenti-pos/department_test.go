package pagamenti_test

import (
	"os"
	"testing"

	pagamenti "github.com/spazio-in-comune/sportello/plugins/pagamenti-pos"
	"github.com/spazio-in-comune/sportello/plugins/sdk/sdktest"
	"github.com/spazio-in-comune/sportello/plugins/town"
)

func TestDepartment(t *testing.T) {
	t.Parallel()
	shared, err := town.Load()
	if err != nil {
		t.Fatal(err)
	}
	department, err := pagamenti.New()
	if err != nil {
		t.Fatal(err)
	}
	sdktest.Run(t, department, shared, os.DirFS("cases"))
}
