/*
 * Crash uploads that are fine, and all kinds that are not.
 */
'use strict';
const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const tls = require('node:tls');
const { spawnSync } = require('node:child_process');
const zlib = require('node:zlib');
const { multipart, sleep, CRASH } = require('./portal');

module.exports = async (h, p) => {
	const count = (what) => Number(p.sql(`SELECT coalesce(sum(n), 0) FROM countersign.ledger
	    WHERE outcome = '${what}'`));
	const refused = (r, status, code) => {
		assert.strictEqual(r.status, status, r.text.slice(0, 300));
		assert.match(r.text, code);
	};
	/* Where an acknowledged report is by now. */
	const fate = (id) => p.sql(`SELECT
	    (SELECT count(*) FROM countersign.inbox WHERE receipt_hash = sha256('${id}'))
	    || ' ' || (SELECT count(*) FROM countersign.receipt WHERE hash = sha256('${id}'))
	    || ' ' || (SELECT count(*) FROM countersign.failure WHERE receipt_hash = sha256('${id}'))`);
	const acknowledged = (r) => {
		assert.strictEqual(r.status, 200, r.text.slice(0, 300));
		assert.match(r.text, /^[0-9a-f]{32}$/);
		return r.text;
	};

	await h.test('an upload is acknowledged and processed', async () => {
		const before = count('processed');
		const id = acknowledged(await p.upload(p.dump()));
		await p.drained();
		assert.strictEqual(fate(id), '0 1 0');
		assert.strictEqual(count('processed'), before + 1);
	});
	await h.test('gzip and chunked, as Crashpad sends it', async () => {
		const { body, type } = multipart({ prod: 'x', upload_file_minidump: { file: 'd',
			content: p.dump() } });
		const id = acknowledged(await p.request('POST', '/submit', { headers: {
			'Content-Type': type, 'Content-Encoding': 'gzip', 'Transfer-Encoding': 'chunked' },
		body: zlib.gzipSync(body) }));
		await p.drained();
		assert.strictEqual(fate(id), '0 1 0');
	});
	await h.test('the same dump twice counts once', async () => {
		const dump = p.dump();
		acknowledged(await p.upload(dump));
		await p.drained();
		const before = count('duplicate');
		const id = acknowledged(await p.upload(dump));
		await p.drained();
		assert.strictEqual(count('duplicate'), before + 1);
		assert.strictEqual(fate(id).split(' ')[0], '0');
	});
	await h.test('a dump of 5 MB goes through the spool and leaves nothing there', async () => {
		const id = acknowledged(await p.upload(p.dump(...CRASH, '--size', String(5 << 20))));
		await p.drained();
		assert.strictEqual(fate(id), '0 1 0');
		await p.spoolEmpty();
	});
	/* Invariant 7: a phrase of the dump is in no file once it is acknowledged and
	 * processed: not in the inbox's pages, the write-ahead log, the store, a log. */
	await h.test('nothing of a dump lies at rest in the clear', async () => {
		const phrase = Buffer.from(`canary-${crypto.randomBytes(12).toString('hex')}`);
		for (const size of [16 << 10, 2 << 20]) {
			const dump = p.dump(...CRASH, '--size', String(size));
			phrase.copy(dump, dump.length - phrase.length - 8);
			acknowledged(await p.upload(dump));
			await p.drained();
		}
		await p.spoolEmpty();
		p.sql('CHECKPOINT');
		const found = () => spawnSync('grep', ['-rlaF', phrase.toString(), p.file('pg'),
			p.file('dumps'), p.file('spool'), p.file('log')], { encoding: 'utf8' });
		assert.deepStrictEqual([found().status, found().stdout], [1, '']);
		/* and the search would have found it */
		fs.writeFileSync(p.file('log/control'), phrase);
		assert.strictEqual(found().stdout, `${p.file('log/control')}\n`);
		fs.unlinkSync(p.file('log/control'));
	});
	await h.test('a body of zero bytes', async () => {
		const headers = { 'Content-Type': 'multipart/form-data; boundary=b' };
		refused(await p.request('POST', '/submit', { headers, body: Buffer.alloc(0) }), 400,
			/body-empty/);
		refused(await p.request('POST', '/submit', { headers: { ...headers,
			'Transfer-Encoding': 'chunked' } }), 400, /body-empty/);
	});
	await h.test('a multipart body that was cut off', async () => {
		const { body, type } = multipart({ prod: 'x', upload_file_minidump: { file: 'd',
			content: p.dump() } });
		refused(await p.request('POST', '/submit', { headers: { 'Content-Type': type },
			body: body.subarray(0, body.length - 40) }), 400, /multipart-truncated/);
	});
	await h.test('a client that hangs up in the middle', async () => {
		const before = count('acknowledged');
		for (const size of [100000, 8 << 20]) {
			const s = tls.connect({ port: p.port, host: '127.0.0.1', ca: p.ca });
			await new Promise((go) => s.once('secureConnect', go));
			s.on('error', () => {});
			s.write(`POST /submit HTTP/1.1\r\nHost: ${p.host}\r\nContent-Type: multipart/form-data; ` +
				`boundary=b\r\nContent-Length: ${size}\r\n\r\n`);
			s.write(Buffer.alloc(size >> 1));
			await sleep(300);
			s.destroy();
		}
		await p.spoolEmpty();
		assert.strictEqual(count('acknowledged'), before);
	});
	await h.test('a multipart without a dump', async () => {
		refused(await p.post('/submit', { prod: 'x', ver: '1' }), 400, /no-dump/);
	});
	await h.test('a dump that is none', async () => {
		refused(await p.upload(Buffer.from('this is no minidump at all')), 400, /not-a-dump/);
		refused(await p.upload(Buffer.alloc(0)), 400, /dump-empty/);
	});
	await h.test('not multipart, unknown encoding, wrong method', async () => {
		refused(await p.request('POST', '/submit', { headers: { 'Content-Type': 'application/json' },
			body: Buffer.from('{}') }), 415, /not-multipart/);
		refused(await p.request('POST', '/submit', { headers: { 'Content-Encoding': 'br',
			'Content-Type': 'multipart/form-data; boundary=b' }, body: Buffer.from('x') }), 415,
		/encoding-unknown/);
		assert.strictEqual((await p.get('/submit')).status, 405);
	});

	/* 300 MB of zeros, with and without their length. */
	const stream = (headers) => new Promise((answered) => {
		const s = tls.connect({ port: p.port, host: '127.0.0.1', ca: p.ca });
		const chunked = !headers.includes('Content-Length');
		const piece = Buffer.alloc(1 << 20);
		let got = '', sent = 0, over = false;
		const end = () => {
			over = true;
			s.destroy();
			answered(got);
		};
		const push = () => {
			while (!over && sent < 300) {
				sent++;
				const whole = chunked ? Buffer.concat([Buffer.from('100000\r\n'), piece,
					Buffer.from('\r\n')]) : piece;
				if (!s.write(whole))
					return void s.once('drain', push);
			}
		};
		s.on('data', (d) => {
			got += d;
			if (/^[\s\S]*\r\n\r\n[\s\S]+/.test(got))
				end();
		});
		s.on('error', end);
		s.on('close', () => over || end());
		s.once('secureConnect', () => {
			s.write(`POST /submit HTTP/1.1\r\nHost: ${p.host}\r\n${headers}` +
				'Content-Type: multipart/form-data; boundary=b\r\n\r\n');
			push();
		});
	});
	await h.test('300 MB that say so', async () => {
		const answer = await stream(`Content-Length: ${300 << 20}\r\n`);
		assert.match(answer, /^HTTP\/1.1 413 /);
		assert.match(answer, /too-large: /);
	});
	await h.test('300 MB that do not say so', async () => {
		const answer = await stream('Transfer-Encoding: chunked\r\n');
		assert.match(answer, /^HTTP\/1.1 413 /);
		await p.spoolEmpty();
	});
	await h.test('a gzip bomb', async () => {
		const { body, type } = multipart({ prod: 'x', upload_file_minidump: { file: 'd',
			content: Buffer.concat([p.dump(), Buffer.alloc(600 << 20)]) } });
		const bomb = zlib.gzipSync(body, { level: 9 });
		const headers = { 'Content-Type': type, 'Content-Encoding': 'gzip' };
		assert.ok(bomb.length < 1 << 20, 'fits the small road');
		refused(await p.request('POST', '/submit', { headers, body: bomb }), 413, /inflate-too-large/);
	});
	await h.test('a gzip bomb of over a megabyte', async () => {
		const { body, type } = multipart({ prod: 'x', upload_file_minidump: { file: 'd',
			content: Buffer.concat([p.dump(), crypto.randomBytes(1200000), Buffer.alloc(500 << 20)]) } });
		const r = await p.request('POST', '/submit', { headers: { 'Content-Type': type,
			'Content-Encoding': 'gzip' }, body: zlib.gzipSync(body) });
		if (r.status !== 200)
			refused(r, 413, /too-large/);
		await p.drained();
		await p.spoolEmpty();
		if (r.status === 200)
			assert.strictEqual(fate(r.text), '0 0 1', 'a failure with a reason');
	});
	await h.test('damaged gzip', async () => {
		const { body, type } = multipart({ prod: 'x', upload_file_minidump: { file: 'd',
			content: p.dump() } });
		const gz = zlib.gzipSync(body);
		const headers = { 'Content-Type': type, 'Content-Encoding': 'gzip' };
		refused(await p.request('POST', '/submit', { headers, body: gz.subarray(0, gz.length - 20) }),
			400, /inflate-truncated/);
		gz.fill(0x5a, 40, 80);
		refused(await p.request('POST', '/submit', { headers, body: gz }), 400, /inflate-bad/);
	});
	await h.test('a dump whose module list points outside the file', async () => {
		const dump = p.dump();
		const directory = dump.readUInt32LE(12), streams = dump.readUInt32LE(8);
		let changed = 0;
		for (let i = 0; i < streams; i++) {
			const entry = directory + 12 * i;
			if (dump.readUInt32LE(entry) === 4) { /* ModuleListStream */
				dump.writeUInt32LE(0xfffffff0, entry + 8);
				changed++;
			}
		}
		assert.strictEqual(changed, 1);
		const id = acknowledged(await p.upload(dump));
		await p.drained();
		const [inbox, receipts, failures] = fate(id).split(' ').map(Number);
		assert.strictEqual(inbox, 0);
		assert.strictEqual(receipts + failures, 1, 'a report without modules, or a failure');
	});
	await h.test('a thousand modules, each a megabyte away from the truth', async () => {
		const dump = p.dump();
		const directory = dump.readUInt32LE(12), streams = dump.readUInt32LE(8);
		for (let i = 0; i < streams; i++) {
			const entry = directory + 12 * i;
			if (dump.readUInt32LE(entry) === 4)
				dump.writeUInt32LE(0x7fffffff, dump.readUInt32LE(entry + 8));
		}
		const id = acknowledged(await p.upload(dump));
		await p.drained();
		assert.strictEqual(fate(id).split(' ')[0], '0');
	});
	await h.test('headers that a client invents do not reach the application', async () => {
		const r = await p.post('/submit', { prod: 'x' }, { headers: {
			'X-Body-File': '/etc/passwd', 'X-Request-Id': '0'.repeat(32), 'X-Remote': '9.9.9.9' } });
		refused(r, 400, /no-dump/);
	});
	await h.test('nothing of all this was lost or is left', async () => {
		await p.drained();
		await p.spoolEmpty();
		p.countersign('doctor');
	});
};
