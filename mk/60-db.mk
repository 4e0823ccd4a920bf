# Database tests: one criterion binary over a throw-away cluster
# (tests/support/pg.c), and the generator's refusals.
DB_TEST_OBJ := $(patsubst %.c,$(B)/obj/%.o,$(sort $(wildcard tests/db/*.c)))

$(B)/tests/db: $(DB_TEST_OBJ) $(SUPPORT) $(foreach l,$(NEEDS_db),$(B)/lib/lib$(l).a)
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) \
	    -Wl,--end-group $(EXTERN) -lcriterion -o $@

.PHONY: db-test
db-test: $(B)/tests/db $(B)/tools/gen_sql
	@tests/db/generator.sh $(B)/tools/gen_sql
	$(B)/tests/db -j2
