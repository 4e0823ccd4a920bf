# The gates of a developer: what the compiler does not say.
LINT_C    = $(shell git ls-files -co --exclude-standard '*.c')
LINT_ALL  = $(shell git ls-files -co --exclude-standard '*.c' '*.h')
# Whole programs through the analyzer: ours, not the tests'.
TIDY_C    = $(filter-out tests/% tools/%,$(LINT_C))
TIDY_JOBS ?= 2

.PHONY: lint lint-format lint-tidy lint-banned lint-headers lint-layering lint-invariants
lint: $(GENERATED) $(B)/gen/queries.h
	@status=0; \
	for gate in format banned layering headers invariants tidy; do \
		if $(MAKE) -s B=$(B) lint-$$gate; then echo "lint-$$gate: passed"; \
		else echo "lint-$$gate: FAILED"; status=1; fi; \
	done; exit $$status

lint-format:
	@clang-format --dry-run -Werror $(LINT_ALL)
lint-banned:
	@tools/lint-banned
lint-layering:
	@tools/layering
lint-invariants:
	@tools/lint-invariants
lint-headers: $(GENERATED)
	@tools/lint-headers $(CC) $(ALL_CFLAGS)
# One file at a time, so that one which hangs the analyzer is named and not
# waited for.
lint-tidy: $(GENERATED)
	@printf '%s\n' $(TIDY_C) | xargs -P $(TIDY_JOBS) -n 1 sh -c ' \
	    timeout 300 clang-tidy --quiet "$$1" -- $(filter-out -Werror,$(ALL_CFLAGS)) \
	    > $(B)/tidy.$$$$ 2> /dev/null || { echo "$$1: clang-tidy says no"; \
	    cat $(B)/tidy.$$$$; rm -f $(B)/tidy.$$$$; exit 1; }; rm -f $(B)/tidy.$$$$' _
