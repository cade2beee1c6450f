# The front door. Every target does its own set-up: Debian packages by apt (scripts/packages-*.txt),
# Python parts in .venv. What is there already is left alone.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help build build-here build-windows run test test-long test-windows lint format asan static bench clean need-run need-test

NEED := scripts/need-packages
REQUIREMENTS := $(wildcard */requirements.txt)
SOURCES = $(shell find include src tests -name '*.[ch]')

help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 15

build: build-here ## build/treefall, its sentinel, libtreefall.so; build-windows/treefall.exe and the same
	@$(NEED) mingw
	@test -f build-windows/build.ninja || meson setup build-windows --cross-file cross/mingw.ini
	@ninja -C build-windows

install: build-here ## into /usr/local: command, library, manual page, completions
	@scripts/as-root meson install -C build --no-rebuild --quiet

build-here:
	@$(NEED) build
	@test -f build/build.ninja || meson setup build
	@ninja -C build

# What the Windows side is tested with: a Wine with a Python, unit tests, the package.
build-windows: .venv/ready
	@$(NEED) build mingw wine
	@scripts/need-wine
	@test -f build-windows/build.ninja || meson setup build-windows --cross-file cross/mingw.ini
	@grep -qsF '$(CURDIR)/.wine' build-windows/meson-info/intro-buildoptions.json || \
		meson configure build-windows \
		'-Dwindows_python=$(CURDIR)/.wine/python' '-Dwindows_cmocka=$(CURDIR)/.wine/cmocka'
	@ninja -C build-windows
	@.venv/bin/python scripts/windows-package build-windows

run: need-run build-here .venv/ready ## a real LitServe server is killed: what is left without treefall, and with it
	@.venv/bin/python demo/litserve_demo.py

test: need-test build-here build-windows .venv/ready ## all tests, under Wine as well; `make test ARGS='-k kill'` passes ARGS to pytest
	@.venv/bin/python scripts/run_tests.py $(ARGS)

test-long: need-test build-here .venv/ready ## every case of the debugger in all its forms, ten times each: an hour
	@.venv/bin/python -m pytest -q -ra -m long $(ARGS) tests/debugger

test-windows: build-windows ## the tests of the Windows side, under Wine
	@.venv/bin/python -m pytest -q -ra --timeout=300 $(ARGS) tests/windows

lint: ## warnings are errors (gcc and clang), then clang-tidy
	@$(NEED) build lint
	@scripts/lint

format: ## clang-format the C sources in place
	@$(NEED) lint
	@clang-format -i $(SOURCES)

asan: ## unit tests under the address and undefined-behaviour sanitizers, in build-asan
	@$(NEED) build
	@test -f build-asan/build.ninja || meson setup build-asan -Db_sanitize=address,undefined
	@meson test -C build-asan --print-errorlogs

static: ## a static build with musl, in build-static
	@$(NEED) build static
	@test -f build-static/build.ninja || \
		CC=musl-gcc meson setup build-static -Dstatic=true -Dtests=false --buildtype=release
	@ninja -C build-static

bench: build-here .venv/ready ## costs, beside a bare kill loop and the peers
	@$(NEED) bench
	@bench/run.sh
	@.venv/bin/python bench/library.py

clean: ## remove what was built; .venv stays
	rm -rf build build-*

# All of a target's packages at once, so that a fresh machine runs apt once.
need-run:
	@$(NEED) build python

need-test:
	@$(NEED) build python test zoo mingw wine

.venv/ready: $(REQUIREMENTS) scripts/packages-python.txt
	@$(NEED) python
	@scripts/need-venv $(REQUIREMENTS)
	@touch $@
