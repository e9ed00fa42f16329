# SPDX-License-Identifier: Apache-2.0
# The one front door. Each target is a thin call of a CMake preset or of a script in tools/.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help build build-with-tests run test check bench sim blackbox interop fuzz lint format asan tsan coverage install hooks clean

JOBS ?= $(shell nproc)
BUILD := build/release
CTEST := ctest --test-dir $(BUILD) --output-on-failure
export JOBS

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/\1|\2/p' $(MAKEFILE_LIST) | while IFS='|' read -r target text; do \
	  printf '  make %-10s %s\n' "$$target" "$$text"; done

build: ## release build of the server and its tools, into build/release
	@tools/deps.sh build
	@test -f $(BUILD)/build.ninja || cmake --preset release -DTURNPIKE_TESTS=OFF
	@cmake --build $(BUILD) -j $(JOBS)

build-with-tests:
	@tools/deps.sh build test
	@cmake --preset release -DTURNPIKE_TESTS=ON
	@cmake --build $(BUILD) -j $(JOBS)

run: ## build and run a relay on this machine, with a development configuration
	@tools/run.sh

test: build-with-tests ## build and run every test
	@$(CTEST) -j $(JOBS)

check: test lint asan tsan ## exactly what CI runs: test, lint, and the tests again under the sanitizers

bench: build ## measure CPU per relayed packet, next to coturn: a table and JSON
	@tools/deps.sh bench
	@bench/run.py

sim: build-with-tests ## the seeded simulation for SECONDS=300; SEED=n replays one
	@TURNPIKE_SIM_SEED=$(SEED) TURNPIKE_SIM_SECONDS=$(or $(SECONDS),300) $(BUILD)/turnpike-unit-tests -sg Simulation -v

blackbox: build-with-tests ## only the tests of the built binary
	@$(CTEST) -j $(JOBS) -R '^blackbox\.' --no-tests=error

interop: build-with-tests ## only the tests with clients that others wrote
	@$(CTEST) -R '^interop\.' --no-tests=error

fuzz: ## run each fuzzer for SECONDS=60
	@tools/deps.sh build lint
	@cmake --preset fuzz
	@cmake --build build/fuzz -j $(JOBS)
	@tools/fuzz.sh $(or $(SECONDS),60)

lint: ## house rules, formatting, headers alone, cppcheck, clang-tidy
	@tools/deps.sh build lint
	@tools/lint.sh

format: ## format all C++ in place
	@tools/deps.sh lint
	@tools/lint.sh mend

asan: ## the tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@tools/sanitize.sh asan

tsan: ## the tests under ThreadSanitizer
	@tools/sanitize.sh tsan

coverage: ## line and branch coverage of each layer
	@tools/deps.sh build test
	@cmake --preset coverage
	@cmake --build build/coverage -j $(JOBS)
	@find build/coverage -name '*.gcda' -delete
	@ctest --test-dir build/coverage --output-on-failure -j $(JOBS)
	@tools/coverage.py build/coverage

install: build ## install the release build; DESTDIR and PREFIX are honoured
	@cmake --install $(BUILD) $(if $(PREFIX),--prefix $(PREFIX))

hooks: ## have git run tools/hooks before each commit
	@git config core.hooksPath tools/hooks

clean: ## remove everything that was built
	@rm -rf build
