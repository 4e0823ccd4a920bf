/*
 * The vendor's pages: list, bucket, download, in all their forms.
 */
'use strict';
const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const { Jar } = require('./portal');

const sha256 = (b) => crypto.createHash('sha256').update(b).digest('hex');

module.exports = async (h, p) => {
	let jar, list, bucket, dumps;

	await h.test('the list by hits, as JSON, CSV and page', async () => {
		jar = await p.signIn('ev');
		list = (await p.get('/buckets.json', { jar })).json();
		const hits = list.buckets.map((b) => b.hits);
		assert.deepStrictEqual(hits, [...hits].sort((a, b) => b - a));
		assert.strictEqual(list.hits, hits.reduce((a, b) => a + b, 0));
		assert.ok(list.buckets.every((b) => b.trend.length === 30));
		const csv = await p.get('/buckets.csv', { jar });
		assert.match(csv.headers['content-type'], /text\/csv/);
		assert.strictEqual(csv.text.trim().split(/\r?\n/).length, list.buckets.length + 1);
		const html = await p.get('/buckets', { jar, headers: { Accept: 'text/html' } });
		assert.strictEqual(html.status, 200);
		assert.match(html.text, /<svg/);
		for (const b of list.buckets)
			assert.ok(html.text.includes(`/buckets/${b.id}`), `a link to ${b.id}`);
	});
	await h.test('the trends add up to what was imported', async () => {
		const sum = list.buckets.flatMap((b) => b.trend).reduce((a, b) => a + b, 0);
		assert.ok(sum > 0 && sum <= list.hits, `${sum} of ${list.hits}`);
	});
	await h.test('one bucket: label, counts, dumps', async () => {
		const id = list.buckets[0].id;
		bucket = (await p.get(`/buckets/${id}.json`, { jar })).json();
		const html = await p.get(`/buckets/${id}`, { jar, headers: { Accept: 'text/html' } });
		assert.strictEqual(html.status, 200);
		assert.match(html.text, /meter\.dll|scope\.dll/);
		dumps = bucket.dumps;
		assert.ok(dumps.length > 0, JSON.stringify(bucket).slice(0, 500));
		assert.strictEqual((await p.get(`/buckets/${id}.csv`, { jar })).status, 200);
	});
	await h.test('a dump comes back as it was sent', async () => {
		const sent = new Set();
		for (const dir of ['demo/dumps', 'demo/uploads'])
			for (const name of fs.readdirSync(p.file(dir)))
				sent.add(sha256(fs.readFileSync(p.file(dir, name))));
		for (const d of dumps.slice(0, 3)) {
			const r = await p.get(`/dumps/${d.report}`, { jar });
			assert.strictEqual(r.status, 200, r.text.slice(0, 200));
			assert.ok(sent.has(sha256(r.body)), 'its hash is one of ours');
			assert.match(r.headers['content-disposition'], /attachment/);
			assert.strictEqual(r.headers['x-content-type-options'], 'nosniff');
			if (d.sha256)
				assert.strictEqual(sha256(r.body), d.sha256);
		}
	});
	await h.test('parts of a dump', async () => {
		const at = `/dumps/${dumps[0].report}`;
		const whole = (await p.get(at, { jar })).body;
		const part = (range, more = {}) => p.get(at, { jar, headers: { Range: range, ...more } });
		let r = await part('bytes=0-99');
		assert.strictEqual(r.status, 206);
		assert.strictEqual(r.headers['content-range'], `bytes 0-99/${whole.length}`);
		assert.ok(r.body.equals(whole.subarray(0, 100)));
		r = await part('bytes=-77');
		assert.ok(r.body.equals(whole.subarray(whole.length - 77)));
		r = await part(`bytes=${whole.length - 10}-`);
		assert.ok(r.body.equals(whole.subarray(whole.length - 10)));
		assert.strictEqual((await part(`bytes=${whole.length}-`)).status, 416);
		r = await part('bytes=0-9', { 'If-Range': '"something else"' });
		assert.strictEqual(r.status, 200);
		assert.ok(r.body.equals(whole));
	});
	await h.test('a large dump, through the spool and back, in pieces of any size', async () => {
		/* cedarhost.exe crashed: its vendor is Cedar */
		const modules = fs.readFileSync(p.file('demo/modules'), 'utf8').split('\n')
			.map((l) => l.split(' ')).find((m) => m[0] === 'cedarhost.exe');
		const dump = p.dump('--module', `cedarhost.exe,0x7ff600000000,${modules[3]},${modules[2]},0,` +
			`${modules[1]},cedarhost.pdb,${modules[4]},1`, '--exception', '0xc0000005,0x7ff600001fff,0,1',
		'--size', String(20 << 20));
		assert.strictEqual((await p.upload(dump)).status, 200);
		await p.drained();
		const cedar = await p.signIn('subscriber');
		const all = (await p.get('/buckets.json', { jar: cedar })).json().buckets;
		let found;
		for (const b of all) {
			const one = (await p.get(`/buckets/${b.id}.json`, { jar: cedar })).json();
			found = found || one.dumps.find((d) => d.size === dump.length);
		}
		assert.ok(found, 'the dump is listed');
		const r = await p.get(`/dumps/${found.report}`, { jar: cedar });
		assert.strictEqual(sha256(r.body), sha256(dump));
		const piece = await p.get(`/dumps/${found.report}`, { jar: cedar,
			headers: { Range: 'bytes=65530-12000000' } });
		assert.ok(piece.body.equals(dump.subarray(65530, 12000001)));
	});
	await h.test('every look at a dump is an audit row', async () => {
		const before = Number(p.sql('SELECT count(*) FROM countersign.audit'));
		await p.get(`/dumps/${dumps[0].report}`, { jar });
		assert.strictEqual(Number(p.sql('SELECT count(*) FROM countersign.audit')), before + 1);
	});
	await h.test('every page has a strict policy', async () => {
		for (const at of ['/', '/signin', '/buckets', `/buckets/${list.buckets[0].id}`, '/nowhere']) {
			const r = await p.get(at, { jar, headers: { Accept: 'text/html' } });
			const csp = r.headers['content-security-policy'] || '';
			if (r.status >= 300 && r.status < 400)
				continue;
			assert.match(csp, /default-src 'none'|default-src 'self'/, `${at}: ${csp}`);
			assert.doesNotMatch(csp, /unsafe-/, at);
			assert.strictEqual(r.headers['x-content-type-options'], 'nosniff', at);
			assert.match(r.headers['content-type'], /charset=utf-8/i);
			assert.doesNotMatch(r.text, /<script(?![^>]*src=)|style="| onclick=/i, at);
			assert.doesNotMatch(r.headers.server || '', /kore|\d/i, at);
		}
	});
	await h.test('addresses that lead nowhere', async () => {
		for (const at of ['/nowhere', '/buckets/0', '/buckets/-1', '/buckets/x', '/buckets/1/2',
			`/buckets/${'9'.repeat(18)}`, '/dumps/0', `/dumps/${'9'.repeat(18)}`, '/static/../conf',
			'/%2e%2e/etc/passwd', '/dumps/1%00', '/buckets/1%27--']) {
			const { status } = await p.get(at, { jar });
			assert.ok([400, 404].includes(status), `${at}: ${status}`);
		}
		assert.strictEqual((await p.request('DELETE', '/buckets', { jar })).status, 405);
		assert.strictEqual((await p.request('POST', '/buckets', { jar })).status, 405);
	});
	await h.test('no session, no page', async () => {
		for (const at of ['/buckets.json', '/buckets.csv', `/buckets/${list.buckets[0].id}.json`])
			assert.strictEqual((await p.get(at)).status, 401, at);
		const r = await p.get('/buckets', { headers: { Accept: 'text/html' } });
		assert.ok(r.status >= 302 && r.status <= 303);
		assert.strictEqual(r.headers.location, '/signin');
		const made = new Jar();
		made.cookies.set('__Host-cs', 'f'.repeat(64));
		assert.strictEqual((await p.get('/buckets.json', { jar: made })).status, 401);
	});
	await h.test('signing out ends the session', async () => {
		const out = await p.signIn('ev');
		const kept = new Jar();
		kept.cookies = new Map(out.cookies);
		const r = await p.request('POST', '/signout.json', { jar: out, body: Buffer.alloc(0) });
		assert.ok(r.status < 400, r.text);
		assert.strictEqual((await p.get('/buckets.json', { jar: kept })).status, 401);
	});
};
