# The Debian packages of conf/packages.txt.
.PHONY: deps
deps:
	@tools/deps run check
