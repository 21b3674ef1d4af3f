package messi_test

import (
	"os"
	"testing"

	"github.com/spazio-in-comune/sportello/plugins/sdk/sdktest"
	messi "github.com/spazio-in-comune/sportello/plugins/sportello-messi"
	"github.com/spazio-in-comune/sportello/plugins/town"
)

func TestDepartment(t *testing.T) {
	t.Parallel()
	shared, err := town.Load()
	if err != nil {
		t.Fatal(err)
	}
	department, err := messi.New()
	if err != nil {
		t.Fatal(err)
	}
	sdktest.Run(t, department, shared, os.DirFS("cases"))
}
