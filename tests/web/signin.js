/*
 * Signing in: the road, and every wrong way to take it.
 */
'use strict';
const assert = require('node:assert');
const { Jar } = require('./portal');

module.exports = async (h, p) => {
	/* A refusal has a code, a sentence, and says what to do. */
	const refused = (r, status, code) => {
		const v = r.json();
		assert.ok([].concat(status).includes(r.status), `${r.status} ${r.text}`);
		assert.match(v.code, code);
		assert.ok(v.sentence || v.seen, `a sentence: ${r.text}`);
		assert.strictEqual(r.headers['x-countersign-code'], v.code);
	};
	/* Signed by leaf, with changes on the way. */
	const attempt = async (leaf, { name, before = (x) => x, after = (x) => x, digest } = {}) => {
		const jar = new Jar();
		const c = await p.challenge(jar);
		const signed = p.sign(before(c.cabinet), leaf, name === undefined ? c.program_name :
			name, { digest });
		return { r: await p.handIn(c.path, after(signed), jar), jar, c };
	};

	await h.test('an EV certificate signs in', async () => {
		const jar = await p.signIn('ev');
		const list = await p.get('/buckets.json', { jar });
		assert.strictEqual(list.status, 200, list.text);
		assert.match(list.json().vendor, /Birch Metering/);
		assert.ok(list.json().buckets.length > 0);
	});
	await h.test('so do an organisation\'s and a subscriber\'s', async () => {
		for (const [leaf, name] of [['ov', /Alder/], ['subscriber', /Cedar/]]) {
			const list = await p.get('/buckets.json', { jar: await p.signIn(leaf) });
			assert.match(list.json().vendor, name);
			assert.ok(list.json().buckets.length > 0, `${leaf} has buckets`);
		}
	});
	await h.test('the page shows the commands and works without scripts', async () => {
		const r = await p.get('/signin', { headers: { Accept: 'text/html' } });
		assert.strictEqual(r.status, 200);
		for (const tool of ['signtool', 'osslsigncode', 'jsign', 'AzureSignTool', 'curl'])
			assert.ok(r.text.includes(tool), tool);
		assert.match(r.text, /<form[^>]+method="?post/i);
	});
	await h.test('the challenge is a cabinet, the same however often it is fetched', async () => {
		const jar = new Jar();
		const c = await p.challenge(jar);
		const again = await p.get(new URL(c.cabinet_url).pathname, { jar });
		assert.strictEqual(c.cabinet.subarray(0, 4).toString(), 'MSCF');
		assert.ok(again.body.equals(c.cabinet));
		assert.match(c.program_name, new RegExp(`^countersign ${p.host} [a-z2-7]{52}$`));
	});
	await h.test('a challenge that has expired', async () => {
		const jar = new Jar();
		const c = await p.challenge(jar);
		const signed = p.sign(c.cabinet, 'ev', c.program_name);
		p.sql(`UPDATE countersign.challenge SET expires_at = now() - interval '1 second'
		    WHERE id = '${c.id}'`);
		refused(await p.handIn(c.path, signed, jar), 410, /^challenge-expired$/);
	});
	await h.test('a challenge that was used', async () => {
		const jar = new Jar();
		const c = await p.challenge(jar);
		const signed = p.sign(c.cabinet, 'ev', c.program_name);
		assert.strictEqual((await p.handIn(c.path, signed, jar)).json().verdict, 'accepted');
		refused(await p.handIn(c.path, signed, jar), 409, /^challenge-replayed$/);
	});
	await h.test('a challenge of another visitor', async () => {
		const jar = new Jar(), other = new Jar();
		const c = await p.challenge(jar);
		await p.challenge(other);
		const signed = p.sign(c.cabinet, 'ev', c.program_name);
		refused(await p.handIn(c.path, signed, other), 403, /^challenge-foreign$/);
		refused(await p.handIn(c.path, signed, new Jar()), 403, /^challenge-foreign$/);
	});
	await h.test('the signature of one challenge handed in for another', async () => {
		const jar = new Jar();
		const first = await p.challenge(jar), second = await p.challenge(jar);
		const signed = p.sign(first.cabinet, 'ev', first.program_name);
		refused(await p.handIn(second.path, signed, jar), 403, /^[a-z0-9-]+$/);
	});
	await h.test('a challenge altered before it was signed', async () => {
		const { r } = await attempt('ev', { before: (cab) => {
			const b = Buffer.from(cab);
			b[b.length - 5] ^= 1;
			return b;
		} });
		refused(r, 403, /^challenge-/);
	});
	await h.test('a challenge altered after it was signed', async () => {
		const { r, jar } = await attempt('ev', { after: (cab) => {
			const b = Buffer.from(cab);
			b[100] ^= 1;
			return b;
		} });
		refused(r, 403, /^[a-z0-9-]+$/);
		assert.strictEqual((await p.get('/buckets.json', { jar })).status, 401);
	});
	await h.test('a cabinet that is not ours', async () => {
		const jar = new Jar(), other = new Jar();
		const c = await p.challenge(jar), foreign = await p.challenge(other);
		const signed = p.sign(foreign.cabinet, 'ev', c.program_name);
		refused(await p.handIn(c.path, signed, jar), 403, /^[a-z0-9-]+$/);
	});
	await h.test('bytes that are no cabinet', async () => {
		for (const bytes of [Buffer.from('hello'), Buffer.alloc(60000, 0x4d)]) {
			const jar = new Jar();
			const c = await p.challenge(jar);
			refused(await p.handIn(c.path, bytes, jar), [403, 404], /^challenge-not-ours$/);
		}
	});
	await h.test('the challenge unsigned', async () => {
		const jar = new Jar();
		const c = await p.challenge(jar);
		refused(await p.handIn(c.path, c.cabinet, jar), 403, /^[a-z0-9-]+$/);
	});
	await h.test('a "signature" of 5 MB', async () => {
		const jar = new Jar();
		const c = await p.challenge(jar);
		const r = await p.handIn(c.path, Buffer.alloc(5 << 20, 0x30), jar);
		assert.strictEqual(r.status, 413, r.text.slice(0, 200));
		assert.match(r.text, /too-large/);
	});
	await h.test('a signature of nothing', async () => {
		const jar = new Jar();
		const c = await p.challenge(jar);
		refused(await p.handIn(c.path, Buffer.alloc(0), jar), 400, /^upload-empty$/);
	});
	await h.test('without program name, or with another', async () => {
		refused((await attempt('ev', { name: '' })).r, 403, /program-name|challenge/);
		refused((await attempt('ev', { name: 'My Product 1.0' })).r, 403, /program-name|challenge/);
		refused((await attempt('ev', { name: `countersign ${p.host} ${'a'.repeat(52)}` })).r, 403,
			/program-name|challenge/);
	});
	for (const [leaf, why] of [['unknown', 'below a rogue root with the right names'],
		['expired', 'that has expired'], ['future', 'that is not valid yet'],
		['tls', 'for TLS servers'], ['self', 'that signed itself'], ['weak', 'with a short key']])
		await h.test(`a certificate ${why}`, async () => {
			const { r, jar } = await attempt(leaf);
			refused(r, 403, /^[a-z0-9-]+$/);
			assert.strictEqual((await p.get('/buckets.json', { jar })).status, 401);
		});
	await h.test('a SHA-1 signature', async () => {
		refused((await attempt('ev', { digest: 'sha1' })).r, 403, /^[a-z0-9-]+$/);
	});
	await h.test('a hand-in from another site', async () => {
		const jar = new Jar();
		const c = await p.challenge(jar);
		const r = await p.post(`${c.path}.json`, { file: { file: 'x', content: 'x' } },
			{ jar, headers: { Origin: 'https://elsewhere.example', 'Sec-Fetch-Site': 'cross-site' } });
		assert.strictEqual(r.status, 403, r.text);
	});
	await h.test('a refusal is a page, too', async () => {
		const jar = new Jar();
		const c = await p.challenge(jar);
		const signed = p.sign(c.cabinet, 'self', c.program_name);
		let r = await p.post(c.path, { file: { file: 's.cab', content: signed } }, { jar,
			headers: { Accept: 'text/html' } });
		for (let i = 0; i < 10 && (r.status === 303 || r.status === 302 || r.status === 202); i++)
			r = await p.get(r.headers.location || last, { jar, headers: { Accept: 'text/html' } });
		assert.strictEqual(r.status, 403);
		assert.match(r.headers['content-type'], /text\/html/);
		assert.ok(r.text.includes('Elder Effects'), 'names the certificate');
	});
	await h.test('sign-ins and refusals are audit rows', async () => {
		const rows = p.sql(`SELECT count(*) FILTER (WHERE action ~ 'sign.*in' AND action !~ 'refused'),
		    count(*) FILTER (WHERE action ~ 'refused') FROM countersign.audit`).split('|').map(Number);
		assert.ok(rows[0] >= 3 && rows[1] >= 10, String(rows));
		p.countersign('audit', 'verify');
	});
};
