// Pays without a shop: the buyer writes what for and how much.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Buyer, DESKTOP, PHONE } from '../harness/buyer.mjs';
import { TITLE } from '../harness/words.mjs';
import { demo } from '../harness/world.mjs';

export default function stories() {
  for (const [width, lang, script] of [[PHONE, 'zh', true], [DESKTOP, 'en', false]]) {
    it(`pays directly, ${width} px, ${lang}, ${script ? 'with' : 'without'} scripts`, () =>
      Buyer.story('direct', { width, lang, script }, async (buyer) => {
        await buyer.page.goto(`${demo.server}/direct/main`);
        await buyer.page.locator('[name=title]').fill(TITLE);
        await buyer.page.locator('[name=amount]').fill('twelve');
        await buyer.page.locator('[name=remark]').fill('二楼前台');
        await buyer.see('1-form');
        buyer.mistakes(422);
        await buyer.press(buyer.page.getByRole('main').getByRole('button'));
        await buyer.page.locator('[name=amount][aria-invalid=true]').waitFor();
        await buyer.see('2-mistake');
        // Nothing that was right is asked for again.
        await buyer.page.locator('[name=amount]').fill('12.30');
        await buyer.press(buyer.page.getByRole('main').getByRole('button'));
        await buyer.page.waitForURL(`${demo.server}/pay/*`);
        const order = await demo.orderAt(buyer.page.url());
        assert.deepEqual([order.subject, order.amount, order.body], [TITLE, '12.30', '二楼前台']);
        await buyer.goOn();
        await buyer.reads(TITLE);
        await buyer.pay();
        await buyer.comeBack({ wait: false });
        await buyer.seesPaid();
        await buyer.see('5-result');
        await demo.paid(order);
      }));
  }
}
