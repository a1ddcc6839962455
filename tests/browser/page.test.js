// The model page as a person meets it: filled, run, refused, pasted into, on a phone, by keyboard.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { PHONE, WIDE, browser, open, picture, run, serve, serveEarly, violations } from './support.js';

let chromium;
before(async () => { chromium = await browser(); });
after(() => chromium?.close());

const MODELS = [
  { model: 'iris/3', cell: 'sepal_length, row 0', answer: /output_label/, kind: 'bars' },
  { model: 'diabetes/1', cell: 'age, row 0', answer: /variable/, kind: 'numbers' },
  { model: 'digits/1', cell: 'tensor, row 0', answer: /probabilities/, kind: 'bars', tensor: true },
];

for (const { model, cell, answer, kind, tensor } of MODELS) {
  const name = model.split('/')[0];
  describe(`the page of ${model}`, () => {
    let server;
    before(async () => { server = await serve(`models:/${model}`); });
    after(() => server?.stop());

    async function visit(options, act) {
      const { page, faults, close } = await open(chromium, server.url, options);
      await act(page);
      assert.deepEqual(faults, []);
      await close();
    }

    test('says what is served and runs its example', () => visit({}, async page => {
      assert.equal(await page.locator('h1').innerText(), name + model.split('/')[1]);
      assert.match(await page.locator('#state').innerText(), /ready for \d+/);
      assert.match(await page.locator('#facts').innerText(), /sha256:/);
      assert.equal(await page.locator('#grid tbody tr').count(), 3);
      await run(page);
      assert.match(await page.locator('#status').innerText(), /200 OK/);
      assert.match(await page.locator('#answer thead').innerText(), answer);
      assert.equal(await page.locator('#answer tbody tr').count(), 3);
      assert.equal(await page.locator('#answer .bars').count(), kind === 'bars' ? 3 : 0);
      for (const part of ['decode', 'queue', 'run', 'encode', 'server']) assert.match(await page.locator('#times').innerText(), new RegExp(`${part}\\s+[\\d.]+`));
    }));

    test('marks the cell that is refused, in words, and forgets it when it is edited', () => visit({ refusals: true }, async page => {
      const input = page.getByLabel(cell, { exact: true });
      const before = await input.inputValue();
      await input.fill('secret');
      await run(page);
      assert.match(await page.locator('#status').innerText(), /400/);
      const refused = page.locator('#grid .refused');
      assert.ok(await refused.count() >= 1);
      assert.match(await refused.first().innerText(), /wants .+, got .+/);
      assert.ok(!(await page.locator('#result').innerText()).includes('secret'), 'what was sent is not repeated');
      assert.equal(await input.getAttribute('aria-invalid'), 'true');
      const described = (await input.getAttribute('aria-describedby')).split(' ');
      assert.ok(described.includes(await input.locator('xpath=following-sibling::*').first().getAttribute('id')));
      await picture(page, `${name}-refused`);
      await input.fill(before);
      assert.equal(await refused.count(), 0);
      await run(page);
      assert.match(await page.locator('#status').innerText(), /200/);
    }));

    test('keeps the rows and the body in step both ways', () => visit({}, async page => {
      const body = page.locator('#body');
      const input = page.getByLabel(cell, { exact: true });
      await page.getByText('Body', { exact: false }).first().click();
      const first = await input.inputValue();
      await body.fill((await body.inputValue()).replace(first.slice(0, 12), first.slice(0, 12).replace(/\d+\.\d+/, '12345678901234567890')));
      assert.match(await input.inputValue(), /12345678901234567890/, 'not a digit is lost');
      await page.getByRole('button', { name: '+ Row' }).click();
      assert.equal(await page.locator('#grid tbody tr').count(), 4);
      assert.match(await body.inputValue(), /12345678901234567890/);
      await page.getByRole('button', { name: 'Remove row 3' }).click();
      await body.fill('{"inputs": [');
      assert.match(await page.locator('#body-fault').innerText(), /not shown as rows: line 1/);
      await page.getByRole('button', { name: 'Example' }).click();
      assert.equal(await input.inputValue(), first);
      assert.equal(await page.locator('#body-fault').isVisible(), false);
    }));

    test('is whole on a phone and in both schemes, and axe finds nothing', async () => {
      for (const [width, viewport] of [['wide', WIDE], ['narrow', PHONE]]) {
        for (const colorScheme of ['light', 'dark']) {
          await visit({ viewport, colorScheme }, async page => {
            await run(page);
            const [content, screen] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
            assert.ok(content <= screen, `${content} px on a screen of ${screen}`);
            assert.deepEqual(await violations(page), []);
            await picture(page, `${name}-${width}-${colorScheme}`);
            for (const box of await page.locator('summary').all()) await box.click();
            assert.deepEqual(await violations(page), [], 'with all boxes open');
            await picture(page, `${name}-${width}-${colorScheme}-open`);
          });
        }
      }
    });

    test('is used by keyboard alone', () => visit({}, async page => {
      await page.keyboard.press('?');
      assert.ok(await page.getByRole('dialog', { name: 'Keys' }).isVisible());
      assert.deepEqual(await violations(page), []);
      await page.keyboard.press('Escape');
      await page.keyboard.press('e');
      const label = () => page.evaluate(() => document.activeElement.getAttribute('aria-label'));
      assert.equal(await label(), cell);
      // In a field of several lines the arrows are its own.
      if (!tensor) {
        await page.keyboard.press('ArrowDown');
        assert.equal(await label(), cell.replace('0', '1'));
      }
      await page.keyboard.press('Control+Enter');
      await page.locator('#answer tbody tr').first().waitFor();
      // Everything that acts is reached with Tab, and can be seen when it is.
      const reached = new Set();
      await page.evaluate(() => document.activeElement.blur());
      for (let step = 0; step < 80; step++) {
        await page.keyboard.press('Tab');
        reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.textContent));
      }
      for (const id of ['run', 'add', 'open', 'scheme', 'keys-open', 'copy-table']) assert.ok(reached.has(id), id);
    }));
  });
}

