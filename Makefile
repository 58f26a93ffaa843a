# `make demo` and `make test` are all a stranger needs; both set the machine up first.
.PHONY: setup build demo demo-live tour test soak api-check console-check lint format bench bench-peers clean

setup:
	@scripts/setup.sh

build: setup
	swift build -c release --product motet

test: setup
	@scripts/test.sh

# What takes too long for every run: the store and the server are killed 20 times, parsers and stored files get very many
# changed documents, and a server has mixed load for ten minutes. MOTET_FUZZ_SEED repeats the documents of a run.
soak: setup
	MOTET_SOAK_KILLS=20 MOTET_SOAK_FUZZ=1000000 scripts/test.sh --filter "KillTests|KilledServerTests|FuzzTests|DamageTests"
	MOTET_SOAK_SECONDS=600 scripts/test.sh --filter SoakTests

# The server against its OpenAPI document, by requests made from it.
api-check: build
	@scripts/api-check.sh

# The console in a real browser, with pictures.
console-check: setup
	@scripts/console-check.sh

lint:
	swift format lint --strict --parallel --recursive Package.swift Sources Tests $(wildcard Examples) $(wildcard Benchmarks/Package.swift Benchmarks/Sources)

format:
	swift format --in-place --parallel --recursive Package.swift Sources Tests $(wildcard Examples) $(wildcard Benchmarks/Package.swift Benchmarks/Sources)

demo: build
	@scripts/demo.sh

# A server with a store under a day of the log, and its console; then every decision of a simulated shop.
demo-live: build
	swift build -c release --product LiveJourney
	swift build -c release --product LiveDecisions
	@scripts/demo-live.sh
	@scripts/demo-decisions.sh

# The commands of README's tour of serving, as they stand there.
tour: build
	@scripts/serving-tour.sh

bench: setup
	@scripts/bench.sh

bench-peers: setup
	@scripts/bench-peers.sh

clean:
	rm -rf .build
