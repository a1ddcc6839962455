// What the tests share: the real program for one model, a browser, and a page that is watched.

import { spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

// The modules are installed outside of the repository.
const modules = createRequire(join(resolve(needed('FLOWGATE_BROWSER_MODULES')), 'package.json'));
const { chromium } = modules('playwright-core');

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const axe = await readFile(modules.resolve('axe-core/axe.min.js'), 'utf8');

function needed(name) {
  const value = process.env[name];
  if (!value) throw new Error(`\`${name}\` is not set; hint: run \`cargo xtask browser\``);
  return value;
}

/// The server for `model`, on a port of its own, once it is ready.
export async function serve(model, ...flags) {
  const folder = await mkdtemp(join(tmpdir(), 'flowgate-page-'));
  const ready = join(folder, 'ready');
  const server = start(model, '--port', '0', '--ready-file', ready, ...flags);
  const stop = async () => { await server.stop(); await rm(folder, { recursive: true }); };
  const address = await server.until(() => readFile(ready, 'utf8').catch(() => null));
  return { url: `http://${address}/`, stop };
}

/// The server for a copy of `model` that listens and goes on loading until `finish` is called: a
/// file beside the model, which is hashed when it is loaded, is very large, and then is not.
export async function serveEarly(model) {
  const folder = await mkdtemp(join(tmpdir(), 'flowgate-page-'));
  const copy = join(folder, 'model');
  await cp(join(root, model), copy, { recursive: true });
  const large = join(copy, 'large');
  // It has no blocks: neither room nor time is needed to make it.
  await writeFile(large, '');
  await truncate(large, 2 ** 40);
  const port = await freePort();
  const server = start(copy, '--listen-early', '--port', String(port));
  const stop = async () => { await server.stop(); await rm(folder, { recursive: true }); };
  const url = `http://127.0.0.1:${port}/`;
  await server.until(() => fetch(`${url}v2/health/live`).then(answer => answer.ok, () => false));
  return { url, stop, finish: () => truncate(large, 0) };
}

function start(model, ...flags) {
  const child = spawn(needed('FLOWGATE_BIN'), ['serve', '--model', model, '--host', '127.0.0.1', ...flags], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', data => { log += data; });
  const ended = new Promise(resolve => child.once('exit', resolve));
  const until = async look => {
    for (const begin = Date.now(); ;) {
      const found = await look();
      if (found) return found;
      if (child.exitCode !== null || Date.now() - begin > 60_000) throw new Error(`the server did not get so far: ${log}`);
      await new Promise(resolve => setTimeout(resolve, 20));
    }
  };
  return { until, async stop() { child.kill(); await ended; } };
}

/// Before it is ready, a server tells its address to nobody, so that one has to be found for it.
const freePort = () => new Promise((resolve, reject) => {
  const probe = createServer().once('error', reject);
  probe.listen(0, '127.0.0.1', () => { const { port } = probe.address(); probe.close(() => resolve(port)); });
});

export async function browser() {
  return chromium.launch({
    executablePath: process.env.FLOWGATE_CHROMIUM || '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

export const WIDE = { width: 1440, height: 960 };
export const PHONE = { width: 390, height: 844 };

/// A new page at `url`, loaded, that notes what must not happen: messages on the console,
/// exceptions, requests to another host.
export async function open(browser, url, { viewport = WIDE, colorScheme = 'light', refusals = false, ready = true } = {}) {
  const context = await browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce', permissions: ['clipboard-read', 'clipboard-write'] });
  const page = await context.newPage();
  const faults = [];
  page.on('console', message => {
    // Chromium itself reports every status of 400 and above of a fetch.
    const refused = refusals && message.text().startsWith('Failed to load resource');
    if (['error', 'warning'].includes(message.type()) && !refused) faults.push(message.text());
  });
  page.on('pageerror', error => faults.push(String(error)));
  page.on('request', request => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) faults.push(`a request to ${request.url()}`);
  });
  await page.goto(url);
  if (ready) await page.locator('#run:enabled').waitFor();
  return { page, faults, close: () => context.close() };
}

/// What axe finds wrong: rule and places.
export async function violations(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => globalThis.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(node => node.target.join(' ')).join(', ')}`);
}

/// Runs with the button and waits for the status.
export async function run(page) {
  await page.getByRole('button', { name: 'Run' }).click();
  await page.locator('#result:not([aria-busy]) #status:not(:empty)').waitFor();
}

/// Keeps a picture of the whole page, where a folder for it is named.
export async function picture(page, name) {
  const folder = process.env.FLOWGATE_SCREENSHOTS;
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
