// What goes wrong on the way to a model and back, over real HTTP, in both wire formats.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Dialect } from '../../src/agent/open-model.ts';
import { askScripted, LONG, shown } from '../helpers/model-server/ask-scripted.ts';
import { openScripted, SECRET_KEY } from '../helpers/model-server/open-scripted.ts';

const DIALECTS: Dialect[] = ['openai', 'anthropic'];

for (const dialect of DIALECTS) {
  describe(`askModel through faults, ${dialect}`, () => {
    for (const status of [408, 409, 429, 500, 503, 529]) {
      it(`asks again after status ${status}, and says so`, async (t) => {
        const scripted = await openScripted(t, dialect, { status, times: 2, text: 'Here.' });
        const heard = await askScripted(scripted);
        assert.deepEqual(heard.parts, [{ type: 'text', text: 'Here.' }]);
        assert.deepEqual(heard.waitsMs, [500, 1000]);
        const retries = heard.events.filter((event) => event.type === 'retry');
        assert.deepEqual(
          retries.map(({ reason }) => reason),
          [`scripted ${status}`, `scripted ${status}`],
        );
        assert.equal(scripted.server.requests.length, 3);
      });
    }

    it('sends the same bytes when it asks again', async (t) => {
      const scripted = await openScripted(t, dialect, { status: 500, text: 'Here.' });
      await askScripted(scripted);
      assert.equal(scripted.server.requests[0]!.text, scripted.server.requests[1]!.text);
    });

    for (const status of [400, 401, 403, 404, 413, 422]) {
      it(`does not ask again after status ${status}`, async (t) => {
        const scripted = await openScripted(t, dialect, { status, times: 99, message: 'no, because' });
        const heard = await askScripted(scripted);
        assert.equal(heard.stop, 'failed');
        assert.equal(heard.error?.code, 'MODEL_FAILED');
        assert.match(heard.error.message, new RegExp(`no, because \\(HTTP ${status}\\)`));
        assert.ok(heard.error.hint);
        assert.equal(scripted.server.requests.length, 1);
      });
    }

    it('waits as long as the provider asks', async (t) => {
      const heard = await askScripted(await openScripted(t, dialect, { status: 429, retryAfterS: 7, text: 'Here.' }));
      assert.deepEqual(heard.waitsMs, [7000]);
    });

    it('does not wait for hours', async (t) => {
      const heard = await askScripted(await openScripted(t, dialect, { status: 429, retryAfterS: 7200, times: 99 }));
      assert.equal(heard.stop, 'failed');
      assert.deepEqual(heard.waitsMs, []);
      assert.match(heard.error?.hint ?? '', /7200 s/);
    });

    for (const fault of ['cut', 'end', 'garbage', 'error'] as const) {
      it(`begins the answer anew after a stream with the fault "${fault}"`, async (t) => {
        const heard = await askScripted(await openScripted(t, dialect, { fault, text: LONG }));
        assert.deepEqual(heard.parts, [{ type: 'text', text: LONG }]);
        const retryAt = heard.events.findIndex((event) => event.type === 'retry');
        assert.notEqual(retryAt, -1);
        assert.notEqual(shown(heard.events.slice(0, retryAt), 'text'), '', 'nothing was shown before the fault');
        assert.equal(shown(heard.events.slice(retryAt), 'text'), LONG);
      });

      it(`keeps what was said, but no calls, when every stream has the fault "${fault}"`, async (t) => {
        const calls = [{ tool: 'stop' }, { tool: 'go', args: { text: LONG.repeat(3) } }];
        const heard = await askScripted(await openScripted(t, dialect, { fault, times: 99, text: LONG, calls }), {
          retries: 1,
        });
        assert.equal(heard.stop, 'failed');
        assert.equal(heard.error?.code, 'MODEL_FAILED');
        assert.deepEqual(
          heard.parts.map((part) => part.type),
          ['text'],
        );
      });
    }

    for (const fault of ['stall', 'silence'] as const) {
      it(`takes a stream with the fault "${fault}" for dead after a while`, async (t) => {
        const scripted = await openScripted(t, dialect, { fault, text: LONG });
        const heard = await askScripted(scripted, { stallMs: 300 });
        assert.deepEqual(heard.parts, [{ type: 'text', text: LONG }]);
        const retry = heard.events.find((event) => event.type === 'retry');
        assert.match(retry!.reason, /nothing came/);
      });
    }

    it('knows a web page from a model', async (t) => {
      const scripted = await openScripted(t, dialect, { fault: 'html', times: 99 });
      const heard = await askScripted(scripted);
      assert.match(heard.error?.message ?? '', /web page/);
      assert.equal(scripted.server.requests.length, 1);
    });

    it('says which server cannot be reached', async (t) => {
      const scripted = await openScripted(t, dialect, { text: 'Never heard.' });
      await scripted.server.close();
      const heard = await askScripted(scripted, { retries: 1 });
      assert.equal(heard.stop, 'failed');
      assert.match(heard.error?.message ?? '', /ECONNREFUSED/);
      assert.deepEqual(heard.waitsMs, [500]);
    });

    it('never tells the key, also where the provider repeats it', async (t) => {
      const message = `the key ${SECRET_KEY} is not known`;
      const once = await askScripted(await openScripted(t, dialect, { status: 401, message }));
      assert.match(once.error?.message ?? '', /the key \[key\] is not known/);
      const heard = await askScripted(await openScripted(t, dialect, { status: 500, message, times: 99 }), {
        retries: 1,
      });
      assert.ok(!JSON.stringify([heard.events, heard.error?.message]).includes(SECRET_KEY));
    });
  });
}
