// A person with a browser: looks at pages, presses what can be pressed, and keeps pictures.

import assert from 'node:assert/strict';
import { Guard } from './guard.mjs';
import { keep } from './pictures.mjs';
import { SANDBOX, TITLE, WORDS } from './words.mjs';
import { browser, demo } from './world.mjs';

/** How long anything may take to show, on a machine that has other work. */
const WAIT_MS = 25_000;
/** Above the minute for which a result page goes on asking. */
const MINUTE_MS = 100_000;
/** Nothing is further away than so many presses of the Tab key. */
const TABS_MAX = 40;

/** The screens. */
export const DESKTOP = 1280;
export const PHONE = 390;

const HEIGHT = { [DESKTOP]: 800, [PHONE]: 844 };

export class Buyer {
  #context;
  #guard;
  #story;
  #keyboard;

  /** Runs a story with a buyer of these habits, and checks at its end that no page misbehaved. */
  static async story(story, habits, tell) {
    const buyer = new Buyer();
    await buyer.#come(story, habits);
    try {
      await tell(buyer);
      buyer.#guard.check();
    } catch (error) {
      await buyer.#witness(error);
      throw error;
    } finally {
      await buyer.#context.close();
    }
  }

  async #come(story, { width = DESKTOP, lang = 'en', dark = false, script = true, keyboard = false }) {
    this.words = WORDS[lang];
    this.lang = lang;
    this.#story = story;
    this.#keyboard = keyboard;
    this.width = width;
    this.#context = await browser.newContext({
      viewport: { width, height: HEIGHT[width] },
      isMobile: width === PHONE,
      hasTouch: width === PHONE,
      locale: this.words.locale,
      colorScheme: dark ? 'dark' : 'light',
      javaScriptEnabled: script,
    });
    this.#context.setDefaultTimeout(WAIT_MS);
    this.#guard = new Guard(this.#context);
    this.addresses = [];
    this.posted = [];
    this.#context.on('request', (request) => {
      this.addresses.push(request.url());
      if (request.method() === 'POST') this.posted.push({ address: request.url(), body: request.postData() ?? '' });
    });
    this.page = await this.#context.newPage();
  }

  /** A picture of where a story went wrong, and the page's address with the error. */
  async #witness(error) {
    error.message += `\n  at ${this.page.url()}\n  pages misbehaved: ${JSON.stringify(this.#guard.wrong)}`;
    // The page may be gone; the error that is told is the story's.
    await this.see('failed').catch(() => {});
  }

  /** Makes a mistake on purpose, to which the server answers like this. */
  mistakes(status) {
    this.#guard.expect(new RegExp(`^answered ${status}: |^console: .* status of ${status} `));
  }

  /** Keeps a picture of the page as it stands. */
  see(step) {
    return keep(this.page, `${this.#story}-${step}-${this.width}-${this.lang}`);
  }

  /** Closes the tab, and opens another one. */
  async anotherTab() {
    await this.page.close();
    this.page = await this.#context.newPage();
  }

  /** Looks at another page in a tab beside this one, and comes back. */
  async beside(address, look) {
    const here = this.page;
    this.page = await this.#context.newPage();
    await this.page.goto(address);
    await look();
    await this.page.close();
    this.page = here;
  }

  /** Presses a button or follows a link, by mouse, or by keyboard alone. */
  async press(target) {
    if (!this.#keyboard) return target.click();
    await this.reach(target);
    await this.page.keyboard.press('Enter');
  }

  /** Goes to something with the Tab key, and sees where it is. */
  async reach(target) {
    await target.waitFor();
    for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
      await this.page.keyboard.press('Tab');
      if (await target.evaluate((element) => element === document.activeElement)) {
        const outline = await target.evaluate((element) => getComputedStyle(element).outlineStyle);
        assert.notEqual(outline, 'none', `nothing shows that ${target} has the focus`);
        return;
      }
    }
    assert.fail(`the Tab key does not lead to ${target}`);
  }

  /** Waits for a sentence. */
  reads(sentence, timeout = WAIT_MS) {
    return this.page.getByText(sentence, { exact: true }).first().waitFor({ timeout });
  }

  /** In the shop: chooses how to pay, where that can be chosen, and presses "Buy" at an article, which leads to its
   * payment page. Gives the order. */
  async buy(article, way) {
    await this.page.goto(demo.shop);
    await this.see('1-shop');
    const form = this.page.locator('form').filter({ has: this.page.locator(`[name=article][value="${article}"]`) });
    if (way) await form.getByRole('combobox', { name: this.words.payWith }).selectOption({ label: way });
    const title = way ? '' : TITLE;
    await this.press(form.getByRole('button', { name: this.words.buy(title) }));
    await this.page.waitForURL(`${demo.server}/pay/*`);
    return demo.orderAt(this.page.url());
  }

  /** On the payment page: goes on to the cashier. */
  async goOn() {
    await this.reads(TITLE);
    await this.see('2-confirm');
    await this.press(this.page.locator('form[accept-charset] button'));
    await this.page.waitForURL(`${demo.sandbox}/cashier/*`);
  }

  /** At the cashier: pays. */
  async pay() {
    await this.see('3-cashier');
    await this.press(this.page.getByRole('button', { name: SANDBOX.pay }));
    await this.page.getByRole('heading', { name: SANDBOX.succeeded }).waitFor();
    await this.see('4-succeeded');
  }

  /** On the success page: follows the link, or waits to be sent back. */
  async comeBack({ wait }) {
    if (!wait) await this.press(this.page.getByRole('link', { name: SANDBOX.toShop }));
    await this.page.waitForURL(resultPages);
  }

  /** Opens an order's result page as one who has kept its address. */
  async openResult(order) {
    await this.page.goto(`${demo.server}${new URL(order.pay_url).pathname}/result`);
  }

  /** On the result page: sees that it is paid, with the seal. */
  async seesPaid() {
    await this.page.getByRole('heading', { name: this.words.paid }).waitFor();
    await this.page.locator('.seal').waitFor();
  }

  /** On the result page: reads this, with no seal anywhere, within the minute that the page takes to give up. */
  async seesUnpaid(sentence) {
    await this.reads(sentence, MINUTE_MS);
    assert.equal(await this.page.locator('.seal').count(), 0, 'a seal without money');
  }

  /** On the result page: presses "Payment completed". */
  saysCompleted() {
    return this.press(this.page.getByRole('button', { name: this.words.completed }));
  }

  /** On the shop's page of orders: waits until this one says so. */
  async seesOrder(order, says) {
    const entry = this.page.locator('section, article, li, tr').filter({ hasText: order.order_no }).last();
    await entry.getByText(says).first().waitFor();
  }

  /** What the gateway sent back with the browser, in the address or in a form, its values read in the account's charset. */
  broughtBack(charset) {
    const back = (address) => address.startsWith(`${demo.server}/return/`);
    const address = this.addresses.find(back);
    assert.ok(address, 'the browser was not sent back');
    const form = this.posted.find(({ address }) => back(address));
    const wire = form?.body ?? address.slice(address.indexOf('?') + 1);
    const values = new Map(wire.split('&').map((pair) => pair.split('=').map((text) => decode(text, charset))));
    return { wire, posted: form !== undefined, values };
  }
}

/** Whether this is a result page of the server. */
function resultPages(url) {
  return url.origin === demo.server && /^\/pay\/[^/]+\/result$/.test(url.pathname);
}

/** Undoes the percent encoding of a form, and reads the bytes strictly. */
function decode(text, charset) {
  const plain = text.replaceAll('+', ' ').replaceAll(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
  return new TextDecoder(charset, { fatal: true }).decode(Buffer.from(plain, 'latin1'));
}
