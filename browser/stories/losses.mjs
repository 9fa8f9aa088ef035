// Something on the way is lost, and the order becomes paid all the same: by whichever witness is left.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Buyer, PHONE } from '../harness/buyer.mjs';
import { demo } from '../harness/world.mjs';

const LOST = { lose: true };
const DOWN = { kind: 'down' };

export default function stories() {
  it('closes the success page before it leads on: the notify alone pays', () =>
    Buyer.story('page-closed', { width: PHONE, lang: 'zh' }, async (buyer) => {
      const order = await buyer.buy('test-utf8');
      await demo.faults(order, { query: DOWN });
      await buyer.goOn();
      await buyer.pay();
      await buyer.anotherTab();
      await buyer.page.goto(demo.shop);
      await buyer.press(buyer.page.getByRole('link', { name: buyer.words.orders }));
      await buyer.seesOrder(order, buyer.words.orderPaid);
      await buyer.see('5-orders');
      assert.deepEqual(await witnesses(order), ['notify']);
      assert.ok(!buyer.addresses.some((address) => address.includes('/return/')), 'the browser was sent back');
    }));

  it('loses the notify: the return pays', () =>
    Buyer.story('notify-lost', {}, async (buyer) => {
      const order = await buyer.buy('test-gbk');
      await demo.faults(order, { notify: LOST, query: DOWN });
      await buyer.goOn();
      await buyer.pay();
      assert.equal((await demo.order(order)).status, 'unpaid');
      await buyer.comeBack({ wait: true });
      await buyer.seesPaid();
      await buyer.see('5-result');
      assert.deepEqual(await witnesses(order), ['return']);
    }));

  it('loses both: "Payment completed" asks, and pays as soon as the gateway answers', () =>
    // Without scripts the page stands still once the button was pressed: what happens next, the button does.
    Buyer.story('both-lost', { lang: 'zh', script: false }, async (buyer) => {
      const order = await lost(buyer);
      await buyer.openResult(order);
      await buyer.saysCompleted();
      await buyer.seesUnpaid(buyer.words.timedOut);
      await demo.faults(order, { notify: LOST, return: LOST });
      await buyer.saysCompleted();
      await buyer.seesPaid();
      await buyer.see('5-result');
      assert.deepEqual(await witnesses(order), ['query']);
    }));

  it('loses both: a page whose button was pressed changes by itself when the gateway answers', () =>
    Buyer.story('news', { width: PHONE, lang: 'zh' }, async (buyer) => {
      const order = await lost(buyer);
      await buyer.openResult(order);
      await buyer.saysCompleted();
      await buyer.seesUnpaid(buyer.words.timedOut);
      await demo.faults(order, { notify: LOST, return: LOST });
      await buyer.seesPaid();
      await buyer.see('5-result');
    }));

  it('loses both, and the gateway says nothing for the whole minute: "Payment completed" still asks', () =>
    Buyer.story('minute-lost', { width: PHONE }, async (buyer) => {
      const order = await lost(buyer);
      await buyer.openResult(order);
      await buyer.seesUnpaid(buyer.words.checking);
      await buyer.see('5-checking');
      await buyer.seesUnpaid(buyer.words.timedOut);
      await buyer.see('6-timed-out');
      await demo.faults(order, { notify: LOST, return: LOST });
      await buyer.saysCompleted();
      await buyer.seesPaid();
      await buyer.see('7-result');
      assert.deepEqual(await witnesses(order), ['query']);
    }));
}

/** Buys and pays; neither notify nor return gets through, and queries find nobody. */
async function lost(buyer) {
  const order = await buyer.buy('test-utf8');
  await demo.faults(order, { notify: LOST, return: LOST, query: DOWN });
  await buyer.goOn();
  await buyer.pay();
  return order;
}

/** Who told us of the money, once the order is paid. */
async function witnesses(order) {
  const paid = await demo.paid(order);
  assert.equal(paid.trades.length, 1);
  return paid.trades[0].witnesses;
}
