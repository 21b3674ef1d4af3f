package papers

import (
	"context"
	"fmt"
	"net/http"

	"github.com/spazio-in-comune/sportello/internal/access"
	"github.com/spazio-in-comune/sportello/internal/casework"
)

// downloadsPath begins the addresses of versions.
const downloadsPath = "/documents/"

// Path is where a version of a document is downloaded, under the address of the town.
func Path(versionID string) string { return downloadsPath + versionID }

// TicketUser gives the viewer of a ticket that opens one thing once.
type TicketUser func(ctx context.Context, ticket string) (*access.Viewer, error)

// ticketParameter names the ticket in an address, for a browser that follows a link and
// can send no header.
const ticketParameter = "ticket"

// Handler answers under /documents/: files come in at [UploadsPath], versions of documents
// go out at /documents/{version}. Who asks is known by the context, or by a ticket in the
// address of a download.
func (p *Papers) Handler(tickets TicketUser) (http.Handler, error) {
	uploads, err := newUploads(p)
	if err != nil {
		return nil, fmt.Errorf("open the way in for documents: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle(UploadsPath, signedIn(uploads))
	mux.Handle("GET "+downloadsPath+"{version}", byTicket(tickets, signedIn(http.HandlerFunc(p.download))))
	mux.Handle("GET "+casework.ReceiptPath+"{case}", byTicket(tickets, signedIn(http.HandlerFunc(p.receipt))))
	return mux, nil
}

// byTicket lets in whoever has a ticket, once, as the one who made it.
func byTicket(tickets TicketUser, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ticket := r.URL.Query().Get(ticketParameter)
		if ticket == "" {
			next.ServeHTTP(w, r)
			return
		}
		viewer, err := tickets(r.Context(), ticket)
		if err != nil {
			refuse(w, http.StatusUnauthorized)
			return
		}
		next.ServeHTTP(w, r.WithContext(access.With(r.Context(), viewer)))
	})
}
