# Countersign.  `make help` says what there is.
#
# Components are folders; each becomes a static library, so that what one may
# not use it does not link.  The order of LIBS is the direction of dependence
# of the design's section 3 ("Direction of dependence"); tools/layering checks
# the includes against the same order.

B       ?= build
CC      ?= gcc
CFLAGS  ?= -O2 -g
WARN    := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
           -Wpointer-arith -Wvla -Wundef -Wformat=2 -Wno-format-nonliteral
HARDEN  := -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIC
SAN     ?=
ALL_CFLAGS = -std=c11 -D_GNU_SOURCE $(WARN) $(if $(SAN),,$(HARDEN)) -fPIC $(CFLAGS) $(SAN) \
           -I. -Isrc -I$(B)/gen $(shell pkg-config --cflags libpq)
LDFLAGS += $(SAN) -Wl,-z,relro,-z,now

# ---- components, lowest last ------------------------------------------------
LIBS    := work fetch auth store intake db crash pki base
DIR_work := src/work
DIR_fetch := src/fetch
DIR_auth := auth
DIR_store := src/store
DIR_intake := src/intake
DIR_db := src/db
DIR_crash := src/crash
DIR_pki := pki
DIR_base := base

EXTERN  := -lpq -lcrypto -lsodium -ljansson -lcurl -lseccomp -lz -linih -lm
ARCHIVES = $(LIBS:%=$(B)/lib/lib%.a)
LINK     = -Wl,--start-group $(ARCHIVES) -Wl,--end-group $(EXTERN)

.PHONY: all
all: $(B)/countersign $(B)/countersign.so

include $(sort $(wildcard mk/*.mk))

define library
SRC_$(1) := $$(sort $$(wildcard $$(DIR_$(1))/*.c)) $$(GEN_$(1))
OBJ_$(1) := $$(SRC_$(1):%.c=$(B)/obj/%.o)
$(B)/lib/lib$(1).a: $$(OBJ_$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	@$$(AR) rcs $$@ $$^
endef
$(foreach l,$(LIBS),$(eval $(call library,$(l))))

$(B)/obj/%.o: %.c | $(GENERATED)
	@mkdir -p $(@D)
	@echo "  CC    $<"
	@$(CC) $(ALL_CFLAGS) -MMD -MP -c $< -o $@

$(B)/countersign: $(patsubst %.c,$(B)/obj/%.o,$(sort $(wildcard src/cmd/*.c))) $(ARCHIVES)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS) -pie $(filter %.o,$^) $(LINK) -o $@

# kore exports its functions to the module that it loads; they stay undefined
# here.  kore is linked into nothing but this.
WEB_SRC := $(sort $(wildcard src/web/*.c)) $(GEN_web)
$(B)/countersign.so: $(WEB_SRC:%.c=$(B)/obj/%.o) $(ARCHIVES)
	@echo "  LINK  $@"
	@$(CC) $(LDFLAGS) -shared $(filter %.o,$^) $(LINK) -o $@

.PHONY: clean
clean:
	rm -rf $(B)

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)
