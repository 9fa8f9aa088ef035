// What all stories of a run share: one demo, one browser. Each story has a browser context and orders of its own.

import { launch } from './browser.mjs';
import { Demo } from './demo.mjs';
import { clear } from './pictures.mjs';

/** The running demo. */
export let demo;
/** The running browser. */
export let browser;

/** Starts both. */
export async function open() {
  await clear();
  demo = await Demo.start();
  browser = await launch();
}

/** Stops what was started. */
export async function close() {
  await browser?.close();
  await demo?.stop();
}
