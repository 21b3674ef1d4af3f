package store

import (
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// mysqlConfig reads mysql://user:password@host:port/name into the driver's
// settings: UTC, strict, microseconds, and an answer or an error within seconds.
func mysqlConfig(dsn string) (*mysql.Config, error) {
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme != "mysql" || u.Host == "" || strings.Trim(u.Path, "/") == "" {
		// The DSN holds a password: it is not repeated.
		return nil, fmt.Errorf("read the database address: want mysql://user:password@host:port/name")
	}
	cfg := mysql.NewConfig()
	cfg.Net = "tcp"
	cfg.Addr = u.Host
	if u.Port() == "" {
		cfg.Addr = u.Hostname() + ":3306"
	}
	cfg.User = u.User.Username()
	cfg.Passwd, _ = u.User.Password()
	cfg.DBName = strings.Trim(u.Path, "/")
	cfg.ParseTime = true
	cfg.Loc = time.UTC
	cfg.Collation = "utf8mb4_bin"
	cfg.InterpolateParams = true
	cfg.ClientFoundRows = true
	cfg.Logger = &mysql.NopLogger{} // it would tell, as plain text, what is returned as an error too
	cfg.Timeout = 2 * time.Second
	cfg.ReadTimeout = 30 * time.Second
	cfg.WriteTimeout = 30 * time.Second
	cfg.Params = map[string]string{
		"time_zone": "'+00:00'",
		"sql_mode":  "'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'",
	}
	return cfg, nil
}

// careless is the mode of a writer that does not wait for the disk.
const careless = "careless"

// sqliteDSN is the address of a SQLite file. Times are kept as text that sorts;
// foreign keys hold; an acknowledged commit survives a power cut.
func sqliteDSN(path, mode string) string {
	query := url.Values{
		"_pragma": []string{
			"foreign_keys(1)", "journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(5000)",
			"temp_store(MEMORY)", "cache_size(-16000)",
		},
		"_time_format": []string{"sqlite"},
	}
	if mode == "ro" {
		query.Add("_pragma", "query_only(1)")
	} else {
		query.Set("_txlock", "immediate")
		// What is deleted is overwritten where its page is written anyway: a key that was
		// destroyed does not linger in the file.
		query.Add("_pragma", "secure_delete(FAST)")
	}
	if mode == careless {
		query.Add("_pragma", "synchronous(OFF)")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
}
