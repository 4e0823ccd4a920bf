/*
 * A portal of its own for a test run: state in a temporary folder, a free port,
 * the same tools/run that `make run` starts; beside a running one it disturbs
 * nothing.  Also what every HTTP test needs: a request, a signed challenge, a
 * session.  Node 18 and no package.
 */
'use strict';
const { spawn, execFileSync } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const https = require('node:https');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');

const root = path.resolve(__dirname, '../..');
const build = path.resolve(root, process.env.B || 'build');
const data = path.resolve(root, process.env.COUNTERSIGN_DATA || '../shared/data');
const sleep = (ms) => new Promise((go) => setTimeout(go, ms));

function freePort() {
	return new Promise((found, failed) => {
		const s = net.createServer();
		s.on('error', failed);
		s.listen(0, '127.0.0.1', () => {
			const { port } = s.address();
			s.close(() => found(port));
		});
	});
}

/* Polls until what() is truthy; says what was waited for when it never is. */
async function until(what, seconds, why) {
	const end = Date.now() + seconds * 1000;
	for (;;) {
		const got = await what();
		if (got)
			return got;
		if (Date.now() > end)
			throw new Error(`waited ${seconds} s for ${why}`);
		await sleep(100);
	}
}

class Portal {
	/* demo: about so many dumps, 0 for none.  settings: {section: {key: value}} */
	static async start({ demo = 30, settings = {} } = {}) {
		const p = new Portal();
		p.var = fs.mkdtempSync(path.join(os.tmpdir(), 'countersign-'));
		fs.chmodSync(p.var, 0o755);
		p.port = await freePort();
		p.host = `127.0.0.1:${p.port}`;
		p.url = `https://${p.host}`;
		/* What a killed kore has linked and not yet acknowledged goes by the sweep;
		 * here that comes soon, but not before an upload's deadline is over. */
		const all = { ...settings, intake: { sweep: '30s', ...(settings.intake || {}) }, portal: { host: p.host, port: p.port, var: p.var,
			...(settings.portal || {}) } };
		p.overlay = path.join(p.var, 'test.ini');
		fs.writeFileSync(p.overlay, Object.entries(all).map(([section, keys]) =>
			`[${section}]\n` + Object.entries(keys).map(([k, v]) => `${k} = ${v}\n`)
				.join('')).join(''));
		p.log = path.join(p.var, 'supervisor.log');
		const log = fs.openSync(p.log, 'w');
		p.child = spawn('tools/run', demo ? ['--demo', String(demo)] : ['--no-demo'], {
			cwd: root, stdio: ['ignore', log, log], env: { ...process.env, B: build,
				COUNTERSIGN_SETTINGS: p.overlay },
		});
		p.ended = new Promise((go) => p.child.on('exit', (code, signal) => {
			p.exit = signal || code;
			go();
		}));
		try {
			await until(() => fs.existsSync(path.join(p.var, 'run/ready')) ||
				p.exit !== undefined, 240, 'the portal');
			if (p.exit !== undefined)
				throw new Error(`tools/run ended with ${p.exit}`);
		} catch (e) {
			e.message += '\n' + fs.readFileSync(p.log, 'utf8');
			await p.stop();
			throw e;
		}
		p.ca = fs.readFileSync(path.join(p.var, 'ca.pem'));
		p.agent = new https.Agent({ ca: p.ca, keepAlive: true });
		return p;
	}

	/* Stops everything.  keep: leaves the state for a look. */
	async stop({ keep = false } = {}) {
		if (this.agent)
			this.agent.destroy();
		if (this.exit === undefined) {
			this.child.kill('SIGTERM');
			await this.ended;
		}
		if (!keep && !process.env.KEEP)
			fs.rmSync(this.var, { recursive: true, force: true });
	}

	file(...parts) {
		return path.join(this.var, ...parts);
	}

	pid(name) {
		return Number(fs.readFileSync(this.file('run', `${name}.pid`), 'utf8'));
	}

	env() {
		return { ...process.env, COUNTERSIGN_SETTINGS: `${this.overlay}:${this.file('local.ini')}` };
	}

	countersign(...args) {
		return execFileSync(path.join(build, 'countersign'), args,
			{ cwd: root, env: this.env(), encoding: 'utf8' });
	}

