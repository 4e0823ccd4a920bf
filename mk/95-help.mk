# What there is to make.  Each target's line is kept here, in the order in which
# somebody new wants to know.
.PHONY: help
help:
	@echo 'make             build $(B)/countersign and $(B)/countersign.so'
	@echo 'make run         install what is missing, build, start everything, Ctrl-C stops it'
	@echo 'make check       every test; ends with "N passed, N failed"'
	@echo 'make check-asan  unit, conformance and worker tests under ASan and UBSan'
	@echo 'make lint        format, clang-tidy, banned functions, headers, layering'
	@echo 'make fuzz        every fuzz target for FUZZ_SECONDS ($(FUZZ_SECONDS))'
	@echo 'make bench       uploads a second, list page, signature; ratios, medians'
	@echo 'make deps        the Debian packages of conf/packages.txt'
	@echo 'make unit        unit tests only; make unit-COMPONENT for one of:'
	@echo '                 $(UNIT_NAMES)'
	@echo 'make web-test    HTTP tests through the edge;  make e2e   the browser'
	@echo 'make demo-reset  throw the local state (var/) away'
	@echo 'make clean       remove $(B)/'
