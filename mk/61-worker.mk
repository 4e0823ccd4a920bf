# The worker against a real PostgreSQL: one criterion binary whose tests each
# start a cluster and the program's own processes.
WORKER_TEST_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(sort $(wildcard tests/work/*.c)))

$(B)/tests/worker: $(WORKER_TEST_OBJ) $(SUPPORT) $(foreach l,$(NEEDS_work),$(B)/lib/lib$(l).a)
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) \
	    -Wl,--end-group $(EXTERN) -lcriterion -o $@

.PHONY: unit-worker
unit-worker: $(B)/tests/worker $(B)/countersign $(B)/tests/make_pe $(B)/tests/make_minidump
	$(B)/tests/worker -j2

# The unit tests that make PE files find the generator beside themselves.
$(B)/tests/unit-work: | $(B)/tests/make_pe
