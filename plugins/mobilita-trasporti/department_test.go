package mobilita_test

import (
	"os"
	"testing"

	mobilita "github.com/spazio-in-comune/sportello/plugins/mobilita-trasporti"
	"github.com/spazio-in-comune/sportello/plugins/sdk/sdktest"
	"github.com/spazio-in-comune/sportello/plugins/town"
)

func TestDepartment(t *testing.T) {
	t.Parallel()
	shared, err := town.Load()
	if err != nil {
		t.Fatal(err)
	}
	department, err := mobilita.New()
	if err != nil {
		t.Fatal(err)
	}
	sdktest.Run(t, department, shared, os.DirFS("cases"))
}
