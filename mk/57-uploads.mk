# Our reading of captured uploads against their manifest.
$(B)/tests/conformance-uploads: $(B)/obj/tests/conformance/uploads/uploads.o \
    $(B)/lib/libintake.a $(B)/lib/libbase.a
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS) $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) \
	    -Wl,--end-group $(EXTERN) -o $@
.PHONY: conformance-uploads
conformance-uploads: $(B)/tests/conformance-uploads
	$<
