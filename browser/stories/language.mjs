// Changes the language on a page; the pages after it remember.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Buyer, PHONE } from '../harness/buyer.mjs';
import { WORDS } from '../harness/words.mjs';

export default function stories() {
  it('switches to Chinese on the payment page and back on the result page', () =>
    Buyer.story('language', { width: PHONE }, async (buyer) => {
      await buyer.buy('test-utf8');
      await change(buyer, 'zh');
      await buyer.goOn();
      await buyer.pay();
      await buyer.comeBack({ wait: true });
      buyer.words = WORDS.zh;
      await buyer.seesPaid();
      await buyer.see('5-result');
      await change(buyer, 'en');
      buyer.words = WORDS.en;
      await buyer.seesPaid();
      await buyer.press(buyer.page.getByRole('link', { name: buyer.words.toShop }));
      await buyer.page.getByRole('heading', { name: buyer.words.orders }).waitFor();
    }));
}

/** Follows the page's own link. */
async function change(buyer, lang) {
  await buyer.press(buyer.page.locator(`a[href*="lang=${lang}"]`));
  await buyer.page.locator(`html[lang^="${lang}"]`).waitFor();
  buyer.lang = lang;
  assert.equal(await buyer.page.locator(`a[href*="lang=${lang}"]`).count(), 0, 'a switch to where we are');
}
