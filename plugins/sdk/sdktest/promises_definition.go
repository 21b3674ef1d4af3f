package sdktest

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

func definitionPromises() []promise {
	return []promise{
		{
			group: "definition", name: "it describes itself", clause: 1,
			contract: "Describe answers within its limit with the whole service as data.",
			mend:     "Return the definition; what keeps it from being read must fail before the department is served.",
			keep:     keepDescribes,
		},
		{
			group: "definition", name: "the definition is sound", clause: 1,
			contract: "Every condition can be read, every name in it exists, every reference leads somewhere.",
			mend:     "Mend what each line names, in the YAML of the practice or where the definition is built.",
			keep:     keepSound,
		},
		{
			group: "definition", name: "the version is semantic", clause: 1,
			contract: "The version is MAJOR.MINOR.PATCH (semver.org) of at most 64 characters.",
			mend:     "Write version: 1.0.0 in service.yaml, and raise it with each change.",
			keep:     keepVersion, needs: true,
		},
		{
			group: "definition", name: "the same at every call", clause: 2,
			contract: "Describe gives the same definition as long as the executable is the same.",
			mend:     "Build the definition once, at the start; nothing of the day or of the machine belongs into it.",
			keep:     keepSameDefinition, needs: true,
		},
		{
			group: "definition", name: "forms are JSON Schemas", clause: 1,
			contract: "Each form gives a JSON Schema 2020-12 in both languages.",
			mend:     "Limits of texts and lists are whole numbers; patterns are regular expressions.",
			keep:     keepSchemas, needs: true,
		},
		{
			group: "texts", name: "both languages", clause: 3,
			contract: "Every text is there in Italian and in English.",
			mend:     "Write the missing language: {it: …, en: …}.",
			keep:     keepTexts, needs: true,
		},
	}
}

func keepDescribes(ctx context.Context, s *suite, c *Check) {
	answer, err := s.department.Describe(ctx, sdk.DescribeRequest{})
	if err != nil {
		c.Tell("called Describe", err.Error())
		return
	}
	c.Tell("called Describe", "")
	s.definition = answer.Definition
	s.report.Service, s.report.Version = answer.Definition.Service, answer.Definition.Version
}

func keepSound(ctx context.Context, s *suite, c *Check) {
	if s.definition == nil {
		c.Skipped = "there is no definition"
		return
	}
	const did = "compiled the definition with the data of the town"
	service, err := sdk.Compile(s.definition, s.opts.Town)
	if err == nil {
		err = s.prepare(ctx, service)
	}
	if err == nil {
		c.Tell(did, "")
		return
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		c.Tell(did, line)
	}
}

// semantic is the shape of a version as semver.org gives it, without the rules on
// leading zeros of pre-releases.
const semantic = `^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`

const maxVersion = 64

func keepVersion(_ context.Context, s *suite, c *Check) {
	version, got := s.definition.Version, ""
	if len(version) > maxVersion || !regexp.MustCompile(semantic).MatchString(version) {
		got = fmt.Sprintf("%q", version)
	}
	c.Tell("read the version", got)
}

func keepSameDefinition(ctx context.Context, s *suite, c *Check) {
	want, err := s.definition.Hash()
	if err != nil {
		c.Tell("hashed the definition", err.Error())
		return
	}
	for range 3 {
		c.Tell("called Describe again", describesOther(ctx, s, want))
	}
}

func describesOther(ctx context.Context, s *suite, want string) string {
	answer, err := s.department.Describe(ctx, sdk.DescribeRequest{})
	if err != nil {
		return err.Error()
	}
	hash, err := answer.Definition.Hash()
	if err != nil {
		return err.Error()
	}
	if hash != want {
		return fmt.Sprintf("another definition: SHA-256 %.12s, before %.12s", hash, want)
	}
	return ""
}

func keepSchemas(_ context.Context, s *suite, c *Check) {
	for i := range s.definition.Practices {
		practice, _ := s.service.Practice(s.definition.Practices[i].ID)
		for _, language := range []string{"it", "en"} {
			got := ""
			if err := schemaOf(practice, language); err != nil {
				got = err.Error()
			}
			c.Tell(fmt.Sprintf("derived the schema of %s in %q", s.definition.Practices[i].ID, language), got)
		}
	}
}

func schemaOf(practice *sdk.CompiledPractice, language string) error {
	raw, err := practice.JSONSchema(language)
	if err != nil {
		return err
	}
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	if err != nil {
		return err
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("form.json", document); err != nil {
		return err
	}
	if _, err := compiler.Compile("form.json"); err != nil {
		return err
	}
	_, err = practice.UISchema(language)
	return err
}

func keepTexts(_ context.Context, s *suite, c *Check) {
	walkTexts(reflect.ValueOf(*s.definition), "definition", func(path string, text sdk.Text) {
		got := ""
		if (strings.TrimSpace(text.IT) == "") != (strings.TrimSpace(text.EN) == "") {
			raw, err := json.Marshal(text)
			if err != nil {
				raw = []byte(err.Error())
			}
			got = shown(string(raw))
		}
		c.Tell("read "+path, got)
	})
}

// walkTexts visits every text of a value; one that is empty in both languages is
// an optional one that is not there.
func walkTexts(v reflect.Value, path string, visit func(path string, text sdk.Text)) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			walkTexts(v.Elem(), path, visit)
		}
	case reflect.Slice:
		for i := range v.Len() {
			walkTexts(v.Index(i), fmt.Sprintf("%s[%s]", path, nameOf(v.Index(i), i)), visit)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			walkTexts(v.MapIndex(key), fmt.Sprintf("%s[%v]", path, key), visit)
		}
	case reflect.Struct:
		if text, ok := v.Interface().(sdk.Text); ok {
			visit(path, text)
			return
		}
		for i := range v.NumField() {
			tag, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
			walkTexts(v.Field(i), path+"."+tag, visit)
		}
	}
}

// nameOf is the id by which a person finds an element of a list.
func nameOf(v reflect.Value, i int) string {
	if v.Kind() == reflect.Struct {
		for _, key := range []string{"ID", "Code", "Name"} {
			if id := v.FieldByName(key); id.IsValid() && id.Kind() == reflect.String && id.String() != "" {
				return id.String()
			}
		}
	}
	return fmt.Sprint(i)
}
