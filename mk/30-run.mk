# The whole portal from a checkout, and its demo.
# Programs that make the demo's binaries and dumps.
DEMO_TOOLS := $(B)/tests/make_pe $(B)/tests/make_minidump

.PHONY: run run-deps
run-deps:
	@tools/deps run
run: run-deps
	@$(MAKE) -s all $(DEMO_TOOLS)
	@B=$(B) exec tools/run

# Programs that HTTP, browser and bench tests start the portal with.
.PHONY: portal
portal: all $(DEMO_TOOLS)

# The local portal's state: cluster, keys, dumps, demo.  It must be stopped.
.PHONY: demo-reset
demo-reset:
	@tools/reset
