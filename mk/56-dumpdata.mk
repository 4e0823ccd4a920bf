# conf/rules.conf is compiled in as the default list of rules; tests/data/dump/
# makes minidumps field by field.
GEN_crash := $(B)/gen/rules_default.c

$(B)/gen/rules_default.c: conf/rules.conf
	@mkdir -p $(@D)
	@{ echo '/* From conf/rules.conf. */'; \
	   echo '#include "crash/rules.h"'; \
	   echo 'const char crash_rules_default_text[] ='; \
	   sed -e 's/[\\"]/\\&/g' -e 's/.*/"&\\n"/' $<; echo ';'; } > $@.tmp
	@mv $@.tmp $@

$(B)/tests/make_minidump: $(B)/obj/tests/data/dump/make_minidump.o
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS) $^ -o $@

# Our reading of the shared dumps against their manifests.
$(B)/tests/conformance-dumps: $(B)/obj/tests/conformance/dumps/dumps.o \
    $(B)/obj/src/cmd/dump_files.o $(B)/lib/libcrash.a $(B)/lib/libbase.a
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) \
	    -Wl,--end-group $(EXTERN) -o $@
.PHONY: conformance-dumps
conformance-dumps: $(B)/tests/conformance-dumps
	$<
# The unit tests run it from beside themselves.
$(B)/tests/unit-crash: | $(B)/tests/make_minidump
