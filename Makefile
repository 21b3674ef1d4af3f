# Sportello: the commands of the house. `make help` lists them.
#
# Needed: git, make and Go. Modules, lint and test databases are fetched when first used.

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
GO          ?= go

# The databases a test runs on, the packages tested, more flags for go test:
#   make test DB=sqlite PKG=./internal/desk/... ARGS='-run Numbers -v'
DB       ?= sqlite mariadb mysql
PKG      ?= ./...
ARGS     ?=
FUZZTIME ?= 30s

# Where `make run` keeps its demo town.
DEMO ?= .data/demo

# Go puts the version into the binary from git; a copy without git has none.
BUILD := $(GO) build -trimpath -buildvcs=$(shell git rev-parse HEAD >/dev/null 2>&1 && echo auto || echo false)
WITHDB = bin/withdb -db "$(DB)"

.DEFAULT_GOAL := help
.PHONY: help
help: ## List what make can do
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: run
run: build ## Build, then serve a demo town on embedded SQLite (kept in .data/demo)
	bin/sportello serve --demo --data $(DEMO)

.PHONY: build
build: ## Build bin/sportello, and bin/sportello-department that it starts
	$(BUILD) -ldflags '-s -w' -o bin/ ./cmd/...

.PHONY: test
test: bin/withdb ## Run every test on SQLite, MariaDB and MySQL (DB=sqlite is the quick one; PKG=, ARGS=)
	$(WITHDB) $(GO) test -timeout 40m $(ARGS) $(PKG)

.PHONY: race
race: bin/withdb ## The same tests under the race detector (needs a C compiler)
	$(WITHDB) $(GO) test -race -timeout 30m $(ARGS) $(PKG)

.PHONY: e2e
e2e: bin/withdb ## Run the end-to-end tests alone: real processes, real sockets
	$(WITHDB) $(GO) test -count=1 -timeout 40m -run E2E $(ARGS) ./cmd/...

.PHONY: soak
soak: ## Kill servers, NATS and the database a hundred times under load (some ten minutes)
	SPORTELLO_TEST_DB="$(filter-out sqlite,$(DB))" SPORTELLO_TEST_KILLS=100 \
		$(GO) test -count=1 -v -timeout 60m -run '^TestE2EReplicas$$' $(ARGS) ./cmd/sportello

.PHONY: fuzz
fuzz: ## Fuzz every fuzz target in turn for FUZZTIME=30s each
	@grep -rlE --include='*_test.go' '^func Fuzz' . | while read -r file; do \
		grep -oE '^func Fuzz[A-Za-z0-9_]+' "$$file" | while read -r _ target; do \
			echo "$$file $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target\$$" -fuzztime $(FUZZTIME) "$$(dirname "$$file")"; \
		done; \
	done

.PHONY: bench
bench: build bin/withdb ## Measure the hot paths against their limits; commits reach the disk (ARGS='-sockets 3000')
	$(WITHDB) -durable $(GO) run ./internal/bench $(ARGS)

.PHONY: generate
generate: ## Make the generated code again: ent and its migrations, then gqlgen, then proto
	$(GO) generate ./ent
	$(GO) run ./ent/migrate/gen
	$(GO) tool gqlgen generate
	$(GO) run ./plugins/sdk/rpc/gen

.PHONY: verify
verify: ## Fail on generated code that is not up to date, formatting, vet, modules or lint
	.ci/verify

# Pinned as a tool in a module file of its own, to keep its dependencies from ours.
LINT := $(GO) tool -modfile=.ci/tools/go.mod golangci-lint

.PHONY: lint
lint: ## Lint, with the import rules of the house
	$(LINT) run

.PHONY: fmt
fmt: ## Format the code as lint wants it
	$(LINT) fmt

bin/withdb: $(wildcard internal/store/dbtest/*.go internal/store/dbtest/*/*.go internal/debian/*.go internal/flock/*.go) go.mod
	$(GO) build -buildvcs=false -o $@ ./internal/store/dbtest/withdb
