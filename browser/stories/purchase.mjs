// Buys, on the UTF-8 and on the GBK account at Alipay and on the account at Dinpay, and meets the same title everywhere.

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Buyer, DESKTOP, PHONE } from '../harness/buyer.mjs';
import { TITLE } from '../harness/words.mjs';
import { demo } from '../harness/world.mjs';

/** An article for each account, the account's charset, the title's bytes in it, and what stands for what when the browser
 * is sent back. */
const ARTICLES = {
  utf8: { article: 'test-utf8', charset: 'utf-8', wire: '%E6%B5%8B%E8%AF%95%E5%95%86%E5%93%81', posted: false },
  gbk: { article: 'test-gbk', charset: 'gbk', wire: '%B2%E2%CA%D4%C9%CC%C6%B7', posted: false },
  dinpay: { article: 'test-dinpay', charset: 'utf-8', wire: '%E6%B5%8B%E8%AF%95%E5%95%86%E5%93%81', posted: true },
};

export default function stories() {
  for (const [name, sold] of Object.entries(ARTICLES)) {
    for (const width of [DESKTOP, PHONE]) {
      for (const lang of ['en', 'zh']) {
        it(`buys on the ${name} account, ${width} px, ${lang}`, () =>
          // At the desk they wait to be sent back, on the phone they press the link.
          Buyer.story(`buy-${name}`, { width, lang }, (buyer) => purchase(buyer, sold, { wait: width === DESKTOP })));
      }
    }
  }

  for (const name of ['gbk', 'dinpay']) {
    it(`buys on the ${name} account in the dark`, () =>
      Buyer.story(`dark-${name}`, { width: PHONE, lang: 'zh', dark: true }, async (buyer) => {
        await purchase(buyer, ARTICLES[name], { wait: false });
      }));
  }

  it('chooses Dinpay in the shop', () => Buyer.story('choice', { width: PHONE }, choice));

  it('buys without scripts', () =>
    Buyer.story('no-script', { script: false }, (buyer) => purchase(buyer, ARTICLES.utf8, { wait: true })));

  it('buys by keyboard alone', () =>
    Buyer.story('keyboard', { lang: 'zh', keyboard: true }, (buyer) => purchase(buyer, ARTICLES.gbk, { wait: false })));
}

/** A way that is chosen in the shop decides who is paid. */
async function choice(buyer) {
  const order = await buyer.buy('cup', buyer.words.dinpay);
  assert.equal(order.account, 'dinpay');
  await buyer.press(buyer.page.locator('form[accept-charset] button'));
  await buyer.page.waitForURL(`${demo.sandbox}/cashier/*`);
  await buyer.pay();
  await buyer.comeBack({ wait: false });
  await buyer.seesPaid();
  const { trades } = await demo.paid(order);
  assert.deepEqual(new Set(trades[0].witnesses), new Set(['return', 'notify']));
}

/** The whole way, from the shop and back to it. */
async function purchase(buyer, { article, charset, wire, posted }, { wait }) {
  const order = await buyer.buy(article);
  await buyer.goOn();
  await buyer.reads(TITLE);
  await buyer.page.getByText(order.amount).first().waitFor();
  await buyer.pay();
  await buyer.comeBack({ wait });
  await buyer.seesPaid();
  await buyer.see('5-result');

  const back = buyer.broughtBack(charset);
  assert.equal(back.posted, posted);
  if (posted) {
    // Dinpay does not bring the title back: it is in the form that was posted to the gateway.
    const form = buyer.posted.find(({ address }) => address.startsWith(`${demo.sandbox}/dinpay/gateway`));
    assert.ok(form.body.toUpperCase().includes(wire), form.body);
    assert.equal(back.values.get('notify_type'), 'page_notify');
    assert.equal(back.values.get('order_no'), order.order_no);
  } else {
    assert.ok(back.wire.toUpperCase().includes(wire), back.wire);
    assert.equal(back.values.get('subject'), TITLE);
    assert.equal(back.values.get('out_trade_no'), order.order_no);
  }
  const paid = await demo.paid(order);
  assert.equal(paid.subject, TITLE);
  assert.equal(paid.trades.length, 1);
  assert.equal(paid.trades[0].amount, order.amount);

  await buyer.press(buyer.page.getByRole('link', { name: buyer.words.toShop }));
  await buyer.seesOrder(order, buyer.words.orderPaid);
  await buyer.see('6-orders');
}
