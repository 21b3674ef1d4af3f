package rehearse

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/spazio-in-comune/sportello/internal/catalogue"
	"github.com/spazio-in-comune/sportello/plugins/sdk/sdktest"
)

// Conform puts the process of a registration to the test: how it starts, the whole
// contract of package sdk, how it ends, and whether a second start answers alike.
// The report says what failed; an error means that the rehearsal itself could not
// be held, as when there is no such command.
func Conform(ctx context.Context, reg catalogue.Registration, opts sdktest.Options) (*sdktest.Report, error) {
	byHand, err := startByHand(ctx, reg)
	if err != nil {
		return nil, err
	}
	r := &rehearsal{reg: reg, log: &tail{}}
	running, err := catalogue.Run(ctx, r.config())
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return &sdktest.Report{Service: reg.Name, Checks: append([]sdktest.Check{byHand}, r.started(err)...)}, nil
	}
	report := sdktest.Examine(ctx, running, opts)
	end := []sdktest.Check{r.survives(ctx, running), r.ends(running), r.logs(), r.again(ctx, report)}
	report.Checks = slices.Concat([]sdktest.Check{byHand}, r.started(nil), report.Checks, end)
	return report, ctx.Err()
}

// rehearsal is the test of one registration.
type rehearsal struct {
	reg catalogue.Registration
	log *tail
}

func (r *rehearsal) config() catalogue.RunConfig {
	return catalogue.RunConfig{Registration: r.reg, Logger: slog.New(r.log)}
}

// processGroup is the group of the checks on a process.
const processGroup = "process"

func processCheck(name string, clause int, contract, mend string) sdktest.Check {
	return sdktest.Check{
		Group: processGroup, Name: name, Contract: contract, Mend: mend,
		See: fmt.Sprintf("plugins/sdk/rpc/department.proto, The process, %d", clause),
	}
}

// stage is one step of a start, and the words by which its error is known.
type stage struct {
	check sdktest.Check
	words []string
}

// startStages are the steps of a start in order. What no other step knows is the
// handshake's.
func startStages() []stage {
	return []stage{
		{check: processCheck("the handshake", 2,
			"Within 5 seconds it prints one line on standard output, 1|1|unix|PATH|grpc|CERTIFICATE, and flushes it.",
			"Print nothing else before that line; log to standard error. What it logged stands above.")},
		{
			check: processCheck("a socket in its own folder", 2,
				"It listens on a unix socket in the folder that PLUGIN_UNIX_SOCKET_DIR names.",
				"Make the socket there, and name it in the line of the handshake with its full path."),
			words: []string{"not on a unix socket", "outside of its private folder"},
		},
		{
			check: processCheck("certificates as declared", 3,
				"With PLUGIN_CLIENT_CERT in its environment it serves TLS for that client alone; without, it serves plainly.",
				"Make a key pair at the start and put the certificate into the handshake; where the language cannot, test and register it with --plain-socket."),
			words: []string{"authentication handshake failed", "certificate", "tls:"},
		},
		{
			check: processCheck("health", 4,
				"The standard gRPC health service answers SERVING for the name \"plugin\".",
				"Serve grpc.health.v1.Health and set the status of \"plugin\" before the handshake."),
			words: []string{"ask for the health", "the process says"},
		},
	}
}

// started are the checks of a start that ended with err.
func (r *rehearsal) started(err error) []sdktest.Check {
	stages := startStages()
	failed := len(stages)
	if err != nil {
		failed = stageOf(stages, err.Error())
	}
	checks := make([]sdktest.Check, len(stages))
	for i, s := range stages {
		checks[i] = s.check
		switch {
		case i < failed:
			checks[i].Tell(r.did(), "")
		case i > failed:
			checks[i].Skipped = "it did not get so far"
		default:
			checks[i].Tell(r.did(), err.Error()+r.log.text())
		}
	}
	return checks
}

func stageOf(stages []stage, text string) int {
	// Certificates first: their failure is first seen when the health is asked.
	for _, i := range []int{2, 1, 3} {
		for _, words := range stages[i].words {
			if strings.Contains(text, words) {
				return i
			}
		}
	}
	return 0
}

func (r *rehearsal) did() string {
	return "started " + strings.Join(append([]string{r.reg.Command}, r.reg.Args...), " ")
}

// survives looks whether all that bad input has ended the process.
func (r *rehearsal) survives(ctx context.Context, running *catalogue.Running) sdktest.Check {
	c := processCheck("it is still there after all that", 6,
		"A process ends when it is told to, or when its platform has gone, and at no other time.",
		"Return what goes wrong in a call as an error of that call.")
	got := ""
	select {
	case <-running.Exited():
		got = "the process has ended" + r.log.text()
	default:
		limited, cancel := context.WithTimeout(ctx, 2*time.Second)
		defer cancel()
		if err := running.Health(limited); err != nil {
			got = err.Error() + r.log.text()
		}
	}
	c.Tell("asked for the health after all reviews", got)
	return c
}

func (r *rehearsal) logs() sdktest.Check {
	c := processCheck("its log", 5,
		"It logs to standard error, lines of UTF-8 of at most 4 KiB, at most 64 KiB in a second.",
		"Log what an operator can act on, not each request.")
	c.Tell("read its log", r.log.dropped())
	return c
}

// stopLimit is the time that a process has to end by itself.
const stopLimit = 2 * time.Second

// ends asks the process to end and looks what is left of it.
func (r *rehearsal) ends(running *catalogue.Running) sdktest.Check {
	c := processCheck("its end", 6,
		"Told to shut down, it ends within 2 seconds, and leaves no process behind.",
		"Answer plugin.GRPCController/Shutdown by ending; end or wait for what you started.")
	start := time.Now()
	err := running.Stop()
	took := time.Since(start)
	got := ""
	switch {
	case err != nil:
		got = err.Error()
	case took >= stopLimit:
		got = fmt.Sprintf("it had to be killed after %s", took.Round(10*time.Millisecond))
	}
	c.Tell("told it to shut down", got)
	return c
}

// again starts the department once more and compares its answers.
func (r *rehearsal) again(ctx context.Context, report *sdktest.Report) sdktest.Check {
	c := processCheck("a second start answers alike", 1,
		"Definition and answers depend on the executable and the request alone, not on the start.",
		"Take nothing from the environment, the day or chance.")
	running, err := catalogue.Run(ctx, r.config())
	if err != nil {
		c.Tell("started it again", err.Error()+r.log.text())
		return c
	}
	report.Again(ctx, running, &c)
	if err := running.Stop(); err != nil && !errors.Is(err, context.Canceled) {
		c.Tell("ended it again", err.Error())
	}
	return c
}
