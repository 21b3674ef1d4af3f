package identity

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/spazio-in-comune/sportello/ent"
	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/store"
	"github.com/spazio-in-comune/sportello/internal/store/dbtest"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// fitted is a demo house with a site, and the keepers of members and tokens.
type fitted struct {
	*house
	members     *Members
	credentials *Credentials
	admin       context.Context
}

func fit(t *testing.T, db dbtest.DB) *fitted {
	t.Helper()
	h := demoHouse(t, db)
	must(t, h.store.InTx(access.System(t.Context(), "test"), "a site", func(ctx context.Context, tx *store.Tx) error {
		return tx.Site.Create().SetID("site").SetName("hall").SetOpenHours(map[string][]string{}).SetSeries(map[string]string{}).Exec(ctx)
	}))
	return &fitted{h, NewMembers(h.store, h.authority), NewCredentials(h.store, h.authority), h.as(t, "admin")}
}

func (f *fitted) issue(t *testing.T, key, person string, site *string) IssuedCredential {
	t.Helper()
	issued, err := f.credentials.Issue(f.admin, IssueCredentialInput{IdempotencyKey: key, PersonID: person, SiteID: site})
	must(t, err)
	return issued
}

// comes is the viewer whom the door makes of a bearer token.
func (f *fitted) comes(t *testing.T, token string) (*access.Viewer, int) {
	t.Helper()
	var came *access.Viewer
	handler := f.door.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { came = access.Asker(r.Context()) }))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, r)
	return came, w.Code
}

func ptr[T any](v T) *T { return &v }

func TestTokensOfDevicesAndServices(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		f := fit(t, db)
		kiosk := f.id(t, "kiosk")
		issued := f.issue(t, "1", kiosk, ptr("site"))
		if !strings.HasPrefix(issued.Secret, "spd_") || len(issued.Secret) != len("spd_")+52 {
			t.Errorf("the token of a device looks like %q", issued.Secret)
		}
		for range 2 { // from the database, then from memory
			v, _ := f.comes(t, issued.Secret)
			if v == nil || v.ID != kiosk || v.Kind != access.KindDevice || v.SiteID != "site" || v.SignInID != issued.Credential.ID || !v.Can(access.VisitIssue, "x") {
				t.Fatalf("comes in as %+v", v)
			}
		}
		again := f.issue(t, "1", kiosk, ptr("site"))
		if again.Secret != "" || again.Credential.ID != issued.Credential.ID {
			t.Errorf("a repeat gives %+v, want the same token without its secret", again)
		}
		house := access.System(t.Context(), "test")
		row := f.store.Reader().Credential.GetX(house, issued.Credential.ID)
		if row.SecretHash == "" || strings.Contains(row.SecretHash, issued.Secret) {
			t.Errorf("stored as %q", row.SecretHash)
		}

		service, err := f.members.Enter(f.admin, EnterMemberInput{IdempotencyKey: "1", Kind: MemberService, Login: "protocollo", Label: "Protocollo"})
		must(t, err)
		_, err = f.authority.GrantRole(f.admin, access.GrantRoleInput{IdempotencyKey: "1", PersonID: service.ID, Role: "operator", OfficeCode: "*"})
		must(t, err)
		token := f.issue(t, "2", service.ID, nil)
		v, _ := f.comes(t, token.Secret)
		if !strings.HasPrefix(token.Secret, "sps_") || v == nil || v.Kind != access.KindService || v.SiteID != "" || !v.Can(access.CaseFileFor, "") {
			t.Errorf("a service comes in as %+v with %q", v, token.Secret)
		}
		list, err := f.credentials.Of(f.admin, service.ID)
		must(t, err)
		if len(list) != 1 || list[0].ID != token.Credential.ID {
			t.Errorf("the tokens of the service: %v", list)
		}
	})
}

func TestRefusalsOfTokens(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		f := fit(t, db)
		service, err := f.members.Enter(f.admin, EnterMemberInput{IdempotencyKey: "1", Kind: MemberService, Login: "protocollo", Label: "Protocollo"})
		must(t, err)
		for name, test := range map[string]struct {
			in   IssueCredentialInput
			want town.Code
		}{
			"nobody":                   {IssueCredentialInput{PersonID: "per_none"}, town.Invalid},
			"staff":                    {IssueCredentialInput{PersonID: f.id(t, "operator1")}, town.Invalid},
			"a device without a site":  {IssueCredentialInput{PersonID: f.id(t, "kiosk")}, town.Required},
			"a device at no such site": {IssueCredentialInput{PersonID: f.id(t, "kiosk"), SiteID: ptr("moon")}, town.Invalid},
			"a service at a site":      {IssueCredentialInput{PersonID: service.ID, SiteID: ptr("site")}, town.Invalid},
			"ended already":            {IssueCredentialInput{PersonID: service.ID, ExpiresAt: ptr(time.Now().Add(-time.Minute))}, town.Invalid},
			"a long label":             {IssueCredentialInput{PersonID: service.ID, Label: ptr(strings.Repeat("x", 121))}, town.Invalid},
		} {
			test.in.IdempotencyKey = name
			if _, err := f.credentials.Issue(f.admin, test.in); town.CodeOf(err) != test.want {
				t.Errorf("%s: %v, want %s", name, err, test.want)
			}
		}
		operator := f.as(t, "operator1")
		if _, err := f.credentials.Issue(operator, IssueCredentialInput{IdempotencyKey: "1", PersonID: service.ID}); town.CodeOf(err) != town.Forbidden {
			t.Errorf("an operator issues: %v", err)
		}
		if _, err := f.credentials.Of(operator, service.ID); town.CodeOf(err) != town.Forbidden {
			t.Errorf("an operator lists: %v", err)
		}
		for _, grace := range []int{-1, 61} {
			issued := f.issue(t, "ok", service.ID, nil)
			_, err := f.credentials.Rotate(f.admin, RotateCredentialInput{IdempotencyKey: string(rune('a' + grace)), CredentialID: issued.Credential.ID, GraceMinutes: &grace})
			if town.CodeOf(err) != town.Invalid {
				t.Errorf("a grace of %d minutes: %v", grace, err)
			}
		}
		if _, err := f.credentials.Revoke(f.admin, RevokeCredentialInput{IdempotencyKey: "1", CredentialID: "crd_none"}); town.CodeOf(err) != town.Invalid {
			t.Errorf("an unknown token: %v", err)
		}
	})
}

