package graph

import (
	"context"
	"errors"
	"log/slog"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"github.com/spazio-in-comune/sportello/graph/model"
	"github.com/spazio-in-comune/sportello/internal/town"
)

// userErrors splits an error into what the person can mend, for the payload, and
// what is left, for the top level.
func userErrors(err error) ([]*model.UserError, error) {
	if err == nil {
		return []*model.UserError{}, nil
	}
	var problems town.Problems
	if errors.As(err, &problems) {
		return problemList(problems), nil
	}
	var one *town.Error
	if errors.As(err, &one) && town.IsUserError(one) {
		return []*model.UserError{userError(one)}, nil
	}
	return nil, err
}

func problemList(problems town.Problems) []*model.UserError {
	list := make([]*model.UserError, len(problems))
	for i, p := range problems {
		list[i] = userError(p)
	}
	return list
}

func userError(e *town.Error) *model.UserError {
	path := e.Path
	if path == nil {
		path = []string{}
	}
	ue := &model.UserError{Code: e.Code, Message: e.Message, MessageIt: e.MessageIT, Path: path}
	if e.Detail != "" {
		ue.Detail = &e.Detail
	}
	return ue
}

// presenter turns every error into what may be shown: the house's own code and
// words, or a number under which the log has the rest.
func presenter(logger *slog.Logger, unavailable func(error) bool) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		var own *town.Error
		if errors.As(err, &own) && own.Code != town.Internal {
			if own.Cause != nil {
				logger.WarnContext(ctx, "request refused", "code", own.Code, "cause", own.Cause)
			}
			return shown(ctx, own)
		}
		var known *gqlerror.Error
		if errors.As(err, &known) && known.Extensions["code"] != nil {
			return known // from the transport or the limits: fit to be shown
		}
		if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
			return shown(ctx, town.Errorf(town.Unavailable, "This took too long and was stopped. Please try again.", "L'operazione ha richiesto troppo tempo ed è stata interrotta. Riprovare."))
		}
		if unavailable != nil && unavailable(err) {
			logger.WarnContext(ctx, "request not answered: the database is away", "operation", operationName(ctx), "error", err)
			return shown(ctx, town.Errorf(town.Unavailable, "The service is not available right now. Please try again shortly.", "Il servizio non è disponibile in questo momento. Riprovare tra poco."))
		}
		reference := town.NewID("err", town.SystemClock{}.Now())
		logger.ErrorContext(ctx, "request failed", "reference", reference, "operation", operationName(ctx), "error", err)
		e := shown(ctx, town.Errorf(town.Internal, "Something went wrong on our side. Please try again; if it happens again, quote "+reference+".",
			"Si è verificato un errore interno. Riprovare; se si ripete, citare "+reference+"."))
		e.Extensions["reference"] = reference
		return e
	}
}

func shown(ctx context.Context, e *town.Error) *gqlerror.Error {
	extensions := map[string]any{"code": string(e.Code), "messageIt": e.MessageIT}
	if len(e.Path) > 0 {
		extensions["input"] = e.Path
	}
	return &gqlerror.Error{Message: e.Message, Path: graphql.GetPath(ctx), Extensions: extensions}
}

func operationName(ctx context.Context) string {
	if !graphql.HasOperationContext(ctx) {
		return ""
	}
	return graphql.GetOperationContext(ctx).OperationName
}
