/*
 * The road of two vendors in a real browser: challenge, signature with
 * osslsigncode, list, bucket, dump; then the other vendor, who finds nothing of
 * the first.  A screenshot of each page, wide, narrow and dark, is left in
 * B/screenshots.
 */
'use strict';
const assert = require('node:assert');
const crypto = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');
const { chromium } = require('playwright-core');
const { Harness } = require('../web/harness');
const { Portal, build } = require('../web/portal');

const shots = path.join(build, 'screenshots');
const sizes = {
	wide: { viewport: { width: 1400, height: 900 } },
	narrow: { viewport: { width: 360, height: 740 } },
	dark: { viewport: { width: 1400, height: 900 }, colorScheme: 'dark' },
};
const sha256 = (b) => crypto.createHash('sha256').update(b).digest('hex');

/* What the page says went wrong: violations of its policy, scripts, requests. */
function listen(page, found) {
	page.on('console', (m) => {
		if (m.type() === 'error' && !/status of 4\d\d/.test(m.text()))
			found.push(m.text());
	});
	page.on('pageerror', (e) => found.push(String(e)));
}

/* The same page in every size: nothing may be wider than the window. */
async function shoot(page, name) {
	for (const [size, { viewport, colorScheme }] of Object.entries(sizes)) {
		await page.setViewportSize(viewport);
		await page.emulateMedia({ colorScheme: colorScheme || 'light' });
		const wider = await page.evaluate(() =>
			document.documentElement.scrollWidth - document.documentElement.clientWidth);
		await page.screenshot({ path: path.join(shots, `${name}-${size}.png`), fullPage: true });
		assert.ok(wider <= 0, `${name}-${size} is ${wider} px wider than the window`);
	}
	await page.setViewportSize(sizes.wide.viewport);
	await page.emulateMedia({ colorScheme: 'light' });
}

/* Signs in by the page alone; ends on the list or on a refusal. */
async function signIn(portal, page, leaf, { shot } = {}) {
	await page.goto(`${portal.url}/signin`);
	if (shot)
		await shoot(page, shot);
	const [download] = await Promise.all([page.waitForEvent('download'),
		page.click('a[href$="challenge.cab"]')]);
	const cabinet = fs.readFileSync(await download.path());
	const text = await page.textContent('body');
	const name = /countersign \S+ [a-z2-7]{52}/.exec(text);
	assert.ok(name, 'the page says the program name');
	const signed = portal.sign(cabinet, leaf, name[0]);
	await page.setInputFiles('input[type=file]', { name: 'signed.cab',
		mimeType: 'application/octet-stream', buffer: signed });
	await Promise.all([page.waitForURL(/\/(buckets|attempt)/, { timeout: 30000 }),
		page.click('form[action^="/signin/"] button, form[action^="/signin/"] input[type=submit]')]);
	for (let i = 0; i < 30 && !page.url().endsWith('/buckets') &&
		!(await page.title()).match(/refused/i); i++)
		await page.waitForTimeout(500);
}

async function vendorRoad(h, portal, browser, who) {
	const context = await browser.newContext({ ignoreHTTPSErrors: true, acceptDownloads: true,
		javaScriptEnabled: who.scripts });
	const page = await context.newPage();
	const errors = [];
	listen(page, errors);
	const seen = { addresses: [], context };

	await h.test(`${who.name} signs in`, async () => {
		await signIn(portal, page, who.leaf, { shot: who.shots && 'signin' });
		assert.ok(page.url().endsWith('/buckets'), page.url() + await page.textContent('body'));
	});
	await h.test(`${who.name} sees its own crashes`, async () => {
		const body = await page.textContent('body');
		assert.match(body, who.own);
		assert.doesNotMatch(body, who.foreign);
		if (who.shots)
			await shoot(page, 'buckets');
		seen.addresses = await page.$$eval('a[href^="/buckets/"]', (all) =>
			[...new Set(all.map((a) => a.getAttribute('href')))]);
		assert.ok(seen.addresses.length > 0);
	});
	await h.test(`${who.name} opens a bucket by its row`, async () => {
		await Promise.all([page.waitForURL(/\/buckets\/\d+/), page.click('a[href^="/buckets/"]')]);
		assert.match(await page.textContent('body'), who.own);
		if (who.shots)
			await shoot(page, 'bucket');
	});
	await h.test(`${who.name} downloads a dump, whose hash is right`, async () => {
		const href = await page.getAttribute('a[href^="/dumps/"]', 'href');
		seen.addresses.push(href);
		const [download] = await Promise.all([page.waitForEvent('download'),
			page.click(`a[href="${href}"]`)]);
		const got = sha256(fs.readFileSync(await download.path()));
		const known = portal.sql(`SELECT encode(sha256, 'hex') FROM countersign.dump
		    WHERE report = ${Number(href.split('/').pop())}`);
		assert.strictEqual(got, known);
		const sent = ['demo/dumps', 'demo/uploads'].flatMap((d) => fs.readdirSync(portal.file(d))
			.map((n) => sha256(fs.readFileSync(portal.file(d, n)))));
		assert.ok(sent.includes(got), 'it is one that was sent');
	});
	await h.test(`${who.name}: no page broke its own policy`, () => {
		assert.deepStrictEqual(errors, []);
	});
	return { ...seen, page };
}

async function main() {
	const h = new Harness();
	let portal, browser;
	fs.mkdirSync(shots, { recursive: true });
	try {
		portal = await Portal.start({ demo: 120 });
		browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox',
			'--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
			'--disable-component-update', '--disable-sync'] });
		const first = await vendorRoad(h, portal, browser, { name: 'Birch Metering', leaf: 'ev',
			own: /meter\.dll|scope\.dll/, foreign: /reverb\.dll|chorus\.dll/, scripts: true, shots: true });
		/* Without scripts: everything works all the same. */
		const second = await vendorRoad(h, portal, browser, { name: 'Alder Audio', leaf: 'ov',
			own: /reverb\.dll|chorus\.dll/, foreign: /meter\.dll|scope\.dll/, scripts: false });
		await h.test('the second finds nothing of the first by any address', async () => {
			assert.ok(first.addresses.length > 1);
			const own = new Set(second.addresses);
			for (const at of first.addresses.filter((a) => !own.has(a))) {
				const r = await second.context.request.get(portal.url + at,
					{ ignoreHTTPSErrors: true });
				assert.strictEqual(r.status(), 404, at);
				assert.doesNotMatch(await r.text(), /meter\.dll|scope\.dll|MDMP/);
			}
			await second.page.goto(portal.url + first.addresses[0]);
			await shoot(second.page, 'not-found');
		});
		await h.test('signing out', async () => {
			await first.page.goto(`${portal.url}/buckets`);
			await first.page.click('form[action="/signout"] button');
			await first.page.goto(`${portal.url}/buckets`);
			assert.match(first.page.url(), /\/signin$/);
		});
		await h.test('a refusal is worth reading', async () => {
			const context = await browser.newContext({ ignoreHTTPSErrors: true });
			const page = await context.newPage();
			await page.goto(portal.url);
			await shoot(page, 'home');
			await signIn(portal, page, 'unknown');
			const body = await page.textContent('body');
			assert.match(body, /refused/i);
			assert.match(body, /Alder Audio/);
			await shoot(page, 'refused');
		});
	} catch (e) {
		h.failed++;
		console.log(`not ok the run\n${e.stack}`);
	} finally {
		if (browser)
			await browser.close();
		if (portal)
			await portal.stop();
	}
	h.close();
}

main();