// TestTokensEnd: a token ends by its date, by revocation, by rotation, with who holds it;
// where it is in use, too.
func TestTokensEnd(t *testing.T) {
	for name, end := range map[string]func(t *testing.T, f *fitted, token *ent.Credential){
		"revoked": func(t *testing.T, f *fitted, token *ent.Credential) {
			_, err := f.credentials.Revoke(f.admin, RevokeCredentialInput{IdempotencyKey: "1", CredentialID: token.ID})
			must(t, err)
			_, err = f.credentials.Revoke(f.admin, RevokeCredentialInput{IdempotencyKey: "2", CredentialID: token.ID})
			if town.CodeOf(err) != town.PreconditionFailed {
				t.Errorf("revoked again: %v", err)
			}
		},
		"rotated": func(t *testing.T, f *fitted, token *ent.Credential) {
			fresh, err := f.credentials.Rotate(f.admin, RotateCredentialInput{IdempotencyKey: "1", CredentialID: token.ID})
			must(t, err)
			if v, _ := f.comes(t, fresh.Secret); v == nil || v.SiteID != "site" || fresh.Credential.ReplacesID != token.ID {
				t.Errorf("the new token %+v lets in %+v", fresh.Credential, v)
			}
		},
		"rotated with a grace that is over": func(t *testing.T, f *fitted, token *ent.Credential) {
			f.credentials.now = func() time.Time { return time.Now().Add(50*time.Millisecond - time.Minute) }
			_, err := f.credentials.Rotate(f.admin, RotateCredentialInput{IdempotencyKey: "1", CredentialID: token.ID, GraceMinutes: ptr(1)})
			must(t, err)
			time.Sleep(60 * time.Millisecond)
		},
		"its holder disabled": func(t *testing.T, f *fitted, token *ent.Credential) {
			_, err := f.members.SetDisabled(f.admin, SetPersonDisabledInput{IdempotencyKey: "1", PersonID: token.PersonID, Disabled: true, Reason: "rotto"})
			must(t, err)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
				f := fit(t, db)
				issued := f.issue(t, "0", f.id(t, "kiosk"), ptr("site"))
				v, _ := f.comes(t, issued.Secret)
				if v == nil {
					t.Fatal("the token lets nobody in")
				}
				end(t, f, issued.Credential)
				if _, err := f.authority.Refresh(v); town.CodeOf(err) != town.Unauthenticated {
					t.Errorf("in use: %v, want UNAUTHENTICATED", err)
				}
				if v, status := f.comes(t, issued.Secret); v != nil || status != http.StatusUnauthorized {
					t.Errorf("lets in %+v with status %d", v, status)
				}
			})
		})
	}
}

// TestGraceOfARotation: until the grace is over the old token goes on beside the new one.
func TestGraceOfARotation(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		f := fit(t, db)
		issued := f.issue(t, "0", f.id(t, "kiosk"), ptr("site"))
		v, _ := f.comes(t, issued.Secret)
		_, err := f.credentials.Rotate(f.admin, RotateCredentialInput{IdempotencyKey: "1", CredentialID: issued.Credential.ID, GraceMinutes: ptr(60)})
		must(t, err)
		fresh, err := f.authority.Refresh(v)
		must(t, err)
		if left := time.Until(fresh.Expires); left < 59*time.Minute || left > time.Hour {
			t.Errorf("in use it ends in %v, want an hour", left)
		}
		if v, _ := f.comes(t, issued.Secret); v == nil || v.Expires.IsZero() {
			t.Errorf("the old token lets in %+v, want until the grace is over", v)
		}
	})
}

