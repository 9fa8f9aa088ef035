// Pays at CodePay: at the counter's terminal, which stands in a tab beside the shop, and on the hosted page.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Buyer, DESKTOP, PHONE } from '../harness/buyer.mjs';
import { SANDBOX } from '../harness/words.mjs';
import { demo } from '../harness/world.mjs';

const SCREENS = [[DESKTOP, 'en'], [PHONE, 'zh']];
/** The serial number of the demo's terminal. */
const TERMINAL = 'TESTSN0000000001';

export default function stories() {
  // There is one terminal: they stand in line.
  describe('at the counter', { concurrency: 1 }, () => {
    for (const [width, lang] of SCREENS) {
      it(`pays at the terminal, ${width} px, ${lang}`, () => Buyer.story('counter', { width, lang }, pays));
      it(`cancels at the terminal, ${width} px, ${lang}`, () => Buyer.story('counter-cancel', { width, lang }, cancels));
    }
  });

  for (const [width, lang] of SCREENS) {
    it(`pays on CodePay's page, ${width} px, ${lang}`, () => Buyer.story('online', { width, lang }, online));
  }
}

/** The result page waits, and updates by itself when the customer has paid at the terminal. */
async function pays(buyer) {
  const order = await atTerminal(buyer);
  await buyer.beside(`${demo.sandbox}/terminal/${TERMINAL}`, async () => {
    await buyer.reads(order.order_no);
    await buyer.see('4-terminal');
    await buyer.press(buyer.page.getByRole('button', { name: SANDBOX.offline }));
    assert.ok(await buyer.page.getByRole('button', { name: SANDBOX.approve }).isDisabled(), 'it is offline');
    await buyer.see('5-offline');
    await buyer.press(buyer.page.getByRole('button', { name: SANDBOX.online }));
    await buyer.press(buyer.page.getByRole('button', { name: SANDBOX.approve }));
    await buyer.page.getByText(SANDBOX.idle).waitFor();
    await buyer.see('6-idle');
  });
  await buyer.seesPaid();
  await buyer.see('7-result');
  const { trades } = await demo.paid(order);
  assert.equal(trades.length, 1);
}

/** Somebody presses cancel at the terminal: the page says that the order is closed, with no seal. */
async function cancels(buyer) {
  const order = await atTerminal(buyer);
  await buyer.beside(`${demo.sandbox}/terminal/${TERMINAL}`, async () => {
    await buyer.reads(order.order_no);
    await buyer.press(buyer.page.getByRole('button', { name: SANDBOX.cancel }));
    await buyer.page.getByText(SANDBOX.idle).waitFor();
  });
  await buyer.seesUnpaid(buyer.words.closed);
  await buyer.see('4-closed');
}

/** Chooses the counter, and goes on: nothing leads away, the order is at the terminal. */
async function atTerminal(buyer) {
  const order = await buyer.buy('cup', buyer.words.counter);
  await buyer.see('2-confirm');
  await buyer.press(buyer.page.locator('form[accept-charset] button'));
  await buyer.seesUnpaid(buyer.words.atTerminal);
  await buyer.see('3-waiting');
  return order;
}

/** The gateway sends the browser back with nothing that proves anything, and the page finds the payment all the same. */
async function online(buyer) {
  const order = await buyer.buy('cup', buyer.words.online);
  assert.equal(order.account, 'codepay');
  await buyer.press(buyer.page.locator('form[accept-charset] button'));
  await buyer.page.waitForURL(`${demo.sandbox}/cashier/*`);
  await buyer.pay();
  await buyer.comeBack({ wait: false });
  await buyer.seesPaid();
  await buyer.see('5-result');
  const paid = await demo.paid(order);
  assert.ok(!paid.trades[0].witnesses.includes('return'), 'the return is no witness');
}
