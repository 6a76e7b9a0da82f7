# SPDX-License-Identifier: BSD-2-Clause OR GPL-2.0-only
# The front door. Meson and ninja do the work; everything made is in build/.

# The parts share build/; each of them uses the cores by itself.
.NOTPARALLEL:
.PHONY: help demo test test-quick test-kernel check-long bench bench-kernel module \
	module-install deb fuzz lint coverage install clean

PREFIX ?= /usr/local
FUZZ_SECONDS ?= 60

# Scripts that call make (Kbuild does) start anew, not as part of a make -j.
run := env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' \
		Makefile

demo: ## real traffic, switched: every frame checked, rates, hostile programs
	@$(run) scripts/need build
	@$(run) scripts/setup build
	@$(run) ninja -C build demo-all
	@$(run) build/demo/demo
	@$(run) build/demo/acts

test: ## every test: quick ones, sanitizers, kernel in QEMU, fuzz corpora
	@$(run) scripts/need build test kernel
	@$(run) scripts/test quick full

test-quick: ## the tests that take seconds
	@$(run) scripts/need build test
	@$(run) scripts/test quick

# Kernels that look for errors are compiled first, which takes long.
test-kernel: ## the module in Debian's KERNEL=6.1 or 6.12; DEBUG=1: with KASAN, lockdep
	@$(run) scripts/need build test kernel $(if $(DEBUG),debug)
	@KERNEL=$(or $(KERNEL),6.1)$(if $(DEBUG),-debug) $(run) scripts/test kernel

check-long: ## what takes longer than a test should
	@$(run) scripts/need build man test kernel deb long
	@$(run) scripts/test long

bench: ## nanoseconds per frame, and peers beside it: build/bench.tsv
	@$(run) scripts/need build bench
	@$(run) scripts/setup build bench
	@$(run) ninja -C build bench-all
	@$(run) build/bench/bench

bench-kernel: ## instructions per frame in the kernel: build/bench-kernel.tsv
	@$(run) scripts/need build kernel
	@$(run) scripts/kernel/bench

module: ## netmap.ko for the running kernel, or Debian's KERNEL=6.1 or 6.12
ifdef KERNEL
	@$(run) scripts/need build kernel
	@$(run) scripts/kernel/module
else
	@$(run) scripts/need module
	@$(run) scripts/kernel/here build
endif

module-install: ## puts it where modprobe finds it (root; DESTDIR is honoured)
	@$(run) scripts/kernel/here install

deb: ## Debian packages of module, library, tools and daemon: build/deb
	@$(run) scripts/need build man deb
	@$(run) scripts/deb

fuzz: ## search for bad input, FUZZ_SECONDS for each target
	@$(run) scripts/need build fuzz
	@$(run) scripts/fuzz $(FUZZ_SECONDS)

lint: ## formatting and static checks
	@$(run) scripts/need build lint
	@$(run) scripts/lint

coverage: ## lines and branches that the quick tests run: build/coverage/index.html
	@$(run) scripts/need build test coverage
	@$(run) scripts/coverage

install: ## headers, libraries, pages below PREFIX (DESTDIR is honoured)
	@$(run) scripts/need build man
	@$(run) scripts/setup build "prefix=$(PREFIX)"
	@$(run) ninja -C build
	@$(run) meson install -C build --no-rebuild

clean: ## forget everything made, fetched kernels included
	rm -rf build
