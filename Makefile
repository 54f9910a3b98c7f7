# `make demo` shows Lianka at work, `make test` runs the tests, `make check` does all that CI does.

# Flags for the demo, such as ARGS=--once.
ARGS ?=
# Flags for go test, such as GOTESTFLAGS=-race.
GOTESTFLAGS ?=

GOLANGCI_LINT = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0

.PHONY: build check demo format generate generated lint modules postgres programs test vet

build:
	go build -trimpath -o bin/lianka ./cmd/lianka

# Makes sure of PostgreSQL, unless DATABASE_URL names a server.
postgres:
	@.ci/postgres

# Installs, if it can, the programs that some tests use and are otherwise skipped without.
programs:
	@.ci/programs

demo: postgres
	go run ./cmd/lianka demo $(ARGS)

test: postgres
	go test $(GOTESTFLAGS) ./...

# In the order of what fails fastest.
check: modules format vet generated programs test lint

modules:
	go mod verify
	go mod tidy -diff

format:
	@unformatted=$$(gofmt -l .); \
	if [ -n "$$unformatted" ]; then printf 'Not formatted with gofmt:\n%s\n' "$$unformatted"; exit 1; fi

vet:
	go vet ./...

generate:
	go generate ./...

# Generating again must change nothing.
generated:
	@sums() { find . -name '*.gen.go' -exec cksum {} + | sort -k 3; }; \
	before=$$(sums); \
	go generate ./... || exit 1; \
	if [ "$$before" != "$$(sums)" ]; then echo "Generated code was out of date. It is current now: commit it."; exit 1; fi

lint:
	go run $(GOLANGCI_LINT) run

.PHONY: bench bench-short

# All of it, in under ten minutes; writes docs/benchmarks.md and docs/benchmarks.json. BENCH_JSON=FILE writes the figures there too.
bench: postgres
	go run ./cmd/bench

# Less of it, in under two minutes; writes nothing but BENCH_JSON=FILE.
bench-short: postgres
	go run ./cmd/bench --short
