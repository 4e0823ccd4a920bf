/*
 * Uploads a second through the edge, and the list page against its bare SQL
 * statement; then signature.sh, which compares `countersign signature` with
 * osslsigncode.
 */
'use strict';
const { execFile, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const { Portal, root, build, CRASH } = require('../web/portal');

const rounds = Math.max(5, Number(process.env.BENCH_ROUNDS || 5));
const seconds = Number(process.env.BENCH_SECONDS || 5);
const median = (all) => [...all].sort((a, b) => a - b)[all.length >> 1];
const range = (all) => `${Math.min(...all).toFixed(0)} to ${Math.max(...all).toFixed(0)}`;
const run = (file, args, options = {}) => new Promise((done, failed) =>
	execFile(file, args, { cwd: root, ...options }, (e, out, err) =>
		e ? failed(new Error(`${file}: ${err || e.message}`)) : done(out)));

async function uploads(p) {
	const dump = p.file('bench.dmp');
	fs.writeFileSync(dump, p.dump(...CRASH, '--size', '16384'));
	const size = fs.statSync(dump).size;
	const rates = [], p99 = [], cpu = [];
	for (let i = 0; i <= rounds; i++) {
		const one = JSON.parse(await run(path.join(build, 'tests/load'),
			['127.0.0.1', String(p.port), String(seconds), '64', dump]));
		if (one.other)
			throw new Error(`${one.other} uploads were not acknowledged`);
		if (i === 0)
			continue; /* warming up */
		rates.push(one.per_second);
		p99.push(one.p99_ms);
		cpu.push(one.generator_cpu_seconds / one.seconds);
	}
	console.log(`uploads through the edge, durable, ${size} bytes each: ` +
		`${median(rates).toFixed(0)} a second (${range(rates)} in ${rounds} rounds of ${seconds} s), ` +
		`p99 ${median(p99).toFixed(1)} ms`);
	console.log(`    64 TLS connections from one thread, which took ` +
		`${(median(cpu) * 100).toFixed(0)} % of a core; the worker was reading dumps meanwhile`);
	const began = Date.now();
	const left = Number(p.sql('SELECT count(*) FROM countersign.inbox'));
	await p.drained(1200);
	const took = (Date.now() - began) / 1000;
	if (left > 100)
		console.log(`    then the worker alone: ${left} waiting reports in ${took.toFixed(1)} s, ` +
			`${(left / took).toFixed(0)} a second`);
	p.countersign('doctor');
	if (median(rates) < 500)
		throw new Error(`${median(rates)} uploads a second are less than 500`);
}

/* The list as a page against the same statement, presented and scoped as the
 * page does, in one transaction through pgbench. */
async function list(p) {
	const jar = await p.signIn('ev');
	const cookie = jar.header();
	const secret = jar.cookies.get('__Host-cs');
	const script = p.file('bench.sql');
	const statement = (file, name) => {
		const text = fs.readFileSync(path.join(root, 'queries', file), 'utf8');
		const found = new RegExp(`-- name: ${name} :\\w+\\n([\\s\\S]*?)(?=\\n-- name:|$)`).exec(text);
		return found[1].replace(/^--.*$/gm, '').trim();
	};
	const bare = [statement('portal.sql', 'session_present').replace(/\$1(::text)?/g, `'${secret}'`),
		statement('portal.sql', 'bucket_top').replace(/\$1(::\w+)?/g, '200')];
	fs.writeFileSync(script, `BEGIN;\n${bare.join(';\n')};\nCOMMIT;\n`);
	fs.writeFileSync(p.file('bench.lua'), `wrk.headers["Cookie"] = "${cookie}"\n` +
		'wrk.headers["Accept"] = "text/html"\n');
	const env = { ...process.env, PGPASSFILE: p.file('keys/web.pgpass') };
	const page = [], sql = [];
	for (let i = 0; i <= rounds; i++) {
		const w = await run('wrk', ['-t1', '-c8', `-d${seconds}s`, '-s', p.file('bench.lua'),
			`${p.url}/buckets`]);
		const b = await run('/usr/lib/postgresql/15/bin/pgbench', ['-n', '-M', 'prepared', '-c8', '-j1',
			'-T', String(seconds), '-f', script, '-h', p.file('run/pg'), '-U', 'countersign_web',
			'countersign'], { env });
		if (/Non-2xx/.test(w))
			throw new Error(`wrk: ${w}`);
		if (i === 0)
			continue;
		page.push(Number(/Requests\/sec:\s+([\d.]+)/.exec(w)[1]));
		sql.push(Number(/tps = ([\d.]+) \(without/.exec(b)[1]));
	}
	console.log(`list page through the edge: ${median(page).toFixed(0)} a second (${range(page)}); ` +
		`the bare statement through pgbench: ${median(sql).toFixed(0)} (${range(sql)}); ` +
		`ratio ${(median(page) / median(sql)).toFixed(2)}`);
	console.log(`    8 connections each, ${p.sql('SELECT count(*) FROM countersign.bucket')} buckets, ` +
		`${p.sql('SELECT count(*) FROM countersign.report')} reports`);
}

async function main() {
	let p;
	try {
		p = await Portal.start({ demo: 400 });
		await list(p);
		await uploads(p);
	} catch (e) {
		console.log(e.stack);
		process.exitCode = 1;
	} finally {
		if (p)
			await p.stop();
	}
	const script = path.join(root, 'tests/bench/signature.sh');
	if (fs.existsSync(script)) {
		const r = spawnSync(script, { cwd: root, stdio: 'inherit', env: { ...process.env, B: build,
			BENCH_ROUNDS: String(rounds) } });
		process.exitCode = process.exitCode || r.status;
	}
}

main();
