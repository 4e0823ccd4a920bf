# Ratios of one run, medians of BENCH_ROUNDS rounds.
BENCH_ROUNDS ?= 5
.PHONY: bench
bench:
	@tools/deps run bench
	@$(MAKE) -s portal $(B)/tests/load $(B)/tests/with_tsa
	@B=$(B) BENCH_ROUNDS=$(BENCH_ROUNDS) tests/bench/run

$(B)/tests/load: $(B)/obj/tests/bench/load.o
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS) $^ -lssl -lcrypto -o $@

# Timestamps for the file of signature.sh.
$(B)/tests/with_tsa: $(B)/obj/tests/bench/with_tsa.o $(B)/obj/tests/support/tsa.o
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS) $^ -lcrypto -o $@
