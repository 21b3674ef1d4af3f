// Package access answers who may see and do what. casbin decides when the policy
// snapshot is built; a request only looks up its scope.
package access

import (
	"context"
	"net"
	"sync/atomic"
	"time"

	"github.com/spazio-in-comune/sportello/internal/town"
)

// Viewer is whoever asks: a person, a device, the holder of a printed ticket, or
// named system work. It travels in the context from the door to the data layer.
type Viewer struct {
	// ID is the person's or device's id; for a ticket the visit's; for system
	// work its name.
	ID   string
	Kind ViewerKind
	// VisitID is the one visit whose ticket the viewer holds: of a ticket's holder, and
	// of a person who has shown a ticket besides.
	VisitID string
	// SiteID is the one site of a device; empty for everybody else.
	SiteID string
	// SignInID is the sign-in, or the credential, by which the viewer came: what ends
	// when it is revoked. Empty for tokens of a demonstration and for tickets.
	SignInID string
	// Assurance is how surely the person is known; empty for who proved nothing.
	Assurance town.Assurance
	// ActsFor is the mandate under which the viewer acts; nil on one's own account.
	ActsFor *Mandate
	// Scope says where this viewer may do what. Never nil for a signed-in viewer.
	Scope *Scope
	// Expires is when the token or session ends; zero means never.
	Expires time.Time
	// Address is the network address that asks, for limits on guessing; it may be
	// empty.
	Address string

	// trail is that of the context which carries the viewer; nil outside of one.
	trail *Trail
}

// ViewerKind says what a viewer is.
type ViewerKind string

// The kinds of viewers.
const (
	KindPerson ViewerKind = "person"
	KindDevice ViewerKind = "device"
	// KindService is another system, with a token of its own.
	KindService ViewerKind = "service"
	KindTicket  ViewerKind = "ticket"
	KindSystem  ViewerKind = "system"
	// KindPublic is somebody without a token: the public catalogue and board only.
	KindPublic ViewerKind = "public"
)

// Public is somebody without a token.
func Public() *Viewer { return &Viewer{Kind: KindPublic, Scope: &Scope{}} }

// PublicFrom is somebody without a token at a network address, such as that of an
// [http.Request].
func PublicFrom(remote string) *Viewer {
	v := Public()
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	v.Address = host
	return v
}

type viewerKey struct{}

// holder lets the viewer of a stream be renewed in place: everything that runs in
// the stream's context sees the new scope.
type holder struct {
	current atomic.Pointer[Viewer]
	trail   Trail
	// behind is who asked for what the house does here; nil on its own accord.
	behind *Viewer
	// connection ends when the viewer's rights change; nil for what does not last.
	connection *connection
	// cleared is a later version of the policy that allows the viewer the same.
	cleared atomic.Int64
}

// With returns a context that carries the viewer, and leads a trail of its own (see
// [Trail]).
func With(ctx context.Context, v *Viewer) context.Context {
	h := &holder{}
	h.current.Store(v.onTrail(&h.trail))
	return context.WithValue(ctx, viewerKey{}, h)
}

// Fork returns a context with the same viewer that changes on its own: what is renewed
// or admitted there, such as in one operation of a socket, stays there.
func Fork(ctx context.Context) context.Context {
	h := &holder{}
	if from, ok := ctx.Value(viewerKey{}).(*holder); ok {
		h.connection = from.connection
		h.current.Store(from.current.Load().onTrail(&h.trail))
	}
	return context.WithValue(ctx, viewerKey{}, h)
}

// Admit lets whoever asks in the context, the public included, do what the holder of
// the ticket may, in place. One ticket is enough for a context.
func Admit(ctx context.Context, ticket *Viewer) error {
	h, ok := ctx.Value(viewerKey{}).(*holder)
	if !ok {
		return town.Errorf(town.Internal, "Nobody asks.", "Nessuno chiede.")
	}
	for {
		v := h.current.Load()
		if v != nil && v.VisitID == ticket.VisitID {
			return nil
		}
		if v != nil && v.VisitID != "" {
			return town.Errorf(town.BadUserInput, "One ticket per operation.", "Un solo biglietto per operazione.")
		}
		if h.current.CompareAndSwap(v, v.admitted(ticket).onTrail(&h.trail)) {
			return nil
		}
	}
}

// admitted is the viewer with the ticket.
func (v *Viewer) admitted(ticket *Viewer) *Viewer {
	fresh := *ticket
	if v != nil && v.Kind != KindPublic {
		fresh = *v
		fresh.VisitID = ticket.VisitID
	} else if v != nil {
		fresh.Address = v.Address
	}
	return &fresh
}

// Asker is whoever asks, the public included; nil where nobody was named.
func Asker(ctx context.Context) *Viewer {
	if h, ok := ctx.Value(viewerKey{}).(*holder); ok {
		return h.current.Load()
	}
	return nil
}

// From returns the viewer, or UNAUTHENTICATED if there is none or only the public.
func From(ctx context.Context) (*Viewer, error) {
	v := Asker(ctx)
	if v == nil || v.Kind == KindPublic {
		return nil, town.Errorf(town.Unauthenticated, "Sign in to do this.", "Per questa operazione occorre accedere.")
	}
	return v, nil
}

// System returns a context for the house's own work under a name that a reader
// can search for. It sees and does everything; it never comes from a request.
func System(ctx context.Context, name string) context.Context {
	h := &holder{behind: Behind(ctx)}
	h.current.Store(&Viewer{ID: "system:" + name, Kind: KindSystem, Scope: unlimited})
	return context.WithValue(ctx, viewerKey{}, h)
}

// Can reports whether the viewer may do act in the office.
func (v *Viewer) Can(act Act, office string) bool { return v != nil && v.Scope.Allows(act, office) }

// CanFor reports whether the viewer may do act in the office on a thing of the service:
// an Assessore only in what is delegated to them.
func (v *Viewer) CanFor(act Act, office, service string) bool {
	return v != nil && v.Scope.AllowsFor(act, office, service)
}

// RequireFor is [Viewer.Require] on a thing of the service.
func (v *Viewer) RequireFor(act Act, office, service string) error {
	if v.AllowFor(act, office, service) {
		return nil
	}
	return v.Require(act, office)
}

// Require is nil if the viewer may do act in the office, else FORBIDDEN. Use it
// only for things the viewer may see; hide the others with [town.ErrNotFound].
func (v *Viewer) Require(act Act, office string) error {
	if v.Allow(act, office) {
		return nil
	}
	return errNotAllowed()
}

func errNotAllowed() error {
	return town.Errorf(town.Forbidden, "Your role does not allow this here.", "Il suo ruolo non consente questa operazione in questo ufficio.")
}

// CanAsParty reports whether the viewer may do act on what they are a party to, and is
// known surely enough for it. That they are a party is for the caller to know.
func (v *Viewer) CanAsParty(act Act) bool { return v != nil && v.Scope.AllowsParty(act) && v.sure(act) }

// Is reports whether the viewer is that person; false for the empty id.
func (v *Viewer) Is(personID string) bool {
	return v != nil && personID != "" && v.Kind == KindPerson && v.ID == personID
}

// IsStaff reports whether whoever asks works in the house: some fields of a visit,
// such as its class, are for staff only.
func IsStaff(ctx context.Context) bool { return Asker(ctx).Can(StaffRead, "") }

// OnBehalfOf is the person for whom the viewer acts under a mandate; empty on one's
// own account.
func (v *Viewer) OnBehalfOf() string {
	if v == nil || v.ActsFor == nil {
		return ""
	}
	return v.ActsFor.PrincipalID
}
