package catalogue

// Standing is what a registered version is there for.
type Standing string

// The standings of a version. Those that run are next, current and kept.
const (
	// Next: registered and being started. It becomes current once its process is
	// ready and its definition is sound; until then the current one goes on.
	Next Standing = "next"
	// Current: it takes new intakes.
	Current Standing = "current"
	// Kept: it runs on, for the open cases that are pinned to it, or as the version to
	// roll back to.
	Kept Standing = "kept"
	// Retired: it is no longer started. Its definition stays readable.
	Retired Standing = "retired"
)

// runs reports whether a version of that standing has a process.
func (s Standing) runs() bool { return s == Next || s == Current || s == Kept }

// serves reports whether a version of that standing takes intakes: new ones, or those
// whose form was fetched from it.
func (s Standing) serves() bool { return s == Current || s == Kept }