	/* As the superuser: what the tests know and no visitor may. */
	sql(statement) {
		return execFileSync('psql', ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-c', statement,
			`host=${this.file('run/pg')} user=postgres dbname=countersign ` +
			`passfile=${this.file('keys/owner.pgpass')}`], { encoding: 'utf8' }).trim();
	}

	/* Resolves when the inbox is empty. */
	async drained(seconds = 60) {
		await until(() => this.sql('SELECT count(*) FROM countersign.inbox') === '0',
			seconds, 'the inbox to drain');
	}

	/* Files that lie in the spool, the edge's included. */
	spool() {
		const found = [];
		for (const dir of ['spool', 'spool/edge'])
			for (const e of fs.readdirSync(this.file(dir), { withFileTypes: true }))
				if (e.isFile())
					found.push(e.name);
		return found;
	}

	async spoolEmpty(seconds = 30) {
		await until(() => this.spool().length === 0, seconds,
			'an empty spool').catch((e) => {
			throw new Error(`${e.message}: ${this.spool()}`);
		});
	}

	async ready(seconds = 30) {
		await until(async () => (await this.get('/readyz').catch(() => ({}))).status === 200,
			seconds, '/readyz');
	}

	/* {status, headers, body (Buffer), text, json()} */
	request(method, target, { headers = {}, body, jar, agent } = {}) {
		return new Promise((answered, failed) => {
			const all = { ...headers };
			if (jar && jar.header())
				all.Cookie = jar.header();
			if (Buffer.isBuffer(body) && !('Transfer-Encoding' in all))
				all['Content-Length'] = body.length;
			const r = https.request(this.url + target, { method, headers: all,
				agent: agent || this.agent }, (res) => {
				const parts = [];
				res.on('data', (d) => parts.push(d));
				res.on('error', failed);
				res.on('end', () => {
					const whole = Buffer.concat(parts);
					if (jar)
						jar.take(res.headers['set-cookie']);
					answered({ status: res.statusCode, headers: res.headers, body: whole,
						text: whole.toString('utf8'), json: () => JSON.parse(whole) });
				});
			});
			r.on('error', failed);
			if (typeof body === 'function')
				body(r);
			else
				r.end(body);
		});
	}

	get(target, options) {
		return this.request('GET', target, options);
	}

	/* fields: {name: text | {file, content, type}} */
	post(target, fields, options = {}) {
		const { body, type } = multipart(fields);
		return this.request('POST', target, { ...options, body,
			headers: { 'Content-Type': type, ...(options.headers || {}) } });
	}

	upload(dump, fields = {}) {
		return this.post('/submit', { prod: 'test', ver: '1.0', ...fields,
			upload_file_minidump: { file: 'x.dmp', content: dump } });
	}

	/* A dump that nobody has sent yet: --module and the like as make_minidump takes
	 * them. */
	dump(...args) {
		const out = this.file('dump.tmp');
		execFileSync(path.join(build, 'tests/make_minidump'), ['--process',
			String(crypto.randomInt(1, 2 ** 31 - 1)), '--time',
			String(Math.floor(Date.now() / 1000)), ...(args.length ? args : CRASH), out]);
		return fs.readFileSync(out);
	}

	/* ---- signing in -------------------------------------------------------- */

	async challenge(jar) {
		const r = await this.get('/signin.json', { jar });
		if (r.status !== 200)
			throw new Error(`/signin.json: ${r.status} ${r.text}`);
		const c = r.json();
		c.path = new URL(c.upload_url).pathname;
		c.cabinet = (await this.get(new URL(c.cabinet_url).pathname, { jar })).body;
		return c;
	}

	/* osslsigncode's signature of bytes with a leaf of the demo's PKI. */
	sign(bytes, leaf, program, { digest = 'sha256' } = {}) {
		const base = this.file(`sign-${crypto.randomBytes(6).toString('hex')}`);
		fs.writeFileSync(base, bytes);
		try {
			execFileSync('osslsigncode', ['sign', '-h', digest,
				'-certs', this.file('demo/pki', `${leaf}.chain.pem`),
				'-key', this.file('demo/pki', `${leaf}.key`),
				...(program ? ['-n', program] : []),
				'-in', base, '-out', `${base}.out`], { stdio: 'pipe' });
			return fs.readFileSync(`${base}.out`);
		} finally {
			fs.rmSync(base, { force: true });
			fs.rmSync(`${base}.out`, { force: true });
		}
	}

	handIn(target, signed, jar) {
		return this.post(`${target}.json`, { file: { file: 'signed.cab', content: signed } },
			{ jar }).then((r) => this.follow(r, jar));
	}

	/* Follows redirects, and 202 while the worker is at it. */
	async follow(r, jar) {
		for (let i = 0; i < 10 && r.headers.location && (r.status === 202 || r.status >= 301); i++) {
			const to = new URL(r.headers.location, this.url);
			r = await this.get(to.pathname + to.search, { jar,
				headers: { Accept: 'application/json' } });
		}
		return r;
	}

	/* A session's cookie jar of the vendor that holds this leaf. */
	async signIn(leaf) {
		const jar = new Jar();
		const c = await this.challenge(jar);
		const r = await this.handIn(c.path, this.sign(c.cabinet, leaf, c.program_name), jar);
		if (r.status !== 200 || r.json().verdict !== 'accepted')
			throw new Error(`sign-in of ${leaf}: ${r.status} ${r.text}`);
		return jar;
	}
}

/* Cookies by name: all of ours are for the whole host. */
class Jar {
	constructor() {
		this.cookies = new Map();
	}

	take(lines = []) {
		for (const line of lines) {
			const [pair, ...rest] = line.split(';');
			const at = pair.indexOf('=');
			const name = pair.slice(0, at).trim();
			const value = pair.slice(at + 1).trim();
			if (value === '' || rest.some((a) => /^\s*max-age=0$/i.test(a)))
				this.cookies.delete(name);
			else
				this.cookies.set(name, value);
		}
	}

	header() {
		return [...this.cookies].map(([k, v]) => `${k}=${v}`).join('; ');
	}
}

function multipart(fields) {
	const boundary = `----test${crypto.randomBytes(12).toString('hex')}`;
	const parts = [];
	for (const [name, value] of Object.entries(fields)) {
		const file = typeof value === 'object';
		parts.push(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"` +
			(file ? `; filename="${value.file}"\r\nContent-Type: ` +
			(value.type || 'application/octet-stream') : '') + '\r\n\r\n');
		parts.push(file ? value.content : value, '\r\n');
	}
	parts.push(`--${boundary}--\r\n`);
	return { body: Buffer.concat(parts.map((x) => Buffer.from(x))), boundary,
		type: `multipart/form-data; boundary=${boundary}` };
}

/* A crash in a module that nobody signed. */
const CRASH = ['--module', 'tester.exe,0x7ff600000000,0x20000,1700000000,0,1.0.0.0,tester.pdb,' +
	'00112233445566778899AABBCCDDEEFF,1', '--exception', '0xc0000005,0x7ff600001234,0,0x10'];

module.exports = { Portal, Jar, multipart, until, sleep, root, build, data, CRASH };
