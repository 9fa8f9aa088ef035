// Every story, side by side on one demo: half of them mostly wait.

import { after, before, describe } from 'node:test';
import { FOLDER } from './harness/pictures.mjs';
import { close, open } from './harness/world.mjs';
import counter from './stories/counter.mjs';
import direct from './stories/direct.mjs';
import guard from './stories/guard.mjs';
import language from './stories/language.mjs';
import looks from './stories/looks.mjs';
import losses from './stories/losses.mjs';
import purchase from './stories/purchase.mjs';
import unpaid from './stories/unpaid.mjs';

/** Three stories wait for a minute; the others go on beside them. */
const CONCURRENCY = 5;

describe('in a real browser', { concurrency: CONCURRENCY }, () => {
  before(open);
  after(async () => {
    await close();
    console.log(`pictures: ${FOLDER}`);
  });
  // The longest first.
  unpaid();
  losses();
  purchase();
  counter();
  direct();
  language();
  looks();
  guard();
});
