/*
 * Processes that stop, are killed, and come back, while reports come in.  After
 * each: whatever was acknowledged is there, and nothing lies in the spool.
 */
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const { until, sleep, Jar, CRASH } = require('./portal');

module.exports = async (h, p) => {
	const missing = (ids) => p.sql(`SELECT count(*) FROM unnest(ARRAY[${ids.map((i) => `'${i}'`)}]::text[]) AS u(acknowledged)
	    WHERE NOT EXISTS (SELECT FROM countersign.receipt WHERE hash = sha256(acknowledged::bytea))
	    AND NOT EXISTS (SELECT FROM countersign.inbox WHERE receipt_hash = sha256(acknowledged::bytea))
	    AND NOT EXISTS (SELECT FROM countersign.failure WHERE receipt_hash = sha256(acknowledged::bytea))`);
	/* Uploads one after the other on some connections until over(); the
	 * acknowledged ids. */
	const load = async (over, { lanes = 4, large = false } = {}) => {
		const ids = [], other = {};
		await Promise.all(Array.from({ length: lanes }, async (_, lane) => {
			while (!over()) {
				const dump = large && lane === 0 ? p.dump(...CRASH, '--size', String(3 << 20)) : p.dump();
				const r = await p.upload(dump).catch((e) => ({ status: e.code, text: '' }));
				if (r.status === 200)
					ids.push(r.text);
				else
					other[r.status] = (other[r.status] || 0) + 1;
			}
		}));
		return { ids, other };
	};
	const settled = async ({ ids, other }) => {
		await p.ready(60);
		await p.drained(90);
		assert.ok(ids.length > 0, `some were acknowledged: ${JSON.stringify(other)}`);
		assert.strictEqual(new Set(ids).size, ids.length);
		assert.strictEqual(missing(ids), '0', `of ${ids.length} acknowledged`);
		await p.spoolEmpty(90);
		p.countersign('doctor');
		return other;
	};
	const during = async (act, options) => {
		let over = false;
		const going = load(() => over, options);
		try {
			await act();
			await sleep(700);
		} finally {
			over = true;
		}
		return settled(await going);
	};
	const back = (name, old) => until(() => {
		try {
			return p.pid(name) !== old;
		} catch (e) {
			return false;
		}
	}, 30, `${name} to come back`);

	await h.test('no process has died so far', async () => {
		const log = fs.readFileSync(p.file('log/run.log'), 'utf8');
		assert.doesNotMatch(log, / ended with /);
	});
	await h.test('PostgreSQL stopped and started', async () => {
		const jar = await p.signIn('ev');
		fs.writeFileSync(p.file('run/hold-postgres'), '');
		process.kill(p.pid('postgres'), 'SIGINT');
		await until(() => !fs.existsSync(p.file('run/postgres.pid')), 30, 'PostgreSQL to end');
		try {
			for (const at of ['/buckets', '/buckets.json', '/readyz', '/signin']) {
				const r = await p.get(at, { jar });
				assert.strictEqual(r.status, 503, at);
				assert.ok(Number(r.headers['retry-after']) > 0, `${at}: Retry-After`);
			}
			const r = await p.upload(p.dump());
			assert.strictEqual(r.status, 503, r.text);
			assert.ok(Number(r.headers['retry-after']) > 0);
			const large = await p.upload(p.dump(...CRASH, '--size', String(3 << 20)));
			assert.strictEqual(large.status, 503, large.text);
			assert.strictEqual((await p.get('/healthz')).status, 200);
		} finally {
			fs.unlinkSync(p.file('run/hold-postgres'));
		}
		await p.ready(60);
		assert.strictEqual((await p.get('/buckets.json', { jar })).status, 200, 'the session holds');
		assert.strictEqual((await p.upload(p.dump())).status, 200);
		await p.drained(60);
		await p.spoolEmpty(60);
		p.countersign('doctor');
	});
	await h.test('PostgreSQL restarted under load', async () => {
		await during(async () => {
			await sleep(500);
			const old = p.pid('postgres');
			process.kill(old, 'SIGQUIT'); /* as a loss of power */
			await back('postgres', old);
			await p.ready(60);
		}, { large: true });
	});
	await h.test('the worker killed in the middle of its jobs', async () => {
		await during(async () => {
			for (let i = 0; i < 4; i++) {
				await sleep(400);
				const old = p.pid('worker');
				process.kill(-old, 'SIGKILL');
				await back('worker', old);
			}
		}, { large: true });
	});
	/* Invariant 10: who waits longer than a moment is told where it stands. */
	await h.test('a sign-in waits in sight while no worker runs', async () => {
		const jar = new Jar();
		const c = await p.challenge(jar);
		const signed = p.sign(c.cabinet, 'ev', c.program_name);
		const html = { Accept: 'text/html' };
		fs.writeFileSync(p.file('run/hold-worker'), '');
		process.kill(-p.pid('worker'), 'SIGKILL');
		let r, at;
		try {
			r = await p.post(c.path, { file: { file: 's.cab', content: signed } },
				{ jar, headers: html });
			assert.strictEqual(r.status, 303, r.text);
			at = new URL(r.headers.location, p.url).pathname;
			r = await p.get(at, { jar, headers: html });
			assert.strictEqual(r.status, 202);
			assert.match(r.text, /http-equiv="?refresh/);
		} finally {
			fs.unlinkSync(p.file('run/hold-worker'));
		}
		await until(async () => (r = await p.get(at, { jar, headers: html })).status !== 202, 30,
			'the verdict');
		assert.strictEqual(r.headers.location, '/buckets');
	});
	await h.test('one kore after the other restarted: no request is refused', async () => {
		const other = await during(async () => {
			for (const name of ['kore-1', 'kore-2']) {
				const old = p.pid(name);
				process.kill(old, 'SIGTERM');
				await back(name, old);
				await sleep(1500);
			}
		});
		assert.deepStrictEqual(other, {});
	});
	await h.test('kore killed under load', async () => {
		await during(async () => {
			for (const name of ['kore-1', 'kore-2']) {
				await sleep(300);
				const old = p.pid(name);
				process.kill(-old, 'SIGKILL');
				await back(name, old);
				await sleep(1000);
			}
		}, { large: true });
	});
	await h.test('both kore away', async () => {
		for (const name of ['kore-1', 'kore-2']) {
			fs.writeFileSync(p.file('run', `hold-${name}`), '');
			process.kill(-p.pid(name), 'SIGKILL');
		}
		try {
			await until(() => !fs.existsSync(p.file('run/kore-2.pid')) &&
				!fs.existsSync(p.file('run/kore-1.pid')), 20, 'both to end');
			const r = await p.upload(p.dump());
			assert.strictEqual(r.status, 503);
			assert.match(r.text, /^unavailable: /);
			assert.strictEqual(r.headers['retry-after'], '5');
		} finally {
			fs.unlinkSync(p.file('run/hold-kore-1'));
			fs.unlinkSync(p.file('run/hold-kore-2'));
		}
		await p.ready(30);
	});
};
