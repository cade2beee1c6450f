# The front door. Every target does its own set-up: compilers and the like by apt, daemons and Wine
# unpacked in build-unpacked (scripts/packages-*.txt), Python parts in .venv. What is there already is
# left alone.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help build build-here build-windows run test test-long test-windows lint format asan static bench clean distclean install need-run need-lint need-format need-test

# Meson looks for Wine when the Windows side is set up.
export PATH := $(PATH):$(CURDIR)/build-unpacked/wine/bin
NEED := scripts/need-packages
REQUIREMENTS := $(wildcard */requirements.txt)

help: ## print this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 15

build: build-here ## build/treefall, its sentinel, libtreefall.so; build-windows/treefall.exe and the same
	@$(NEED) mingw
	@scripts/build build-windows --cross-file=cross/mingw.ini

install: build-here ## into /usr/local, by sudo where needed: command, library, manual page, completions
	@scripts/as-root meson install -C build --no-rebuild --quiet

build-here:
	@$(NEED) build
	@scripts/build build

# What the Windows side is tested with: a Wine with a Python, unit tests, the package.
build-windows: .venv/ready
	@$(NEED) build mingw
	@scripts/need-unpacked wine
	@scripts/need-wine
	@scripts/build build-windows --cross-file=cross/mingw.ini \
		'-Dwindows_python=$(CURDIR)/.wine/python' '-Dwindows_cmocka=$(CURDIR)/.wine/cmocka'
	@.venv/bin/python scripts/windows-package build-windows

run: need-run build-here .venv/ready ## a real LitServe server is killed: what is left without treefall, and with it
	@.venv/bin/python demo/litserve_demo.py

test: need-test build-here build-windows .venv/ready ## all tests, under Wine as well; `make test ARGS='-k kill'` passes ARGS to pytest
	@.venv/bin/python scripts/run_tests.py $(ARGS)

test-long: need-test build-here .venv/ready ## every case of the debugger in all its forms, ten times each: an hour
	@.venv/bin/python -m pytest -q -ra -m long $(ARGS) tests/debugger

test-windows: build-windows ## the tests of the Windows side, under Wine
	@.venv/bin/python -m pytest -q -ra --timeout=300 $(ARGS) tests/windows

lint: need-lint .venv/ready ## format, ruff, warnings as errors (gcc, clang, mingw), clang-tidy; silent but for faults
	@scripts/lint

format: need-format .venv/ready ## clang-format and ruff, in place
	@scripts/format

asan: ## unit tests under the address and undefined-behaviour sanitizers, in build-asan
	@$(NEED) build
	@scripts/build build-asan -Db_sanitize=address,undefined
	@meson test -C build-asan --print-errorlogs

static: ## a static build with musl, in build-static
	@$(NEED) build static
	@CC=musl-gcc scripts/build build-static -Dstatic=true -Dtests=false --buildtype=release

bench: build-here .venv/ready ## costs, beside a bare kill loop and the peers
	@$(NEED) bench
	@bench/run.sh
	@.venv/bin/python bench/library.py

clean: ## remove what was built and unpacked; .venv and .wine stay
	@rm -rf build build-*

distclean: clean ## remove all that is not in git: the checkout as it was cloned
	@rm -rf .venv .wine .pytest_cache
	@find . -name __pycache__ -prune -exec rm -rf {} +

# All of a target's packages at once, so that a fresh machine runs apt once.
need-run:
	@$(NEED) build python

need-lint:
	@$(NEED) build mingw lint python

need-format:
	@$(NEED) lint python

need-test:
	@$(NEED) build python test mingw
	@scripts/need-unpacked zoo

.venv/ready: $(REQUIREMENTS) scripts/packages-python.txt
	@$(NEED) python
	@scripts/need-venv $(REQUIREMENTS)
	@touch $@
