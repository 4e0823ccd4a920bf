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
