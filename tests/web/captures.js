/*
 * Genuine requests of Crashpad and Breakpad, byte for byte over TLS.  Only the
 * path of the request line is ours where the capture's was another.
 */
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const tls = require('node:tls');
const { skip, } = require('./harness');
const { data } = require('./portal');

module.exports = async (h, p) => {
	const folder = path.join(data, 'uploads');
	const replay = (bytes) => new Promise((answered, failed) => {
		const s = tls.connect({ port: p.port, host: '127.0.0.1', ca: p.ca });
		let got = '';
		s.on('error', failed);
		s.on('data', (d) => {
			got += d;
			const [head, body] = got.split('\r\n\r\n');
			const length = /content-length: (\d+)/i.exec(head);
			if (length && body !== undefined && body.length >= Number(length[1])) {
				s.end();
				answered({ status: Number(head.split(' ')[1]), body });
			}
		});
		s.on('close', () => failed(new Error(`closed after ${got}`)));
		s.once('secureConnect', () => s.write(bytes));
	});

	for (const name of ['crashpad-gzip-chunked', 'crashpad-chunked', 'breakpad-content-length'])
		await h.test(`the capture ${name}`, async () => {
			const file = path.join(folder, `${name}.http`);
			if (!fs.existsSync(file))
				skip('../shared/data/uploads is not there');
			const bytes = fs.readFileSync(file);
			const line = bytes.indexOf('\r\n');
			const target = bytes.subarray(0, line).toString().replace(/^POST \/bp /, 'POST /submit ');
			const r = await replay(Buffer.concat([Buffer.from(target), bytes.subarray(line)]));
			assert.strictEqual(r.status, 200, r.body);
			assert.match(r.body, /^[0-9a-f]{32}$/);
			await p.drained();
			assert.strictEqual(p.sql(`SELECT count(*) FROM countersign.receipt
			    WHERE hash = sha256('${r.body}')`), '1');
		});
};
