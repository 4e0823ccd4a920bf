/*
 * The end of a portal: nothing of it is left running, and a second start keeps
 * what there was.
 */
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');

/* Processes whose command line or working directory names the state's folder. */
function processes(p) {
	const found = [];
	for (const pid of fs.readdirSync('/proc').filter((n) => /^\d+$/.test(n))) {
		try {
			const line = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replace(/\0/g, ' ');
			const cwd = fs.readlinkSync(`/proc/${pid}/cwd`);
			if ((line.includes(p.var) || cwd.startsWith(p.var)) && Number(pid) !== process.pid)
				found.push(`${pid} ${line}`);
		} catch (e) {
			/* gone meanwhile, or not ours */
		}
	}
	return found;
}

module.exports = async (h, p) => {
	await h.test('SIGTERM stops all of it', async () => {
		assert.ok(processes(p).length > 5, 'there was something to stop');
		p.child.kill('SIGTERM');
		await p.ended;
		assert.strictEqual(p.exit, 0);
		assert.deepStrictEqual(processes(p), []);
		for (const name of ['k1.sock', 'k2.sock', 'ready'])
			assert.ok(!fs.existsSync(p.file('run', name)), name);
	});
};
module.exports.processes = processes;
