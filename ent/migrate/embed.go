// Package migrate has the versioned migrations of both dialects, and the tables as
// ent declares them.
package migrate

import "embed"

// Files are the versioned migrations, one folder per dialect with the same
// version stamps.
//
//go:embed sqlite/*.sql mysql/*.sql
var Files embed.FS
