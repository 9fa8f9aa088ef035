// Nobody paid: the pages say so without claiming to know, and never show a seal.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Buyer, DESKTOP, PHONE } from '../harness/buyer.mjs';
import { SANDBOX } from '../harness/words.mjs';
import { demo } from '../harness/world.mjs';

export default function stories() {
  for (const [width, lang, script] of [[DESKTOP, 'en', true], [PHONE, 'zh', false]]) {
    it(`leaves without paying and says "completed", ${lang}, ${script ? 'with' : 'without'} scripts`, () =>
      Buyer.story(script ? 'unpaid' : 'unpaid-no-script', { width, lang, script }, async (buyer) => {
        const order = await buyer.buy('test-utf8');
        await buyer.goOn();
        await buyer.press(buyer.page.getByRole('button', { name: SANDBOX.leave }));
        await buyer.openResult(order);
        await buyer.saysCompleted();
        await buyer.seesUnpaid(buyer.words.notYet);
        await buyer.see('5-not-yet');
        await buyer.openResult(order);
        await buyer.seesUnpaid(buyer.words.checking);
        await buyer.seesUnpaid(buyer.words.timedOut);
        await buyer.see('6-timed-out');
        assert.equal((await demo.order(order)).status, 'unpaid');

        await buyer.page.goto(`${demo.shop}/orders`);
        await buyer.seesOrder(order, buyer.words.orderWaits);
        await buyer.see('7-orders');
      }));
  }
}
