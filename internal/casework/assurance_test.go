package casework_test

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// TestFilingNeedsALevel: a citizen who is known less surely than the request needs is told
// by what to sign in; they may look at what would be decided, and staff need no level.
func TestFilingNeedsALevel(t *testing.T) {
	t.Parallel()
	h := newHouse(t, dbtest.New(t, dbtest.SQLite))
	for name, tc := range map[string]struct {
		who, practice string
		level         town.Assurance
		refused       string // the error's detail; empty: the form is looked at
	}{
		"nothing is known":         {mario, "cambio-residenza", "", "assurance:L2"},
		"a password":               {mario, "cambio-residenza", "L1", "assurance:L2"},
		"as the department asks":   {mario, "cambio-residenza", "L2", ""},
		"more than it asks":        {mario, "cambio-residenza", "L3", ""},
		"an act that needs a card": {mario, "convivenza-di-fatto", "L2", "assurance:L3"},
		"with a card":              {mario, "convivenza-di-fatto", "L3", ""},
		"an operator at the desk":  {operator, "convivenza-di-fatto", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			v, err := h.authority.Enter(access.Viewer{ID: tc.who, Assurance: tc.level})
			if err != nil {
				t.Fatal(err)
			}
			ctx := access.With(t.Context(), v)
			answers := json.RawMessage(`{"codice_fiscale": "` + marioCode + `"}`) // the rest is missing
			_, err = h.SubmitIntake(ctx, casework.SubmitIntakeInput{IdempotencyKey: key(), Practice: tc.practice, Answers: answers})
			var refusal *town.Error
			detail := ""
			if errors.As(err, &refusal) && refusal.Code == town.NotAllowed {
				detail = refusal.Detail
			}
			if detail != tc.refused || tc.refused == "" && err != nil {
				t.Errorf("filing: %v (%q), want %q", err, detail, tc.refused)
			}
			if p, err := h.PreviewIntake(ctx, casework.PreviewIntakeInput{Practice: tc.practice, Answers: answers}); err != nil || len(p.UserErrors) == 0 || p.UserErrors[0].Code == town.NotAllowed {
				t.Errorf("looking: %+v, %v", p, err)
			}
		})
	}
}
