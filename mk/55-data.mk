# tests/data/pe/ makes programs and libraries that can be signed.
$(B)/tests/make_pe: $(B)/obj/tests/data/pe/make_pe.o $(B)/lib/libbase.a
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS) $^ -o $@

# The unit tests that sign files find it beside themselves.
$(B)/tests/unit-pki $(B)/tests/unit-auth: | $(B)/tests/make_pe

# Real vendors' files, from npm's registry.
.PHONY: conformance-npm
conformance-npm: $(B)/countersign
	B=$(B) tests/conformance/authenticode/npm.sh
