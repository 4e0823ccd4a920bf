/*
 * HTTP tests through the real edge: one portal with a small demo, then the files
 * of this folder in the order in which they can stand each other: what stops
 * processes comes last.
 */
'use strict';
const fs = require('node:fs');
const { Harness } = require('./harness');
const { Portal } = require('./portal');

async function main() {
	const h = new Harness();
	let portal;
	try {
		portal = await Portal.start({ demo: 40 });
		for (const file of ['signin', 'submit', 'captures', 'pages', 'isolation', 'failures'])
			await require(`./${file}`)(h, portal);
	} catch (e) {
		h.failed++;
		console.log(`not ok the portal\n${e.stack}`);
	} finally {
		if (portal) {
			if (h.failed)
				logs(portal);
			await require('./stop')(h, portal).catch((e) => {
				h.failed++;
				console.log(e.stack);
			});
			await portal.stop();
		}
	}
	h.close();
}

/* The ends of the processes' logs, for whoever reads the failure. */
function logs(portal) {
	for (const name of fs.readdirSync(portal.file('log'))) {
		const text = fs.readFileSync(portal.file('log', name), 'utf8').trim();
		if (text && name !== 'access.log' && name !== 'demo.log')
			console.log(`-- ${name}\n${text.split('\n').slice(-12).join('\n')}`);
	}
}

main();
