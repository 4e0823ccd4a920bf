# What the build makes from queries/, migrations/ and assets/.
#   queries/*.sql   -> $(B)/gen/queries.{h,c}: an enum and a table of statements
#   migrations/*.sql-> $(B)/gen/migrations.c: the files, in order
#   assets/*        -> 11-templates.mk
GENERATED := $(B)/gen/queries.h
GEN_db := $(B)/gen/queries.c $(B)/gen/migrations.c
GEN_web :=

QUERY_FILES     := $(sort $(wildcard queries/*.sql))
MIGRATION_FILES := $(sort $(wildcard migrations/*.sql))

$(B)/tools/%: tools/%.c
	@mkdir -p $(@D)
	@echo "  TOOL  $<"
	@$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O1 -g $< -o $@

# The folders are prerequisites because a file that is gone must leave the
# table. The stamps, because the generator leaves alone what has not changed.
$(B)/gen/queries.stamp: $(B)/tools/gen_sql $(QUERY_FILES) queries
	@mkdir -p $(@D)
	@$< queries $(B)/gen/queries.h $(B)/gen/queries.c $(QUERY_FILES)
	@touch $@
$(B)/gen/queries.h $(B)/gen/queries.c: $(B)/gen/queries.stamp ;

$(B)/gen/migrations.stamp: $(B)/tools/gen_sql $(MIGRATION_FILES) migrations
	@mkdir -p $(@D)
	@$< migrations $(B)/gen/migrations.c $(MIGRATION_FILES)
	@touch $@
$(B)/gen/migrations.c: $(B)/gen/migrations.stamp ;
