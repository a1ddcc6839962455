// Signatures of every kind, from packages that MLflow wrote: the form has a control for each type,
// and what it sends is what the server takes.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { browser, open, picture, run, serve, violations } from './support.js';

let chromium;
before(async () => { chromium = await browser(); });
after(() => chromium?.close());

async function visit(model, act, options) {
  const server = await serve(`tests/golden/models/${model}`);
  try {
    const { page, faults, close } = await open(chromium, server.url, options);
    await act(page);
    assert.deepEqual(await violations(page), []);
    await picture(page, `types-${model}`);
    assert.deepEqual(faults, []);
    await close();
  } finally {
    await server.stop();
  }
}

const body = async page => JSON.parse(await page.locator('#body').inputValue());
const answered = async page => {
  await run(page);
  assert.match(await page.locator('#status').innerText(), /200/, await page.locator('#result').innerText());
};
const fill = (page, label, text) => page.getByLabel(label, { exact: true }).fill(text);

test('every scalar type has its control', () => visit('all_types', async page => {
  const kinds = await page.locator('#grid tbody input').evaluateAll(inputs => inputs.map(input => input.type));
  assert.deepEqual(kinds, ['checkbox', 'text', 'text', 'text', 'text', 'text', 'text', 'datetime-local']);
  await page.getByLabel('boolean, row 0', { exact: true }).check();
  for (const [name, text] of [['integer', '-7'], ['long', '9007199254740993'], ['float', '0.5'], ['double', '1e-3'], ['string', 'a "quoted", text'], ['binary', 'AAE='], ['datetime', '2024-05-31T12:30:15']]) await fill(page, `${name}, row 0`, text);
  const text = await page.locator('#body').inputValue();
  assert.match(text, /\[true, -7, 9007199254740993, 0\.5, 1e-3, "a \\"quoted\\", text", "AAE=", "2024-05-31T12:30:15"\]/);
  await run(page);
  // What the model makes of it is its own affair; the server takes every value.
  assert.ok(!(await page.locator('#result').innerText()).includes('column'), await page.locator('#result').innerText());
}, { refusals: true }));

test('an optional column may be left out, a required one is asked for', () => visit('optional_cols', async page => {
  const columns = await page.locator('#grid thead .name').allInnerTexts();
  const kinds = await page.locator('#grid thead .kind').allInnerTexts();
  const optional = columns.filter((_, place) => kinds[place].endsWith('?'));
  assert.ok(optional.length && optional.length < columns.length, kinds.join());
  for (const name of columns.filter(name => !optional.includes(name))) await fill(page, `${name}, row 0`, '1');
  const sent = await body(page);
  for (const name of optional) assert.ok(!(name in sent.dataframe_records[0]), name);
  await answered(page);
}));

test('params have their defaults and are sent when they are set', () => visit('params_model', async page => {
  assert.ok(await page.locator('#params').isVisible());
  assert.equal((await body(page)).params, undefined);
  const first = page.locator('#params input').first();
  await first.fill(await first.getAttribute('placeholder'));
  const { params } = await body(page);
  assert.equal(Object.keys(params).length, 1);
}));

test('lists and objects are edited as JSON', () => visit('nested_schema', async page => {
  assert.ok(await page.locator('#grid tbody textarea').count() > 0);
  assert.ok(await page.locator('#csv').isDisabled());
  await page.locator('#grid tbody textarea').first().fill('[1, 2.50]');
  assert.match(await page.locator('#body').inputValue(), /\[1, 2\.50\]/);
}));

test('without a signature the body is edited', () => visit('nosig_iris', async page => {
  assert.match(await page.locator('#form-note').innerText(), /no signature/);
  assert.equal(await page.locator('#grid-box').isVisible(), false);
  await page.locator('#body').fill('{"inputs": [[5.1, 3.5, 1.4, 0.2], [6.2, 2.8, 4.8, 1.8]]}');
  await answered(page);
  assert.equal(await page.locator('#answer tbody tr').count(), 2);
}));

test('columns without names go by their place', () => visit('unnamed_cols', async page => {
  const count = await page.locator('#grid thead .name').count();
  for (let place = 0; place < count; place++) await fill(page, `column ${place}, row 0`, '2');
  assert.deepEqual(await body(page), { inputs: [Array(count).fill(2)] });
  await answered(page);
}));

test('several tensors have a cell each', () => visit('dict_tensors', async page => {
  const names = await page.locator('#grid thead .name').allInnerTexts();
  assert.ok(names.length > 1);
  await page.locator('#grid tbody textarea').first().fill('[1, 2]');
  assert.deepEqual(Object.keys((await body(page)).inputs), names);
}));
