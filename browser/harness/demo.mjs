// The built program with its sandbox gateway and its shop, as `quittance demo` starts them, on free ports.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import path from 'node:path';

/** The sandbox's one merchant. */
export const PARTNER = '2088000000000001';
/** A start that takes longer than this has failed. */
const START_MS = 30_000;
/** Above the server's own limit for a drain. */
const STOP_MS = 30_000;

const PROGRAM = process.env.QUITTANCE ?? fileURLToPath(new URL('../../target/debug/quittance', import.meta.url));

export class Demo {
  #child;
  #folder;
  #key;

  /** Starts it; when this resolves, the three addresses answer. */
  static async start() {
    const demo = new Demo();
    demo.#folder = await mkdtemp(path.join(tmpdir(), 'quittance-browser-'));
    const data = path.join(demo.#folder, 'data');
    demo.#child = spawn(PROGRAM, ['demo', '--lang', 'en', '--listen', '127.0.0.1:0', '--data', data], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    try {
      demo.#read(await greeting(demo.#child));
    } catch (error) {
      await demo.stop();
      throw error;
    }
    return demo;
  }

  #read(text) {
    const find = (pattern, what) => {
      const found = pattern.exec(text);
      assert.ok(found, `the demo prints no ${what}:\n${text}`);
      return found[1];
    };
    this.shop = find(/^shop\s+(http:\S+)$/m, 'shop');
    this.sandbox = find(/^sandbox\s+(http:\S+)$/m, 'sandbox');
    this.server = new URL(find(/^server\s+(http:\S+)$/m, 'server')).origin;
    this.#key = find(/Bearer ([0-9a-f]+)/, 'API key');
  }

  /** Asks it to stop, by its own process id, and waits; one that does not is killed. */
  async stop() {
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_MS);
      await ended;
      clearTimeout(late);
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** The merchant API, read. */
  async api(where) {
    const answer = await fetch(`${this.server}/v1/${where}`, { headers: { authorization: `Bearer ${this.#key}` } });
    assert.equal(answer.status, 200, `${where}: ${await answer.clone().text()}`);
    return answer.json();
  }

  /** The order whose buyer's pages begin with this address. */
  async orderAt(address) {
    const token = /\/pay\/([^/?#]+)/.exec(address)?.[1];
    assert.ok(token, `no order's page: ${address}`);
    for (let after = ''; after !== null; ) {
      const page = await this.api(`orders?limit=200${after && `&after=${encodeURIComponent(after)}`}`);
      const found = page.items.find((order) => order.pay_url.endsWith(`/pay/${token}`));
      if (found) return this.order(found);
      after = page.next;
    }
    assert.fail(`the merchant API knows no order with the page ${address}`);
  }

  /** An order as it stands now. */
  order({ account, order_no }) {
    return this.api(`orders/${account}/${order_no}`);
  }

  /** An order as soon as it is paid. */
  async paid({ account, order_no }) {
    const order = await this.api(`orders/${account}/${order_no}?wait=30`);
    assert.equal(order.status, 'paid', JSON.stringify(order));
    return order;
  }

  /** The sandbox misbehaves about this order from now on, exactly in these ways. */
  async faults({ order_no }, faults) {
    const answer = await fetch(`${this.sandbox}/api/faults/${PARTNER}/${order_no}`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(faults),
    });
    assert.ok(answer.ok, `the sandbox took no faults: ${answer.status} ${await answer.text()}`);
  }
}

/** What the program prints once it runs; its last line says how to stop it. */
function greeting(child) {
  return new Promise((resolve, reject) => {
    let text = '';
    const fail = (why) => reject(new Error(`${PROGRAM} demo: ${why}\n${text}`));
    const late = setTimeout(() => fail('it did not start in time'), START_MS);
    const hear = (chunk) => {
      text += chunk;
      if (text.includes('Ctrl-C')) resolve(text);
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    child.on('error', (error) => fail(error.message));
    child.on('exit', (code, signal) => fail(`it ended with ${code ?? signal}`));
    child.on('exit', () => clearTimeout(late));
    child.stdout.on('data', () => text.includes('Ctrl-C') && clearTimeout(late));
  });
}
