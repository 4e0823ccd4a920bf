# Unit tests: tests/unit/COMPONENT/*.c become one criterion binary a component,
# $(B)/tests/unit-COMPONENT, linked with the program's libraries and the files
# of tests/support/.
UNIT_NAMES := $(notdir $(patsubst %/,%,$(sort $(dir $(wildcard tests/unit/*/*.c)))))
UNIT_BINS  := $(UNIT_NAMES:%=$(B)/tests/unit-%)
SUPPORT    := $(patsubst %.c,$(B)/obj/%.o,$(sort $(wildcard tests/support/*.c)))

# The pure files of src/web/ (those that do not include kore) are tested too.
WEB_PURE   := $(shell grep -L 'kore/' src/web/*.c 2>/dev/null | xargs -r grep -L 'web/server.h')
EXTRA_web  := $(patsubst %.c,$(B)/obj/%.o,$(WEB_PURE))

define unit
$(B)/tests/unit-$(1): $$(patsubst %.c,$(B)/obj/%.o,$$(sort $$(wildcard tests/unit/$(1)/*.c))) \
    $$(SUPPORT) $$(EXTRA_$(1)) $$(foreach l,$$(NEEDS_$(1)),$(B)/lib/lib$$(l).a)
	@mkdir -p $$(@D)
	@echo "  LINK  $$@"
	@$$(CC) $$(LDFLAGS) $$(filter %.o,$$^) -Wl,--start-group $$(filter %.a,$$^) \
	    -Wl,--end-group $$(EXTERN) -lcriterion -o $$@
.PHONY: unit-$(1)
unit-$(1): $(B)/tests/unit-$(1)
	$$< -j2
endef

# What each component may use (design, section 3).
NEEDS_base   := base
NEEDS_pki    := pki base
NEEDS_crash  := crash base
NEEDS_intake := intake base
NEEDS_db     := db base
NEEDS_store  := store db base
NEEDS_auth   := auth db pki base
NEEDS_fetch  := fetch db pki base
NEEDS_work   := work fetch auth store intake db crash pki base
NEEDS_web    := auth store intake db crash pki base
$(foreach u,$(UNIT_NAMES),$(eval $(call unit,$(u))))

.PHONY: unit
unit: $(UNIT_BINS)
	@for t in $(UNIT_BINS); do echo "== $$t"; $$t -j2 || exit 1; done
