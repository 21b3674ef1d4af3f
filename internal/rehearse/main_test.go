package rehearse

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
	"github.com/spazio-in-comune/sportello/plugins/sdk/rpc"
)

// TestMain makes the test binary a department when it is started as one: the
// processes of these tests are real.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "department" {
		serve(os.Args[2])
		return
	}
	os.Exit(m.Run())
}

// serve is the process of the department of that name: a good one, or one that
// does what its name says.
func serve(name string) {
	asked := os.Getenv(rpc.CookieKey) != ""
	switch {
	case name == "careless" && !asked:
		os.Exit(0)
	case name == "silent" && !asked:
		os.Exit(1)
	case name == "babbling" && asked:
		fmt.Println("welcome to the allotments")
	case name == "elsewhere" && asked:
		fmt.Println("1|1|unix|/tmp/somebody-elses.sock|grpc")
		select {}
	case name == "on-the-net" && asked:
		fmt.Println("1|1|tcp|127.0.0.1:1|grpc")
		select {}
	case name == "plain" && asked:
		_ = os.Unsetenv("PLUGIN_CLIENT_CERT")
	case name == "ill" && asked:
		serveRaw(grpc_health_v1.HealthCheckResponse_NOT_SERVING)
	case name == "deaf" && asked:
		serveRaw(grpc_health_v1.HealthCheckResponse_SERVING)
	}
	version := "1.0.0"
	if name == "restless" {
		version = "1.0." + strconv.Itoa(os.Getpid())
	}
	rpc.Main(func() (sdk.Department, error) {
		good, err := orti(version, "")
		return department{good, name}, err
	})
}

// department spoils the reviews of a good one.
type department struct {
	sdk.Department
	name string
}

func (d department) Review(ctx context.Context, req sdk.ReviewRequest) (*sdk.ReviewResponse, error) {
	switch d.name {
	case "mortal":
		if string(req.Answers["mq"]) == "1e400" {
			os.Exit(3)
		}
	case "chatty":
		fmt.Fprintln(os.Stderr, strings.Repeat("x", 4<<10))
	}
	return d.Department.Review(ctx, req)
}

// serveRaw is a department without the SDK, which cannot be told to end.
func serveRaw(status grpc_health_v1.HealthCheckResponse_ServingStatus) {
	path := filepath.Join(os.Getenv("PLUGIN_UNIX_SOCKET_DIR"), "raw")
	listener, err := net.Listen("unix", path)
	if err != nil {
		os.Exit(1)
	}
	server, state := grpc.NewServer(), health.NewServer()
	state.SetServingStatus(rpc.HealthService, status)
	grpc_health_v1.RegisterHealthServer(server, state)
	fmt.Printf("1|1|unix|%s|grpc\n", path)
	_ = server.Serve(listener)
}

// orti is a small department; the second version of its rules differs.
func orti(version, rules string) (sdk.Department, error) {
	if rules == "" {
		rules = `
  - id: domanda-orto/r1
    words: {it: Chi ha un giardino non ha orto, en: Who has a garden gets no allotment}
    when: ha_giardino
    effect: {block: {it: Ha già un giardino, en: Has a garden already}}
`
	}
	return sdk.FromFS(fstest.MapFS{
		"service.yaml": {Data: []byte(`
service: orti
version: ` + version + `
series: O
kind: counter
title: {it: Orti comunali, en: Allotments}
description: {it: Assegnazione di orti., en: Allotments for residents.}
category: Ambiente
default_route: sportello
practices: [domanda-orto]
field_groups:
  richiedente:
    title: {it: Richiedente, en: Applicant}
    fields:
      - {name: nome, label: {it: Nome, en: Name}, type: string, required: true, max: 80}
`)},
		"practices/domanda-orto.yaml": {Data: []byte(`
id: domanda-orto
title: {it: Domanda di orto, en: Request of an allotment}
summary: {it: Chiedere un orto del Comune., en: Ask for an allotment of the town.}
for_whom: {it: Residenti, en: Residents}
outcome: {it: Assegnazione, en: Assignment}
form:
  fields:
    - {name: mq, label: {it: Superficie, en: Area}, type: int, required: true, min: 20, max: 60}
    - {name: ha_giardino, label: {it: Ha un giardino, en: Has a garden}, type: bool, required: true}
fees: []
deadline: {amount: 30, unit: calendar_days, from: protocol}
silence: none
handling: {typical_minutes: 8}
online: {possible: true, min_loa: L2}
confidence: low
rules:` + rules)},
	})
}
