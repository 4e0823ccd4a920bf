# assets/*.html -> $(B)/gen/templates.{h,c}: a struct and a function for each.
# Other assets  -> $(B)/gen/assets.{h,c}: bytes, type, and an address with a hash.
TPL_HTML   := $(sort $(wildcard assets/*.html))
TPL_STATIC := $(sort $(wildcard assets/*.css assets/*.svg assets/*.js))
TPL_OUT    := $(B)/gen/templates.h

$(B)/tools/gen_templates: tools/gen_templates.c
	@mkdir -p $(@D)
	@echo "  TOOL  $@"
	@$(CC) -std=c11 -D_GNU_SOURCE $(WARN) -O1 -g $< -lcrypto -o $@

# One run writes all four; the header stands for them.
$(TPL_OUT): $(B)/tools/gen_templates $(TPL_HTML) $(TPL_STATIC)
	@mkdir -p $(@D)
	@echo "  GEN   $(@D)/templates.[ch] assets.[ch]"
	@$< $(@D) $(TPL_HTML) $(TPL_STATIC)

$(B)/gen/templates.c $(B)/gen/assets.c $(B)/gen/assets.h: $(TPL_OUT) ;


$(B)/obj/$(B)/gen/%.o: $(B)/gen/%.c | $(TPL_OUT)
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

GENERATED += $(TPL_OUT) $(B)/gen/assets.h
GEN_web   += $(B)/gen/templates.c $(B)/gen/assets.c

# kore, and what it loads, have names of their own (fatal, json_object of
# jansson): ours mean ours.
$(B)/countersign.so: LDFLAGS += -Wl,-Bsymbolic
