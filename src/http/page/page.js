// The page: the model's facts, the form and the body in step, running, copying as code.

let model = null, format = 'json', busy = false, marks = [], readLive = () => {};
const root = document.documentElement;

// === the model ===

const bytes = size => size < 1000 ? `${size} B` : size < 1e6 ? `${(size / 1e3).toFixed(1)} kB` : size < 1e9 ? `${(size / 1e6).toFixed(1)} MB` : `${(size / 1e9).toFixed(2)} GB`;

function ago(since) {
  const seconds = Math.max(0, (Date.now() - since) / 1000);
  for (const [size, unit] of [[86400, 'd'], [3600, 'h'], [60, 'min']]) if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}`;
  return `${Math.floor(seconds)} s`;
}

function showState() {
  const gone = $('live').matches('.stale');
  const ready = !gone && model.state === 'ready';
  $('state').className = `state ${ready ? 'good' : gone ? 'bad' : 'warn'}`;
  const since = ready && new Date(model.since);
  const dot = make('i', { 'aria-hidden': 'true' }, ready ? '●' : '○');
  $('state').replaceChildren(dot, gone ? ' no answer' : ` ${model.state}`, ...(since ? [make('time', { dateTime: model.since, title: since.toLocaleString() }, ` for ${ago(since)}`)] : []));
}

function showFacts() {
  const facts = [];
  const fact = (name, ...values) => facts.push(make('div', {}, make('dt', {}, name), make('dd', {}, ...values)));
  fact('runtime', model.runtime.about, make('span.muted', {}, ` ${model.runtime.reason}`));
  const passed = model.runtime.considered.filter(other => other.obstacle);
  if (passed.length) fact('not used', ...passed.map(other => make('span.block', {}, `${other.runtime} ${other.obstacle}`)));
  fact('flavors', model.flavors.join(', '));
  if (model.digest) {
    const short = `${model.digest.slice(0, 19)}…`;
    fact('digest', make('button', { type: 'button', class: 'link mono', title: model.digest, 'aria-label': `Copy the digest ${short}`, on: { click: () => copy(model.digest, 'digest') } }, short));
  }
  if (model.run_id) fact('run', make('span.mono', {}, model.run_id));
  if (model.size_bytes !== null) fact('size', make('span', { title: `${model.size_bytes} bytes` }, bytes(model.size_bytes)));
  fact('loaded in', `${model.load_seconds < 1 ? `${(model.load_seconds * 1000).toFixed(0)} ms` : `${model.load_seconds.toFixed(1)} s`}`);
  for (const [name, ports] of [['takes', model.model_inputs], ['gives', model.model_outputs]]) fact(name, ...ports.slice(0, 6).map(port => make('code.block', {}, port)), ports.length > 6 ? `and ${ports.length - 6} more` : '');
  $('facts').replaceChildren(...facts);
}

function schemaTable(caption, specs, example) {
  const lines = specs.map((spec, place) => make('tr', {},
    make('th', { scope: 'row', class: 'mono' }, spec.name ?? (spec.type === 'tensor' ? '(no name)' : String(place))),
    make('td', {}, typeName(spec)),
    ...(example ? [make('td', {}, spec.required === false ? 'optional' : 'required'), example[place] ? cell(cellValue(form.fields[place], example[place]), Math.min(4, example[place].split('.')[1]?.length)) : make('td.num', {}, '–')] : [])));
  return make('table', {}, make('caption', {}, caption), headOf(['name', 'type', ...(example ? ['required', 'example'] : [])]), make('tbody', {}, ...lines));
}

function showSignature() {
  const { inputs, outputs, params } = model.signature;
  const tables = [];
  if (inputs) tables.push(schemaTable('Inputs', inputs, model.example && form.rows[0] || []));
  else tables.push(make('p.note', {}, 'The package declares no signature: types are taken from the values.'));
  if (outputs) tables.push(schemaTable('Outputs, as declared', outputs));
  if (params?.length) {
    const lines = params.map(param => make('tr', {}, make('th', { scope: 'row', class: 'mono' }, param.name), make('td', {}, param.shape ? `list of ${param.type}` : param.type), make('td.mono', {}, JSON.stringify(param.default))));
    tables.push(make('table', {}, make('caption', {}, 'Params'), headOf(['name', 'type', 'default']), make('tbody', {}, ...lines)));
  }
  $('schema').replaceChildren(...tables.map(table => table.caption ? scrolled(table.caption.textContent, table) : table));
}

// === the form and the body ===

const counted = () => `${form.rows.length} ${form.rows.length === 1 ? 'row' : 'rows'}`;

function unmark() {
  for (const undo of marks) undo();
  marks = [];
}

function showForm() {
  unmark();
  const { fields, rows } = form;
  $('grid-box').hidden = $('grid-foot').hidden = form.kind === 'none';
  if (form.kind === 'none') return;
  const head = make('tr', {}, make('th', { scope: 'col', class: 'first' }, make('span.sr', {}, 'row')));
  fields.forEach((field, place) => head.append(make('th', { scope: 'col', class: NUMBERS.has(field.type) ? 'num' : '', id: `h${place}` },
    make('span.name', {}, field.label), make('span.kind', {}, form.kind === 'tensors' && !form.whole ? `${typeName(field.spec)}, one row` : typeName(field.spec), field.required ? '' : ' ?'))));
  const body = make('tbody');
  rows.slice(0, form.limit).forEach((row, at) => {
    const remove = make('button', { type: 'button', class: 'remove', 'aria-label': `Remove row ${at}`, title: 'Remove', disabled: rows.length === 1, on: { click: () => { form.rows.splice(at, 1); showForm(); fromForm(); focusCell(Math.min(at, form.rows.length - 1), 0); } } }, '×');
    const line = make('tr', {}, make('th', { scope: 'row', class: 'first num' }, make('span', {}, String(at)), remove));
    fields.forEach((field, place) => line.append(make('td', {}, control(field, row[place], `${field.label}, row ${at}`, text => { form.rows[at][place] = text; fromForm(); }))));
    body.append(line);
  });
  $('grid').replaceChildren(make('thead', {}, head), body);
  $('add').hidden = form.whole;
  $('count').textContent = counted();
  const hidden = rows.length - form.limit;
  $('more').hidden = hidden <= 0;
  $('more').textContent = `Show ${Math.min(SHOWN, hidden)} more`;
  showParams();
}

function showParams() {
  $('params').hidden = !form.params.length;
  $('params').replaceChildren(make('legend', {}, 'Params'), ...form.params.map(param => make('label', {}, make('span', {}, param.name, make('span.kind', {}, ` ${param.shape ? `list of ${param.type}` : param.type}`)),
    make('input', { type: 'text', class: 'mono', value: form.values.get(param.name) ?? '', placeholder: JSON.stringify(param.default), disabled: format === 'csv', on: { input: event => { form.values.set(param.name, event.target.value); fromForm(); } } }))),
    ...(format === 'csv' && form.params.length ? [make('p.muted', {}, 'CSV has no place for params: the defaults are used')] : []));
}

const cellAt = (row, place) => $('grid').tBodies[0]?.rows[row]?.cells[place + 1]?.querySelector('input, select, textarea');
function focusCell(row, place) { cellAt(row, place)?.focus(); }

function setBody(text) {
  $('body').value = text;
  fault('');
  bodyChanged();
}

function fault(text) {
  $('body-fault').textContent = text;
  $('body-fault').hidden = !text;
  $('body').setAttribute('aria-invalid', String(Boolean(text)));
}

function bodyChanged() {
  $('body-size').textContent = bytes(new Blob([$('body').value]).size);
  showCode();
}

// The form was edited: the body follows.
function fromForm() {
  if (form.kind === 'none') return;
  unmark();
  setBody(format === 'csv' ? csvOfForm() : bodyOfForm());
  $('count').textContent = counted();
}

// The body was edited: the form follows where it can; what it cannot show is sent all the same.
function fromBody() {
  bodyChanged();
  try {
    if (form.kind === 'none') { if (format === 'json') parseJson($('body').value); } else if (format === 'csv') formOfCsv($('body').value); else formOfBody($('body').value);
    form.limit = SHOWN;
    fault('');
    showForm();
  } catch (error) {
    fault(`not shown as rows: ${error.message}`);
  }
}

function setFormat(next) {
  format = next;
  choose('format', next);
  showParams();
  fromForm();
}

function takeFile(file) {
  if (model?.state !== 'ready') return;
  const csv = /\.csv$/i.test(file.name) || file.type === 'text/csv';
  if (csv && !csvFits()) { note('This signature has columns that CSV cannot hold: send JSON.'); return; }
  file.text().then(text => {
    format = csv ? 'csv' : 'json';
    choose('format', format);
    $('body').value = text;
    fromBody();
    say(`${file.name}: ${form.rows.length} rows`);
  });
}

function note(text) {
  $('form-note').textContent = text;
  $('form-note').hidden = !text;
}

function useExample() {
  format = 'json';
  choose('format', 'json');
  let text = model.example;
  if (text) { try { text = `${prettyJson(parseJson(text))}\n`; } catch { /* as it is */ } $('body').value = text; fromBody(); return; }
  form.rows = [form.fields.map(blankCell)];
  showForm();
  if (form.kind !== 'none') fromForm();
}

// === running ===

function mark(problem, focus = true) {
  (problem.errors || []).forEach((error, number) => {
    const column = error.column ?? '';
    const place = form.fields.findIndex(({ key }) => column === key || column.startsWith(`${key}[`) || column.startsWith(`${key}.`));
    if (place < 0) return;
    const input = error.row === undefined ? null : cellAt(error.row, place);
    const holder = input ? input.parentElement : $(`h${place}`);
    // Once is enough for a column, whose values may be beyond the rows that are shown.
    if (!input && holder.matches('.bad')) return;
    const id = `refused-${number}`;
    const text = make('span.refused', { id }, words(error));
    holder.append(text);
    holder.classList.add('bad');
    input?.setAttribute('aria-invalid', 'true');
    input?.setAttribute('aria-describedby', `${input.getAttribute('aria-describedby') ?? ''} ${id}`.trim());
    marks.push(() => { text.remove(); holder.classList.remove('bad'); input?.removeAttribute('aria-invalid'); input?.removeAttribute('aria-describedby'); });
  });
  if (focus) $('grid').querySelector('[aria-invalid=true]')?.focus();
}

const typeOf = format => format === 'csv' ? 'text/csv' : 'application/json';

// The whole report of what was refused in `sent`, in place of its beginning.
async function listAll(sent) {
  try {
    const response = await fetch('validate', { method: 'POST', headers: sent.headers, body: sent.body });
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    const problem = await response.json();
    showRefusal(problem);
    $('refusal').querySelector('.scroll')?.focus();
    if (sent.body === $('body').value) { unmark(); mark(problem, false); }
  } catch (error) {
    say(`the whole list could not be read: ${error.message}`);
  }
}

async function run() {
  if (busy || !model || model.state !== 'ready') return;
  busy = true;
  unmark();
  $('run').setAttribute('aria-disabled', 'true');
  $('result').setAttribute('aria-busy', 'true');
  const body = $('body').value;
  const inputs = $('body-fault').hidden && form.kind === 'columns' ? { fields: form.fields, rows: form.rows.map(row => [...row]) } : null;
  const start = performance.now();
  try {
    const sent = { headers: { 'Content-Type': typeOf(format) }, body };
    const response = await fetch('invocations', { method: 'POST', headers: { ...sent.headers, 'X-Flowgate-Timing': '1' }, body });
    const text = await response.text();
    const took = performance.now() - start;
    showTimes(serverTiming(response.headers.get('Server-Timing')), took);
    status(response.ok, `${response.status} ${response.statusText || (response.ok ? 'OK' : '')}`.trim());
    let json = null;
    try { json = parseJson(text); } catch { /* shown as text */ }
    $('raw').textContent = json === null ? text : prettyJson(json);
    $('raw-box').hidden = false;
    if (response.ok) {
      showRefusal(null);
      showAnswer(json, inputs);
      const dropped = response.headers.get('X-Flowgate-Warnings');
      if (dropped) say(`${dropped} columns were sent that the model does not have`);
    } else {
      hideAnswer();
      let problem = { message: text };
      try { const told = JSON.parse(text); problem = { ...told, message: told.message ?? told.detail ?? text }; } catch { /* plain text */ }
      showRefusal(problem, () => listAll(sent));
      mark(problem);
    }
  } catch (error) {
    hideAnswer();
    $('times').hidden = true;
    $('raw-box').hidden = true;
    status(false, 'no answer');
    showRefusal({ message: `The server did not answer: ${error.message}` });
  }
  $('empty').hidden = true;
  $('result').removeAttribute('aria-busy');
  $('run').removeAttribute('aria-disabled');
  busy = false;
  readLive();
}

function status(good, text) {
  $('status').className = `status ${good ? 'good' : 'bad'}`;
  $('status').replaceChildren(make('i', { 'aria-hidden': 'true' }, good ? '✓' : '✕'), ` ${text}`);
}

function hideAnswer() {
  $('answer-box').hidden = true;
  $('copy-table').hidden = true;
}

// === code ===

const shell = text => `'${text.replaceAll("'", `'\\''`)}'`;
const python = text => text.includes("'''") || text.includes('\\') ? JSON.stringify(text) : `'''${text}'''`;

function showCode() {
  const lang = chosen('lang');
  const body = $('body').value.trimEnd() + (format === 'csv' ? '\n' : '');
  const url = new URL('invocations', location.href).href;
  const type = typeOf(format);
  const code = {
    curl: () => `curl ${shell(url)} \\\n  --header 'Content-Type: ${type}' \\\n  --data-binary ${shell(body)}`,
    requests: () => `import requests\n\nbody = ${python(body)}\nanswer = requests.post(\n    ${JSON.stringify(url)},\n    data=body.encode(),\n    headers={"Content-Type": "${type}"},\n    timeout=60,\n)\nanswer.raise_for_status()\nprint(answer.json()["predictions"])`,
    mlflow: () => `${format === 'csv' ? 'import io\n' : 'import json\n'}import pandas as pd\nfrom mlflow.pyfunc.scoring_server.client import ScoringServerClient\n\nclient = ScoringServerClient("${location.hostname}", ${location.port || (location.protocol === 'https:' ? 443 : 80)})\n${mlflowData(body)}\nprint(client.invoke(data${format !== 'csv' && body.includes('"params"') ? ', params=body["params"]' : ''}).get_predictions())`,
    js: () => `const answer = await fetch(${JSON.stringify(url)}, {\n  method: 'POST',\n  headers: { 'Content-Type': '${type}' },\n  body: ${JSON.stringify(body)},\n});\nconsole.log((await answer.json()).predictions);`,
  };
  $('code').textContent = body.length > 100_000 ? 'the body is too large to be shown as code' : code[lang]();
}

function mlflowData(body) {
  if (format === 'csv') return `data = pd.read_csv(io.StringIO(${python(body)}))`;
  const of = body.includes('"dataframe_split"') ? 'pd.DataFrame(**body["dataframe_split"])' : body.includes('"dataframe_records"') ? 'pd.DataFrame(body["dataframe_records"])' : 'body.get("inputs", body.get("instances"))';
  return `body = json.loads(${python(body)})\ndata = ${of}`;
}

// === the scheme and the keys ===

const isDark = () => (root.dataset.scheme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
function labelScheme() {
  $('scheme').textContent = isDark() ? 'Light' : 'Dark';
}
function switchScheme() {
  root.dataset.scheme = isDark() ? 'light' : 'dark';
  try { localStorage.setItem('flowgate-scheme', root.dataset.scheme); } catch { /* until the page is left */ }
  labelScheme();
}

function keys(event) {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) { event.preventDefault(); run(); return; }
  const target = event.target;
  const typing = target.matches('textarea, select, input:not([type=checkbox], [type=radio])');
  if ((event.key === 'ArrowUp' || event.key === 'ArrowDown') && target.closest('#grid') && target.matches('input[type=text], input[type=checkbox]')) {
    const place = target.closest('td').cellIndex - 1;
    focusCell(target.closest('tr').sectionRowIndex + (event.key === 'ArrowUp' ? -1 : 1), place);
    event.preventDefault();
  }
  if (typing || event.ctrlKey || event.metaKey || event.altKey || $('keys').open) return;
  const act = { '?': () => $('keys').showModal(), e: () => focusCell(0, 0), b: () => { $('body-box').open = true; $('body').focus(); }, d: switchScheme }[event.key];
  if (act) { event.preventDefault(); act(); }
}

function wire() {
  addEventListener('keydown', keys);
  click('keys-open', () => $('keys').showModal());
  click('scheme', switchScheme);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', labelScheme);
  click('run', run);
  click('example', useExample);
  click('open', () => $('file').click());
  $('file').addEventListener('change', event => { if (event.target.files[0]) takeFile(event.target.files[0]); event.target.value = ''; });
  click('add', () => { form.rows.push(blankRow()); form.limit = Math.max(form.limit, form.rows.length); showForm(); fromForm(); focusCell(form.rows.length - 1, 0); });
  click('more', () => { form.limit += SHOWN; showForm(); });
  $('body').addEventListener('input', fromBody);
  click('copy-code', () => copy($('code').textContent, 'code'));
  click('copy-table', () => copy(answerCsv(), 'table'));
  onChoice('format', () => setFormat(chosen('format')));
  onChoice('lang', showCode);
  $('grid').addEventListener('paste', event => {
    const text = event.clipboardData.getData('text/plain');
    if (!/[\t\n]/.test(text.trimEnd()) || event.target.tagName === 'TEXTAREA') return;
    event.preventDefault();
    const row = event.target.closest('tr').sectionRowIndex, place = event.target.closest('td').cellIndex - 1;
    const count = pasteCells(text, row, place);
    showForm();
    fromForm();
    focusCell(row, place);
    say(`${count} rows pasted`);
  });
  const zone = $('try');
  const over = on => event => { if (event.dataTransfer?.types.includes('Files')) { event.preventDefault(); zone.classList.toggle('over', on); } };
  zone.addEventListener('dragover', over(true));
  zone.addEventListener('dragleave', over(false));
  zone.addEventListener('drop', event => { over(false)(event); if (event.dataTransfer?.files[0]) takeFile(event.dataTransfer.files[0]); });
}

const EMPTY = $('empty').textContent;
const WAITING = {
  draining: 'The server was asked to end and takes no more requests.',
  failed: 'The model could not be loaded: the log of the server says why.',
  none: 'No model is served here.',
};

// What can be done until the model is ready: wait, and know for what.
function showWaiting() {
  note(WAITING[model.state] ?? 'The model is being loaded. The form comes with it, by itself.');
  $('empty').textContent = 'Rows can be run when the model is ready.';
}

async function load() {
  try {
    const response = await fetch('flowgate/model.json', { cache: 'no-store' });
    if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
    model = await response.json();
  } catch (error) {
    $('trouble').textContent = `The model's description could not be read: ${error.message}. Trying again.`;
    $('trouble').hidden = false;
    setTimeout(load, 2000);
    return;
  }
  $('trouble').hidden = true;
  $('name').replaceChildren(model.name ?? 'No model', ...(model.version ? [make('span.version', {}, model.version)] : []));
  document.title = model.name ? `${model.name} ${model.version} · Flowgate` : 'Flowgate';
  showState();
  if (model.state !== 'ready') { showWaiting(); setTimeout(load, 1000); return; }
  $('head').removeAttribute('aria-busy');
  document.querySelector('main').className = '';
  note('');
  $('empty').textContent = EMPTY;
  setFields(model.signature.inputs, model.signature.params);
  if (!csvFits() && form.kind !== 'none') {
    $('csv').disabled = true;
    $('csv').parentElement.title = 'This signature has lists or no names: CSV cannot hold it';
  }
  if (form.kind === 'none') { note('The package declares no signature, so there is no form: edit the body.'); $('body-box').open = true; }
  $('example').hidden = !model.example;
  showFacts();
  useExample();
  showSignature();
  $('run').disabled = false;
  readLive = startLive(model);
}

labelScheme();
wire();
load();
