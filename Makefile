# The commands to know: `make quickstart`, `make test` and `make bench`. Each does all the set-up there is to do.

.PHONY: quickstart test bench bench-quick bench-setup setup build format lint reference clean

# For example: make test TEST_FLAGS='--filter GradersTests'
TEST_FLAGS ?=

quickstart: setup
	swift build -c release
	Scripts/quickstart.sh

test: setup
	Scripts/setup.sh rewards
	swift build --build-tests
	Scripts/test.sh $(TEST_FLAGS)
	cd Benchmarks && python3 -m unittest --quiet

# Beside TRL, transformers, llama.cpp and PyTorch: half an hour, and a few minutes of set-up the first time.
bench: build bench-setup
	python3 Benchmarks/bench.py

# Under five minutes, set-up and build apart.
bench-quick: build bench-setup
	python3 Benchmarks/bench.py --quick

bench-setup: setup
	Benchmarks/setup.sh

setup:
	Scripts/setup.sh

build: setup
	swift build -c release

format:
	swift format -i -r Sources Tests Benchmarks Package.swift

lint:
	swift format lint --strict -r Sources Tests Benchmarks Package.swift

# The page that lists every field of a plan.
reference: setup
	swift run operant plan reference --write Docs/plan-reference.md

clean:
	rm -rf .build
