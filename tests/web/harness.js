/*
 * Runs named cases one after the other and counts them.  A case that throws has
 * failed; skip(reason) says why one cannot run here.  ONLY=text in the
 * environment runs those whose name has it.
 */
'use strict';

class Skip extends Error {}

function skip(reason) {
	throw new Skip(reason);
}

class Harness {
	constructor() {
		this.passed = this.failed = this.skipped = 0;
	}

	async test(name, run) {
		if (process.env.ONLY && !name.includes(process.env.ONLY))
			return;
		const began = Date.now();
		let outcome = 'ok';
		try {
			await run();
			this.passed++;
		} catch (e) {
			if (e instanceof Skip) {
				this.skipped++;
				console.log(`skipped: ${name}: ${e.message}`);
				return;
			}
			this.failed++;
			outcome = 'not ok';
			console.log(String(e.stack || e).replace(/^/gm, '    '));
		}
		console.log(`${outcome} ${name} (${Date.now() - began} ms)`);
	}

	/* The closing line; the exit status is set. */
	close() {
		console.log(`${this.passed} passed, ${this.failed} failed` +
			(this.skipped ? `, ${this.skipped} skipped` : ''));
		process.exitCode = this.failed === 0 ? 0 : 1;
	}
}

module.exports = { Harness, skip };
