// The guard of all stories notices what it is there for: a story that it passes was looked at.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { it } from 'node:test';
import { Guard } from '../harness/guard.mjs';
import { browser } from '../harness/world.mjs';

const PAGE = `<!doctype html><title>wrong</title>
<img src="http://elsewhere.example/pixel.png"><link rel="stylesheet" href="/gone.css">
<p style="color:red">against the policy</p>`;
const POLICY = "default-src 'none'; img-src *; style-src 'self'";

export default function stories() {
  for (const script of [true, false]) {
    it(`a page that misbehaves is told of, ${script ? 'with' : 'without'} scripts`, async () => {
      const server = createServer((request, answer) => {
        const there = request.url === '/';
        answer.writeHead(there ? 200 : 404, { 'content-type': 'text/html', 'content-security-policy': POLICY });
        answer.end(there ? PAGE : '');
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const context = await browser.newContext({ javaScriptEnabled: script });
      try {
        const guard = new Guard(context);
        const page = await context.newPage();
        await page.goto(`http://127.0.0.1:${server.address().port}/`);
        const told = guard.wrong.join('\n');
        assert.match(told, /asked another machine: http:\/\/elsewhere\.example/);
        assert.match(told, /failed: http:\/\/elsewhere\.example/);
        assert.match(told, /answered 404: .*\/gone\.css/);
        assert.match(told, /console: .*Content Security Policy/);
        assert.throws(() => guard.check());
      } finally {
        await context.close();
        server.close();
      }
    });
  }
}
