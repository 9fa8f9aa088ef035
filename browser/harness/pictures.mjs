// Pictures of the pages, kept for people to look at.

import assert from 'node:assert/strict';
import { mkdir, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

/** Where they are kept. */
export const FOLDER = fileURLToPath(new URL('../artefacts', import.meta.url));
/** A page is lighter than this, its style and script included. */
const BYTES_MAX = 30 * 1024;

/** Takes the last run's pictures away. */
export async function clear() {
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
}

/** Keeps a picture of the whole page, and checks what a picture cannot show: weight, and nothing beyond the edge. */
export async function keep(page, name) {
  await page.screenshot({ path: path.join(FOLDER, `${name}.png`), fullPage: true, animations: 'disabled' });
  const bytes = Buffer.byteLength(await page.content());
  assert.ok(bytes < BYTES_MAX, `${name}: a page of ${bytes} bytes`);
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  assert.equal(beyond, 0, `${name}: ${beyond} px beyond the edge of the screen`);
}
