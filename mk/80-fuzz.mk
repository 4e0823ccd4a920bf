# libFuzzer: every tests/fuzz/fuzz_NAME.c, for FUZZ_SECONDS each.  Its first line
# says which components it needs:
#	/* fuzz: needs pki base; corpus: ... */
# A corpus grows in $(B)/fuzz/NAME; tests/fuzz/corpus/NAME holds the first seeds.
FUZZ_SECONDS ?= 30
FUZZ_B       := $(B)/fuzz-obj
FUZZ_NAMES   := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))

.PHONY: fuzz
fuzz: $(FUZZ_NAMES:%=fuzz-%)

define fuzzer
FUZZ_NEEDS_$(1) := $$(filter $$(LIBS),$$(shell sed -n '1s/.*needs \([^;*]*\).*/\1/p' tests/fuzz/fuzz_$(1).c | tr ',' ' '))
.PHONY: fuzz-$(1)
fuzz-$(1):
	@$$(MAKE) -s B=$$(FUZZ_B) CC=clang SAN="-fsanitize=address,undefined,fuzzer-no-link" \
	    CFLAGS="-O1 -g" $$(foreach l,$$(FUZZ_NEEDS_$(1)),$$(FUZZ_B)/lib/lib$$(l).a) $$(FUZZ_B)/obj/tests/fuzz/fuzz_$(1).o
	@mkdir -p $$(B)/fuzz/$(1) tests/fuzz/corpus/$(1)
	@clang -fsanitize=address,undefined,fuzzer $$(FUZZ_B)/obj/tests/fuzz/fuzz_$(1).o \
	    -Wl,--start-group $$(foreach l,$$(FUZZ_NEEDS_$(1)),$$(FUZZ_B)/lib/lib$$(l).a) -Wl,--end-group \
	    $$(EXTERN) -o $$(B)/fuzz/fuzz_$(1)
	@echo "fuzz $(1), $$(FUZZ_SECONDS) s"
	@$$(B)/fuzz/fuzz_$(1) -max_total_time=$$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=3000 \
	    -artifact_prefix=$$(B)/fuzz/ -print_final_stats=1 $$(B)/fuzz/$(1) tests/fuzz/corpus/$(1) \
	    > $$(B)/fuzz/$(1).log 2>&1 || { tail -n 40 $$(B)/fuzz/$(1).log; exit 1; }
	@grep -E 'stat::(number_of_executed_units|average_exec)' $$(B)/fuzz/$(1).log
endef
$(foreach f,$(FUZZ_NAMES),$(eval $(call fuzzer,$(f))))
