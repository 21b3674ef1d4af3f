package tributi_test

import (
	"os"
	"testing"

	"github.com/spazio-in-comune/sportello/plugins/sdk/sdktest"
	"github.com/spazio-in-comune/sportello/plugins/town"
	tributi "github.com/spazio-in-comune/sportello/plugins/tributi-patrimonio"
)

func TestCases(t *testing.T) {
	t.Parallel()
	shared, err := town.Load()
	if err != nil {
		t.Fatal(err)
	}
	department, err := tributi.New()
	if err != nil {
		t.Fatal(err)
	}
	sdktest.RunCases(t, department, shared, os.DirFS("cases"))
}
