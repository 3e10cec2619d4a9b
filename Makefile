# tapedeck: verbs only. The build itself is CMake (CMakePresets.json); each verb sets up what it needs.
.DEFAULT_GOAL := all
.PHONY: mutate sim soak all release dev deps check demo bench fuzz fuzz-long kill-long seeds-long tsan cov format analyze clean install docs help

JOBS ?= 2
BUILD = cmake --build build/$(1) -j $(JOBS)
PREFIX ?= /usr/local
DUCKDB = third_party/duckdb/node_modules/@duckdb/node-bindings-linux-x64/libduckdb.so

all: deps release            ## build the program: build/release/tapedeck

deps:                        ## install the Debian packages and npm folders that are missing
	@sh tools/deps.sh

release:
	@cmake --preset release > build-release.log 2>&1 || { cat build-release.log; exit 1; }
	@rm -f build-release.log
	@$(call BUILD,release) --target tapedeck
	@sh tools/links.sh build/release

dev:
	@cmake --preset dev > build-dev.log 2>&1 || { cat build-dev.log; exit 1; }
	@rm -f build-dev.log
	@$(call BUILD,dev)

check: deps release dev      ## set up, build, and run every test (address and undefined sanitizers)
	@sh tools/check.sh

demo: deps release           ## the whole job in a minute, against the built-in gateway simulator
	@build/release/tapedeck demo

bench: deps                  ## measure the headline figures into build/bench.json
	@cmake --preset release > /dev/null && $(call BUILD,release) --target benches
	@sh bench/run.sh

fuzz: deps                   ## fuzz every decoder for a minute each (FUZZ_SECONDS=60)
	@cmake --preset fuzz > /dev/null && $(call BUILD,fuzz) --target fuzzers
	@sh tools/fuzz.sh $${FUZZ_SECONDS:-60}

fuzz-long: deps              ## ten minutes for each decoder
	@$(MAKE) fuzz FUZZ_SECONDS=600

kill-long: deps release      ## kill record and trade at 200 random moments each
	@sh tests/faults/kill.sh 200

sim: deps release            ## 10,000 days of the whole product with all faults (SEEDS=1..10000)
	@build/release/tapedeck simulate --seeds $${SEEDS:-1..10000}

soak: deps release            ## 24 hours of market under load: memory, files and allocations of the trading thread
	@$(call BUILD,release) --target steady_test day_test
	@TD_STEADY_MINUTES=$${TD_STEADY_MINUTES:-1440} build/release/tests/steady_test
	@TD_DAY_TWICE=1 build/release/tests/day_test

seeds-long: deps dev         ## 1,000 seeded days of the desk in the simulated world (TD_SEED=1 TD_SEEDS=1000)
	@cd build/dev/tests && TD_SEEDS=$${TD_SEEDS:-1000} ./desk_test

mutate: deps                 ## take out each gate, sync and bounds check in turn: does a test fail? (KINDS="gates syncs")
	@python3 tools/mutate.py $(KINDS) --jobs $(JOBS) --page

tsan: deps                   ## the threaded tests under the thread sanitizer
	@cmake --preset tsan > /dev/null && $(call BUILD,tsan)
	@ctest --test-dir build/tsan --output-on-failure -j $(JOBS) -L 'unit|threads'

cov: deps                    ## branch coverage of the parts that must have it
	@cmake --preset cov > /dev/null && $(call BUILD,cov)
	@sh tools/coverage.sh

format:                      ## format every C file
	@find src tests fuzz bench -name '*.[ch]' | xargs clang-format -i

analyze: deps                ## gcc's analyzer and cppcheck
	@sh tools/analyze.sh

docs: release                ## regenerate docs/cmd and the pages made from tables
	@$(call BUILD,release) --target docgen
	@sh tools/docs.sh build/release

install: release             ## install the program and the links with the old tools' names
	@install -D build/release/tapedeck $(DESTDIR)$(PREFIX)/bin/tapedeck
	@if [ -f $(DUCKDB) ]; then install -D -m 644 $(DUCKDB) $(DESTDIR)$(PREFIX)/lib/tapedeck/libduckdb.so; fi
	@sh tools/links.sh $(DESTDIR)$(PREFIX)/bin
	@for part in strategies grafana; do \
	    DESTDIR=$(DESTDIR) cmake --install build/release --prefix $(PREFIX) --component $$part > /dev/null || exit 1; \
	done

clean:
	@rm -rf build

help:                        ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1 | /p' Makefile | awk -F ' [|] ' '{printf "  make %-12s %s\n", $$1, $$2}'
