package casework

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/spazio-in-comune/sportello/plugins/sdk"
)

// TestWhatPeopleSayIsInNoText: whatever carries it on its way through the room keeps
// silent, in all its layers.
func TestWhatPeopleSayIsInNoText(t *testing.T) {
	t.Parallel()
	const secret = "Gigliola"
	answers := map[string]json.RawMessage{"patologie": json.RawMessage(`"` + secret + `"`)}
	decided := Decided{Decision: sdk.Decision{Priority: secret}}
	raw := json.RawMessage(`{"patologie":"` + secret + `"}`)
	note := secret
	for name, value := range map[string]any{
		"an intake":       SubmitIntakeInput{Answers: raw, OverrideNote: &note},
		"a preview":       PreviewIntakeInput{Answers: raw},
		"a note":          AddCaseNoteInput{Text: secret},
		"a draft to keep": SaveIntakeDraftInput{Answers: raw},
		"a checked draft": checkedDraft{answers: raw},
		"a draft":         Draft{Answers: raw},
		"an attachment":   Attachment{Name: secret},
		"a last note":     CaseNoteInput{Note: &note},
		"a ground":        RequestDocumentsInput{Ground: secret},
		"a proposal":      ProposeDecisionInput{Reasons: secret},
		"a decision":      DecideCaseInput{Reasons: secret},
		"an answer":       CaseAnswerInput{Text: secret},
		"a suspension":    SuspendCaseInput{Reason: secret},
		"a reason":        CaseReasonInput{Reason: secret},
		"an extension":    ExtendTermInput{Reason: secret},
		"a start":         StartTermInput{Note: &note},
		"a formal act":    formal{text: secret},
		"a transfer":      TransferCaseInput{Reason: secret},
		"an assignment":   AssignCaseInput{Reason: &note},
		"an applicant":    Applicant{FamilyName: secret},
		"a filing":        filing{answers: answers},
		"a stored filing": Filing{Answers: answers},
		"a request":       request{answers: answers},
		"an assessment":   assessment{answers: answers, decided: decided},
		"an opening":      opening{override: secret},
		"a line":          line{note: secret},
		"what is decided": decided,
		"what is kept":    keptDecision{Decided: decided, Facts: answers},
		"a review":        sdk.ReviewRequest{Practice: "telesoccorso", Answers: answers},
	} {
		var log bytes.Buffer
		slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "value", value)
		slog.New(slog.NewTextHandler(&log, nil)).Info("x", "value", value)
		text := log.String() + fmt.Sprintf("%v %+v %#v %s %q", value, value, value, value, []any{value})
		if strings.Contains(text, secret) {
			t.Errorf("%s says %q", name, text)
		}
	}
}
