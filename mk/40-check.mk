# Every test.  The scripts under tests/ run the suites one by one, count, and say
# "N passed, N failed" last; logs are in $(B)/check/.
SAN_FLAGS := -fsanitize=address,undefined -fno-sanitize-recover=undefined

.PHONY: check
check:
	@tools/deps run check
	@B=$(B) tests/run-all

# The same sources with AddressSanitizer and UBSan, in a build folder of their own:
# units, public suites, and the worker's.
.PHONY: check-asan
check-asan:
	@tools/deps run check
	@B=$(B)-asan SAN="$(SAN_FLAGS)" CFLAGS="-O1 -g -fno-omit-frame-pointer" \
	    tests/run-all unit conformance db

.PHONY: web-test
web-test: portal
	B=$(B) node tests/web/run.js

# The browser: playwright-core from npm, Debian's chromium.
.PHONY: e2e
e2e: portal tests/e2e/node_modules/.package-lock.json
	B=$(B) node tests/e2e/run.js

tests/e2e/node_modules/.package-lock.json: tests/e2e/package.json tests/e2e/package-lock.json
	@cd tests/e2e && npm ci --no-audit --no-fund --silent
	@touch $@

