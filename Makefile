# The two commands: `make quickstart` and `make test`. Both do all the set-up there is to do.

.PHONY: quickstart test setup build format lint reference clean

# For example: make test TEST_FLAGS='--filter GradersTests'
TEST_FLAGS ?=

quickstart: setup
	swift build -c release
	Scripts/quickstart.sh

test: setup
	Scripts/setup.sh venv
	swift build --build-tests
	swift test --skip-build $(TEST_FLAGS)

setup:
	Scripts/setup.sh

build: setup
	swift build -c release

format:
	swift format -i -r Sources Tests Package.swift

lint:
	swift format lint --strict -r Sources Tests Package.swift

# The page that lists every field of a plan.
reference: setup
	swift run operant plan reference --write Docs/plan-reference.md

clean:
	rm -rf .build
