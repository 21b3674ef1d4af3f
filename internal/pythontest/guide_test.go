//go:build unix

package pythontest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc/departmentpb"
	"github.com/spazio-in-comune/sportello/plugins/town"
)

// guide is the text for developers in other languages.
func guide(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, "plugins/sdk/python/README.md"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// block is the text of a code block of the guide.
func block(t *testing.T, name string) string {
	t.Helper()
	_, after, found := strings.Cut(guide(t), "```"+name+"\n")
	text, _, closed := strings.Cut(after, "```")
	if !found || !closed {
		t.Fatalf("the guide has no block %q", name)
	}
	return strings.TrimSpace(text)
}

// TestGuideHandshake holds the guide's line against the one that the process prints.
func TestGuideHandshake(t *testing.T) {
	t.Parallel()
	said := strings.Split(block(t, "handshake"), "|")
	s := start(t, []string{Department(t, root, t.TempDir())}, "PLUGIN_CLIENT_CERT="+string(pemOf(certificate(t))))
	shape := func(fields []string) []string {
		fields = slices.Clone(fields)
		if len(fields) == 6 {
			fields[3], fields[5] = filepath.Base(fields[3]), fields[5][:4] // the rest differs with each start
		}
		return fields
	}
	if diff := cmp.Diff(shape(s.fields), shape(said)); diff != "" {
		t.Errorf("handshake (-process +guide):\n%s", diff)
	}
}

// TestGuideEnvironment holds the guide's table against what the platform passes on.
func TestGuideEnvironment(t *testing.T) {
	t.Parallel()
	running, err := catalogue.Run(t.Context(), catalogue.RunConfig{Registration: catalogue.Registration{
		Name: Name, Command: Department(t, root, t.TempDir()),
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := running.Stop(); err != nil {
			t.Error(err)
		}
	}()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", running.PID()))
	if err != nil {
		t.Fatal(err)
	}
	var passed, told []string
	for variable := range strings.SplitSeq(strings.TrimRight(string(raw), "\x00"), "\x00") {
		name, _, _ := strings.Cut(variable, "=")
		if name != "PWD" && name != "OPENSSL_MODULES" { // those of a fetched interpreter
			passed = append(passed, name)
		}
	}
	for _, row := range regexp.MustCompile("(?m)^\\| (`[A-Z_]+`.*?) \\|").FindAllStringSubmatch(guide(t), -1) {
		told = append(told, strings.Split(strings.ReplaceAll(row[1], "`", ""), ", ")...)
	}
	slices.Sort(passed)
	slices.Sort(told)
	if diff := cmp.Diff(passed, told); diff != "" {
		t.Errorf("environment (-platform +guide):\n%s", diff)
	}
}

// TestGuideMessages plays the guide's request and compares the guide's answers.
func TestGuideMessages(t *testing.T) {
	t.Parallel()
	s := start(t, []string{Department(t, root, t.TempDir())})
	client := departmentpb.NewDepartmentClient(s.dial(t, insecure.NewCredentials()))
	for answer, changed := range map[string]string{"json response": "", "json problems": `"2027-03-01"`} {
		var request struct {
			Practice, Now    string
			Answers, Ambient map[string]json.RawMessage
			Parameters       map[string]string
		}
		if err := json.Unmarshal([]byte(block(t, "json request")), &request); err != nil {
			t.Fatal(err)
		}
		if changed != "" {
			request.Answers["data_ritiro"] = json.RawMessage(changed)
		}
		got, err := client.Review(t.Context(), &departmentpb.ReviewRequest{
			Practice: request.Practice, Now: request.Now, Answers: asJSON(t, request.Answers), Ambient: asJSON(t, request.Ambient), Parameters: request.Parameters,
		})
		if err != nil {
			t.Fatal(err)
		}
		var want, is any
		if err := json.Unmarshal([]byte(block(t, answer)), &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(got.GetReview(), &is); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(is, want); diff != "" {
			t.Errorf("%s (-department +guide):\n%s", answer, diff)
		}
	}
}

func asJSON(t *testing.T, value any) []byte {
	t.Helper()
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestApplicant: the example repeats the town's group of fields for the applicant, as
// a definition must be complete; this keeps the two alike.
func TestApplicant(t *testing.T) {
	t.Parallel()
	shared, err := town.Load()
	if err != nil {
		t.Fatal(err)
	}
	s := start(t, []string{Department(t, root, t.TempDir())})
	answer, err := departmentpb.NewDepartmentClient(s.dial(t, insecure.NewCredentials())).Describe(t.Context(), &departmentpb.DescribeRequest{})
	if err != nil {
		t.Fatal(err)
	}
	var def sdk.Definition
	if err := json.Unmarshal(answer.GetDefinition(), &def); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(shared.FieldGroups[sdk.Applicant], def.FieldGroups[sdk.Applicant]); diff != "" {
		t.Errorf("the applicant's fields (-town +department):\n%s", diff)
	}
}

// TestNothingBeside: no module is loaded that the checksum does not cover.
func TestNothingBeside(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	path := Department(t, root, folder)
	for _, module := range []string{"grpc.py", "decimal.py"} {
		if err := os.WriteFile(filepath.Join(folder, module), []byte("raise SystemExit('loaded')\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	running, err := catalogue.Run(t.Context(), catalogue.RunConfig{Registration: catalogue.Registration{Name: Name, Command: path}})
	if err != nil {
		t.Fatal(err)
	}
	if err := running.Stop(); err != nil {
		t.Error(err)
	}
}
