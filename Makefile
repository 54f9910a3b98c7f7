# `make demo` shows Lianka at work, `make test` runs the tests (`make test-short` but the long ones), `make check` does all that CI does.

# Flags for the demo, such as ARGS=--once.
ARGS ?=
# Flags for go test, such as GOTESTFLAGS=-race.
GOTESTFLAGS ?=

# The tools, each at a version that somebody has tried.
AIR = github.com/air-verse/air@v1.67.4
GOLANGCI_LINT = github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0
GOVULNCHECK_VERSION = v1.9.0
LICENCE_DETECTOR_VERSION = v0.11.1

.PHONY: build check demo format generate generated licences lint modules openapi postgres programs test test-short unit vet vulnerabilities

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

# How long the tests of one package may take, in place of go's ten minutes: no test fails because a machine is slow.
TEST_TIMEOUT ?= 60m

test: postgres
	@echo "All tests: about six minutes on two free cores, up to half an hour on busy ones. make test-short takes about three."
	go test -timeout $(TEST_TIMEOUT) $(GOTESTFLAGS) ./...

# Without the tests that kill servers, live through a year, or start many PostgreSQLs.
test-short: postgres
	@echo "The tests but the long ones: about three minutes on two free cores."
	go test -short -timeout $(TEST_TIMEOUT) $(GOTESTFLAGS) ./...
	@echo "Left out, in whole or in part; make test runs them:"
	@.ci/long-tests

# In the order of what fails fastest.
check: modules format vet generated openapi licences unit programs test lint vulnerabilities

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

# The OpenAPI document is as its linters want it.
openapi:
	@.ci/openapi-lint

lint:
	go run $(GOLANGCI_LINT) run

# Every module that is used has a licence of .ci/licences/allowed.json.
licences:
	@.ci/licence-check $(LICENCE_DETECTOR_VERSION)

# No known vulnerability is called.
vulnerabilities:
	@.ci/govulncheck $(GOVULNCHECK_VERSION)

# The systemd unit is understood.
unit:
	@.ci/unit-check

.PHONY: container cover dev fuzz seed

# The image lianka, of Containerfile.
container:
	@.ci/container

# .env is read by the shell, and what it sets is exported. The private PostgreSQL is kept in ./data.
WITH_ENV = set -a; if [ -f .env ]; then . ./.env; fi; : "$${LIANKA_DATA:=$(CURDIR)/data}"

# A server that is built and started anew when the code changes.
dev:
	@$(WITH_ENV); .ci/postgres && go run $(AIR) -c .air.toml

# The demo's shops, cards and two months of sales, played into the server of make dev. ARGS=--members=50 makes less of it.
seed:
	@$(WITH_ENV); go run ./cmd/lianka demo --into "http://$${LIANKA_LISTEN:-127.0.0.1:8080}" $(ARGS)

# What part of the code the tests run, whichever package they are of. HTML: go tool cover -html bin/cover.out
cover: postgres
	@mkdir -p bin
	go test -timeout $(TEST_TIMEOUT) -coverpkg=./... -coverprofile=bin/cover.out ./...
	@.ci/coverage bin/cover.out

# How long each fuzzer runs. What fails is written to testdata/fuzz beside its test: commit it with the mending.
FUZZTIME ?= 30s

fuzz:
	@grep -rn --include='*_test.go' '^func Fuzz' alliance api clearing cmd jobs merchant migrations | sed 's|^\(.*\)/[^/]*_test.go:[0-9]*:func \(Fuzz[A-Za-z0-9]*\).*|\1 \2|' | \
	while read -r package name; do \
		echo "$$package $$name"; \
		go test "./$$package" -run '^$$' -fuzz "^$$name\$$" -fuzztime $(FUZZTIME) -fuzzminimizetime 10x -parallel 1 </dev/null || exit 1; \
	done

.PHONY: bench bench-short

# All of it, in under ten minutes; writes docs/benchmarks.md and docs/benchmarks.json. BENCH_JSON=FILE writes the figures there too.
bench: postgres
	go run ./cmd/bench

# Less of it, in under two minutes; writes nothing but BENCH_JSON=FILE.
bench-short: postgres
	go run ./cmd/bench --short
