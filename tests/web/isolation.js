/*
 * Every address of one vendor, asked for by another: nothing, and not even
 * whether it exists.
 */
'use strict';
const assert = require('node:assert');

module.exports = async (h, p) => {
	const owners = { ev: /meter\.dll|scope\.dll/, ov: /reverb\.dll|chorus\.dll/ };

	for (const [own, other] of [['ev', 'ov'], ['ov', 'ev']])
		await h.test(`${other} finds nothing of ${own}`, async () => {
			const mine = await p.signIn(own), theirs = await p.signIn(other);
			const list = (await p.get('/buckets.json', { jar: mine })).json();
			assert.ok(list.buckets.length > 0);
			for (const at of ['/buckets', '/buckets.json', '/buckets.csv'])
				assert.doesNotMatch((await p.get(at, { jar: theirs })).text, owners[own], at);
			const nobodys = await p.get(`/buckets/${'9'.repeat(15)}.json`, { jar: theirs });
			const theirIds = new Set((await p.get('/buckets.json', { jar: theirs })).json().buckets
				.map((b) => b.id));
			for (const b of list.buckets) {
				const bucket = (await p.get(`/buckets/${b.id}.json`, { jar: mine })).json();
				for (const form of theirIds.has(b.id) ? [] : ['.json', '.csv', '']) {
					const r = await p.get(`/buckets/${b.id}${form}`, { jar: theirs });
					assert.strictEqual(r.status, 404, `/buckets/${b.id}${form}`);
					if (form === '.json')
						assert.strictEqual(r.json().sentence, nobodys.json().sentence);
				}
				for (const d of bucket.dumps) {
					const r = await p.get(`/dumps/${d.report}`, { jar: theirs });
					assert.strictEqual(r.status, 404, `/dumps/${d.report}`);
					assert.ok(!r.text.includes('MDMP'));
				}
			}
		});
	await h.test('no report number opens a dump to a stranger', async () => {
		const last = Number(p.sql('SELECT max(report) FROM countersign.dump'));
		const jar = await p.signIn('ov');
		const holders = new Set(p.sql(`SELECT DISTINCT rp.report FROM countersign.report_party rp
		    JOIN countersign.vendor_grant g ON g.signer = rp.signer AND g.withdrawn_at IS NULL
		    JOIN countersign.vendor v ON v.id = g.vendor
		    WHERE v.name ~ 'Alder' AND rp.part IN ('blamed', 'application')`).split('\n').map(Number));
		for (let i = 1; i <= Math.min(last, 400); i++) {
			const r = await p.get(`/dumps/${i}`, { jar, headers: { Range: 'bytes=0-3' } });
			if (!holders.has(i))
				assert.strictEqual(r.status, 404, `/dumps/${i}`);
		}
	});
};
