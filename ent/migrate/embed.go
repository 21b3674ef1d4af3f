package migrate

import "embed"

// Files are the versioned migrations, one folder per dialect with the same
// version stamps.
//
//go:embed sqlite/*.sql mysql/*.sql
var Files embed.FS