// TestGuessingTokens: after ten wrong tokens in a minute from one address the next is told
// to wait; the device that is known goes on.
func TestGuessingTokens(t *testing.T) {
	f := fit(t, dbtest.New(t, dbtest.SQLite))
	right := f.issue(t, "0", f.id(t, "kiosk"), ptr("site")).Secret
	var codes []int
	for range missesPerMinute {
		_, status := f.comes(t, newSecret(devicePrefix))
		codes = append(codes, status)
	}
	_, wrong := f.comes(t, newSecret(devicePrefix))
	_, known := f.comes(t, right)
	want := append(slices.Repeat([]int{http.StatusUnauthorized}, missesPerMinute), http.StatusTooManyRequests, http.StatusOK)
	if diff := cmp.Diff(want, append(codes, wrong, known)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestEnterMembers(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		f := fit(t, db)
		enter := func(key string, kind MemberKind, login, label string) (*ent.Person, error) {
			return f.members.Enter(f.admin, EnterMemberInput{IdempotencyKey: key, Kind: kind, Login: login, Label: label})
		}
		for name, test := range map[string]struct {
			kind         MemberKind
			login, label string
			want         town.Code
		}{
			"no kind":               {"CITIZEN", "x1", "X", town.Invalid},
			"a citizen's login":     {MemberStaff, "citizen:x", "X", town.Invalid},
			"capitals":              {MemberStaff, "Rossi", "X", town.Invalid},
			"no label":              {MemberStaff, "rossi.m", "  ", town.Required},
			"a login that is taken": {MemberDevice, "kiosk", "X", town.PreconditionFailed},
		} {
			if _, err := enter(name, test.kind, test.login, test.label); town.CodeOf(err) != test.want {
				t.Errorf("%s: %v, want %s", name, err, test.want)
			}
		}
		device, err := enter("1", MemberDevice, "kiosk-2", "Eliminacode 2")
		must(t, err)
		again, err := enter("1", MemberDevice, "kiosk-2", "Eliminacode 2")
		must(t, err)
		v, err := f.authority.Viewer(device.ID, time.Time{})
		must(t, err)
		if again.ID != device.ID || v.Kind != access.KindDevice || KindOf(device) != MemberDevice {
			t.Errorf("entered %+v, then %+v, a %s", device, again, v.Kind)
		}
		if _, err := f.members.Enter(f.as(t, "operator1"), EnterMemberInput{IdempotencyKey: "1", Kind: MemberStaff, Login: "x2", Label: "X"}); town.CodeOf(err) != town.Forbidden {
			t.Errorf("an operator enters: %v", err)
		}
		page, err := f.members.List(f.as(t, "operator1"), town.PageArgs{}, MemberFilter{Kind: ptr(MemberDevice), Disabled: ptr(false)})
		must(t, err)
		var logins []string
		for _, p := range page.Items {
			logins = append(logins, p.Login)
		}
		if diff := cmp.Diff([]string{"display", "kiosk", "kiosk-2"}, slices.Sorted(slices.Values(logins))); diff != "" {
			t.Errorf("devices: (-want +got)\n%s", diff)
		}
		if _, err := f.members.List(f.as(t, "citizen"), town.PageArgs{}, MemberFilter{}); town.CodeOf(err) != town.Forbidden {
			t.Errorf("a citizen lists: %v", err)
		}
		heads, err := f.members.List(f.admin, town.PageArgs{}, MemberFilter{Kind: ptr(MemberStaff), OfficeCode: ptr("stato-civile")})
		must(t, err)
		if len(heads.Items) == 0 || len(heads.Items) >= 10 {
			t.Errorf("%d members of an office", len(heads.Items))
		}
	})
}

func TestShutOut(t *testing.T) {
	dbtest.Each(t, func(t *testing.T, db dbtest.DB) {
		f := fit(t, db)
		in := SetPersonDisabledInput{IdempotencyKey: "1", PersonID: f.id(t, "operator1"), Disabled: true, Reason: "ha lasciato il Comune"}
		if _, err := f.members.SetDisabled(f.as(t, "head.stato-civile"), in); town.CodeOf(err) != town.Forbidden {
			t.Errorf("a head shuts out: %v", err)
		}
		for name, refused := range map[string]SetPersonDisabledInput{
			"oneself":   {IdempotencyKey: "2", PersonID: f.id(t, "admin"), Disabled: true, Reason: "x"},
			"no reason": {IdempotencyKey: "3", PersonID: in.PersonID, Disabled: true},
			"nobody":    {IdempotencyKey: "4", PersonID: "per_none", Disabled: true, Reason: "x"},
		} {
			if _, err := f.members.SetDisabled(f.admin, refused); !town.IsUserError(err) {
				t.Errorf("%s: %v, want a refusal", name, err)
			}
		}
		out, err := f.members.SetDisabled(f.admin, in)
		must(t, err)
		if _, err := f.authority.Viewer(in.PersonID, time.Time{}); err == nil || !out.Disabled {
			t.Error("still comes in")
		}
		back := in
		back.IdempotencyKey, back.Disabled = "5", false
		_, err = f.members.SetDisabled(f.admin, back)
		must(t, err)
		repeated, err := f.members.SetDisabled(f.admin, in) // the first request, again
		must(t, err)
		if repeated.Disabled {
			t.Error("a repeat shuts out again")
		}
	})
}