describe('the page of a table', () => {
  let server;
  before(async () => { server = await serve('models:/iris/3'); });
  after(() => server?.stop());
  const paste = (page, text) => page.evaluate(text => {
    const data = new DataTransfer();
    data.setData('text/plain', text);
    document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, text);

  test('takes cells from a spreadsheet, with and without a header', async () => {
    const { page, faults, close } = await open(chromium, server.url);
    await page.getByLabel('sepal_width, row 1', { exact: true }).focus();
    await paste(page, '7.5\t8.5\r\n9.5\t10.5\r\n');
    const value = label => page.getByLabel(label, { exact: true }).inputValue();
    assert.deepEqual(await Promise.all(['sepal_width, row 1', 'petal_length, row 1', 'sepal_width, row 2', 'petal_length, row 2'].map(value)), ['7.5', '8.5', '9.5', '10.5']);
    assert.equal(await value('sepal_length, row 1'), '5.4', 'the others stay');
    await page.getByLabel('sepal_length, row 0', { exact: true }).focus();
    await paste(page, 'petal_width\tsepal_length\n1.25\t2.25\n3.25\t4.25\n5.25\t6.25\n7.25\t8.25\n');
    assert.equal(await value('petal_width, row 3'), '7.25');
    assert.equal(await value('sepal_length, row 3'), '8.25');
    assert.match(await page.locator('#body').inputValue(), /\[2\.25, 2\.3, 1\.3, 1\.25\]/);
    assert.deepEqual(faults, []);
    await close();
  });

  test('sends CSV when asked to, and takes it back into the rows', async () => {
    const { page, faults, close } = await open(chromium, server.url);
    await page.locator('label', { hasText: 'CSV' }).first().click();
    assert.equal(await page.locator('#body').inputValue(), 'sepal_length,sepal_width,petal_length,petal_width\n4.5,2.3,1.3,0.3\n5.4,3.0,4.5,1.5\n6.2,2.8,4.8,1.8\n');
    const sent = page.waitForRequest('**/invocations');
    await run(page);
    assert.equal((await sent).headers()['content-type'], 'text/csv');
    assert.match(await page.locator('#status').innerText(), /200/);
    await page.getByText('Body', { exact: false }).first().click();
    await page.locator('#body').fill('petal_width,"sepal_length",sepal_width,petal_length\n1,2,3,4\n');
    assert.equal(await page.getByLabel('petal_width, row 0', { exact: true }).inputValue(), '1');
    assert.equal(await page.locator('#grid tbody tr').count(), 1);
    assert.deepEqual(faults, []);
    await close();
  });

  test('opens a CSV file and a JSON file', async () => {
    const { page, faults, close } = await open(chromium, server.url);
    const rows = 'sepal_length,sepal_width,petal_length,petal_width\n' + '1,2,3,4\n'.repeat(250);
    await page.locator('#file').setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from(rows) });
    await page.getByText('250 rows', { exact: true }).waitFor();
    assert.equal(await page.locator('#grid tbody tr').count(), 100, 'long tables are shown in parts');
    await page.getByRole('button', { name: 'Show 100 more' }).click();
    assert.equal(await page.locator('#grid tbody tr').count(), 200);
    await run(page);
    assert.equal(await page.locator('#answer tbody tr').count(), 101, 'a hundred and the way to more');
    await page.locator('#file').setInputFiles({ name: 'one.json', mimeType: 'application/json', buffer: Buffer.from('{"inputs": [{"sepal_length": 1, "sepal_width": 2, "petal_length": 3, "petal_width": 4}]}') });
    await page.getByText('1 row', { exact: true }).waitFor();
    assert.equal(await page.getByLabel('petal_width, row 0', { exact: true }).inputValue(), '4');
    assert.deepEqual(faults, []);
    await close();
  });

  test('takes a CSV file and a JSON file that are dropped on it', async () => {
    const { page, faults, close } = await open(chromium, server.url);
    // What a person drops comes as the browser gives it to the page: over the form, then let go.
    const drop = (name, type, text) => page.evaluate(([name, type, text]) => {
      const data = new DataTransfer();
      data.items.add(new File([text], name, { type }));
      const zone = document.getElementById('try');
      const send = kind => zone.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
      const taken = !send('dragover');
      const shown = zone.matches('.over');
      send('drop');
      return { taken, shown, after: zone.matches('.over') };
    }, [name, type, text]);
    const over = { taken: true, shown: true, after: false };
    assert.deepEqual(await drop('rows.csv', 'text/csv', 'sepal_length,sepal_width,petal_length,petal_width\n6.2,2.8,4.8,1.8\n4.5,2.3,1.3,0.3\n'), over);
    await page.getByText('2 rows', { exact: true }).waitFor();
    assert.equal(await page.getByLabel('petal_width, row 0', { exact: true }).inputValue(), '1.8');
    assert.equal(await page.locator('#csv').isChecked(), true);
    await run(page);
    assert.equal(await page.locator('#answer tbody tr').count(), 2);
    assert.deepEqual(await drop('row.json', 'application/json', '{"dataframe_records": [{"sepal_length": 5.4, "sepal_width": 3.0, "petal_length": 4.5, "petal_width": 1.25}]}'), over);
    await page.getByText('1 row', { exact: true }).waitFor();
    assert.equal(await page.getByLabel('petal_width, row 0', { exact: true }).inputValue(), '1.25');
    assert.equal(await page.locator('#csv').isChecked(), false);
    await run(page);
    assert.match(await page.locator('#status').innerText(), /200/);
    assert.equal(await page.locator('#answer tbody tr').count(), 1);
    assert.deepEqual(faults, []);
    await close();
  });

  test('lists all that is refused when asked to, and marks it', async () => {
    const { page, faults, close } = await open(chromium, server.url, { refusals: true });
    const rows = 'sepal_length,sepal_width,petal_length,petal_width\n' + '1,x,3,4\n'.repeat(150);
    await page.locator('#file').setInputFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from(rows) });
    await page.getByText('150 rows', { exact: true }).waitFor();
    await run(page);
    const listed = page.locator('#refusal tbody tr');
    assert.equal(await listed.count(), 20);
    assert.equal(await page.locator('#grid .refused').count(), 20);
    await page.getByText('and 130 more').waitFor();
    await page.getByRole('button', { name: 'List all' }).click();
    await page.getByRole('button', { name: 'show more: 50 rows left' }).click();
    assert.equal(await listed.count(), 150);
    assert.equal(await page.locator('#grid tbody .refused').count(), 100, 'the rows that are shown');
    assert.equal(await page.locator('#grid thead .refused').count(), 1, 'and once for those that are not');
    assert.equal(await page.getByRole('button', { name: 'List all' }).count(), 0);
    assert.deepEqual(await violations(page), []);
    await picture(page, 'refused-all');
    assert.deepEqual(faults, []);
    await close();
  });

  test('says that the model is being loaded, and goes on when it is', async () => {
    for (const [name, viewport] of [['wide', WIDE], ['narrow', PHONE]]) {
      const early = await serveEarly('models/iris/3');
      const { page, faults, close } = await open(chromium, early.url, { viewport, ready: false });
      await page.getByText('The model is being loaded.').waitFor();
      assert.match(await page.locator('#state').innerText(), /loading/);
      assert.equal(await page.locator('#run').isEnabled(), false);
      assert.equal(await page.locator('#live, #body-box, #open').filter({ visible: true }).count(), 0, 'nothing that would do nothing');
      assert.equal(await page.getByText('Rows can be run when the model is ready.').isVisible(), true);
      await page.keyboard.press('Control+Enter');
      assert.equal(await page.locator('#status').innerText(), '', 'nothing is sent');
      assert.deepEqual(await violations(page), []);
      await picture(page, `loading-${name}`);
      await early.finish();
      await page.locator('#run:enabled').waitFor();
      assert.match(await page.locator('#state').innerText(), /ready/);
      assert.equal(await page.locator('#form-note').isVisible(), false);
      await run(page);
      assert.match(await page.locator('#status').innerText(), /200 OK/);
      assert.deepEqual(faults, []);
      await close();
      await early.stop();
    }
  });

  test('copies the request as code, and the code is right', async () => {
    const { page, faults, close } = await open(chromium, server.url);
    await page.getByText('Copy as code').click();
    const code = page.locator('#code');
    assert.match(await code.innerText(), /^curl '.+\/invocations'/);
    await page.getByRole('button', { name: 'Copy', exact: true }).click();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await code.innerText());
    for (const [label, wanted] of [['Python', /requests\.post/], ['MLflow', /ScoringServerClient\("127\.0\.0\.1", \d+\)/], ['JavaScript', /await fetch\(/]]) {
      await page.locator('#code-box label', { hasText: label }).click();
      assert.match(await code.innerText(), wanted);
    }
    const Code = (async () => {}).constructor;
    let said;
    await new Code('console', await code.innerText())({ log: value => { said = value; } });
    assert.equal(said.length, 3, 'the predictions of three rows');
    assert.deepEqual(faults, []);
    await close();
  });

  test('remembers the scheme, and counts what it sent', async () => {
    const { page, faults, close } = await open(chromium, server.url);
    const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
    const light = await background();
    await page.getByRole('button', { name: 'Dark' }).click();
    const dark = await background();
    assert.notEqual(light, dark);
    await page.reload();
    await page.locator('#run:enabled').waitFor();
    assert.equal(await background(), dark);
    for (let count = 0; count < 3; count++) await run(page);
    await page.waitForFunction(() => Number(document.querySelector('.tile dd').textContent) > 0);
    assert.notEqual(await page.locator('.tile path.line').first().getAttribute('d'), '');
    await page.getByRole('button', { name: 'Copy as CSV' }).click();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /^output_label,output_probability\n0,/);
    assert.deepEqual(faults, []);
    await close();
  });

  test('says that the server is gone, and since when', async () => {
    const gone = await serve('models:/iris/3');
    const { page, close } = await open(chromium, gone.url, { refusals: true });
    await gone.stop();
    await page.getByRole('button', { name: 'Run' }).click();
    await page.getByText('The server did not answer').waitFor();
    await page.locator('#live.stale').waitFor();
    assert.match(await page.locator('#age').innerText(), /no answer for \d+ s/);
    assert.deepEqual(await violations(page), []);
    await picture(page, 'gone');
    await close();
  });
});
