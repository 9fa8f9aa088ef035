// What no page may do, in any story: speak to another machine, fail to load something, or break its own policy.

import assert from 'node:assert/strict';

export class Guard {
  #wrong = [];
  #expected = [];

  /** Watches every page of a browser context, from now on. */
  constructor(context) {
    const note = (what) => this.#wrong.push(what);
    context.on('request', (request) => {
      const url = new URL(request.url());
      if (url.hostname !== '127.0.0.1' && url.protocol !== 'data:') note(`asked another machine: ${request.url()}`);
    });
    context.on('requestfailed', (request) => {
      const why = request.failure()?.errorText;
      // The browser itself gave it up: the page was left, or closed.
      if (why !== 'net::ERR_ABORTED') note(`failed: ${request.url()} (${why})`);
    });
    context.on('response', (response) => {
      if (response.status() >= 400) note(`answered ${response.status()}: ${response.url()}`);
    });
    // A broken policy is an error on the console, whether or not the page may run scripts.
    context.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) note(`console: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => note(`script: ${error.error().message}`));
  }

  /** A story that makes a mistake on purpose says what the server answers to it. */
  expect(pattern) {
    this.#expected.push(pattern);
  }

  /** What was seen so far, and was not expected. */
  get wrong() {
    return this.#wrong.filter((what) => !this.#expected.some((pattern) => pattern.test(what)));
  }

  /** Fails if anything was. */
  check() {
    assert.deepEqual(this.wrong, []);
  }
}
