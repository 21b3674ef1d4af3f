package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// DailyFigure is how often something was counted on one day: a stored projection of the
// log of events, which a replay makes again. It names nobody.
type DailyFigure struct{ ent.Schema }

// Fields implements ent.Interface.
func (DailyFigure) Fields() []ent.Field {
	return []ent.Field{
		civil("day"),
		// figure is what is counted, see internal/results/tally.
		slug("figure"),
		ref("office_id"),
		ref("service_id"),
		ref("practice_id"),
		field.Int("level").Default(0),
		// detail is what else tells the counts apart: an outcome, a class, a step.
		ref("detail"),
		// measure is the quantity that was met so often: seconds, days, a score.
		field.Int("measure").Default(0),
		field.Int64("times").Default(0),
	}
}

// Indexes implements ent.Interface.
func (DailyFigure) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("day", "figure", "office_id", "service_id", "practice_id", "level", "detail", "measure").Unique().StorageKey("daily_figure_key"),
	}
}
