// The result page on paper and in the dark.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Buyer } from '../harness/buyer.mjs';

export default function stories() {
  for (const lang of ['en', 'zh']) {
    it(`prints the receipt, and shows it in the dark, ${lang}`, () =>
      Buyer.story('looks', { lang }, async (buyer) => {
        await buyer.buy('test-gbk');
        await buyer.goOn();
        await buyer.pay();
        await buyer.comeBack({ wait: false });
        await buyer.seesPaid();
        await buyer.page.emulateMedia({ media: 'print' });
        await buyer.seesPaid();
        await buyer.see('5-print');
        assert.ok((await lightness(buyer)) > 0.9, 'paper is white');
        await buyer.page.emulateMedia({ media: 'screen', colorScheme: 'dark' });
        await buyer.see('6-dark');
        assert.ok((await lightness(buyer)) < 0.2, 'the dark is dark');
      }));
  }
}

/** Of the page's ground, from 0 to 1. */
async function lightness(buyer) {
  const colour = await buyer.page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const [red, green, blue, alpha = 1] = colour.match(/[\d.]+/g).map(Number);
  return alpha === 0 ? 1 : (red + green + blue) / 3 / 255;
}
