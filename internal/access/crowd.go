package access

import (
	"context"
	"strconv"
)

// Crowd is what is left of whoever asks in ctx where only the public counts: somebody without a token, at the site to
// which a device is bound. The context it returns is not derived from ctx and leads to no person; scope tells those
// apart who may see different things, under the present policy.
func (a *Authority) Crowd(ctx context.Context) (crowd context.Context, scope string) {
	public := Public()
	if v := Asker(ctx); v != nil {
		public.SiteID = v.SiteID
	}
	return With(context.Background(), public), "public " + strconv.FormatInt(a.Version(), 10) + " " + strconv.Quote(public.SiteID)
}
