// Command gen compiles department.proto into Go without protoc: a compiler in Go
// reads the file, the two official generators, pinned as tools of this module,
// write the code. Run it at the root of the repository.
package main

import (
	"bytes"
	"context"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

const (
	folder = "plugins/sdk/rpc"
	source = "department.proto"
	// registered is the file's name in the registry of every process that links
	// the contract; it must not clash with a file of someone else.
	registered = "sportello/department/v1/department.proto"
	module     = "github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
)

func main() {
	log.SetFlags(0)
	file, err := compile(context.Background())
	if err != nil {
		log.Fatalf("compile %s: %v", source, err)
	}
	for _, generator := range []string{"protoc-gen-go", "protoc-gen-go-grpc"} {
		if err := generate(generator, file); err != nil {
			log.Fatalf("%s: %v", generator, err)
		}
	}
}

// compile reads the proto file with its comments.
func compile(ctx context.Context) (*descriptorpb.FileDescriptorProto, error) {
	compiler := protocompile.Compiler{
		Resolver:       &protocompile.SourceResolver{ImportPaths: []string{folder}},
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	files, err := compiler.Compile(ctx, source)
	if err != nil {
		return nil, err
	}
	file := protodesc.ToFileDescriptorProto(files[0])
	file.Name = proto.String(registered)
	return file, nil
}

// generate runs one generator over its standard input and output and writes the
// files it answers.
func generate(tool string, file *descriptorpb.FileDescriptorProto) error {
	request, err := proto.Marshal(&pluginpb.CodeGeneratorRequest{
		FileToGenerate: []string{registered},
		Parameter:      proto.String("module=" + module),
		ProtoFile:      []*descriptorpb.FileDescriptorProto{file},
	})
	if err != nil {
		return fmt.Errorf("encode the request: %w", err)
	}
	cmd := exec.Command("go", "tool", tool)
	cmd.Stdin, cmd.Stderr = bytes.NewReader(request), os.Stderr
	answer, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("run: %w", err)
	}
	var response pluginpb.CodeGeneratorResponse
	if err := proto.Unmarshal(answer, &response); err != nil {
		return fmt.Errorf("decode the response: %w", err)
	}
	if response.Error != nil {
		return fmt.Errorf("generator: %s", response.GetError())
	}
	for _, f := range response.File {
		name := filepath.Join(folder, filepath.FromSlash(f.GetName()))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(f.GetContent()), 0o644); err != nil {
			return err
		}
	}
	return nil
}
