// The answer: as a table beside the inputs, a bar a class for probabilities, and what was refused.

const PARTS = ['decode', 'queue', 'run', 'encode'];

// `decode;dur=0.1, queue;dur=0.2` as an object.
function serverTiming(header) {
  const times = {};
  for (const part of (header || '').split(',')) {
    const found = /^\s*(\w+);dur=([\d.]+)/.exec(part);
    if (found) times[found[1]] = Number(found[2]);
  }
  return times;
}

const ms = value => value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value >= 0.1 ? value.toFixed(2) : value.toFixed(3);

function showTimes(times, took) {
  const total = times.total ?? took;
  const known = PARTS.filter(part => part in times);
  const rest = Math.max(0, total - known.reduce((sum, part) => sum + times[part], 0));
  const bar = make('div.split', { role: 'presentation' });
  const list = make('dl.times', {});
  for (const [part, value] of [...known.map(part => [part, times[part]]), ['other', rest]]) {
    const piece = make('span', { class: `p-${part}` });
    piece.style.flexGrow = Math.max(value / total, 0.004);
    bar.append(piece);
    list.append(make('div', {}, make('dt', {}, make('i', { class: `p-${part}` }), part), make('dd', {}, ms(value))));
  }
  for (const [name, value] of [['server', total], ['round trip', took]]) list.append(make('div', {}, make('dt', {}, name), make('dd', {}, `${ms(value)} ms`)));
  $('times').replaceChildren(bar, list);
  $('times').hidden = false;
}

// Records as they are; lists by name turned into rows, where they have one length.
function answerRows(answer) {
  const predictions = isMap(answer) && answer.has('predictions') ? answer.get('predictions') : answer;
  if (isMap(predictions)) {
    const lists = [...predictions];
    const length = lists[0]?.[1]?.length;
    if (!lists.length || !lists.every(([, list]) => Array.isArray(list) && list.length === length)) return null;
    return { names: lists.map(([name]) => name), rows: Array.from({ length }, (_, row) => lists.map(([, list]) => list[row])) };
  }
  if (!Array.isArray(predictions)) return null;
  if (predictions.every(isMap)) {
    const names = [...new Set(predictions.flatMap(row => [...row.keys()]))];
    return { names, rows: predictions.map(row => names.map(name => row.get(name))) };
  }
  return { names: ['prediction'], rows: predictions.map(value => [value]) };
}

// Numbers that are shares of a whole, by label; null where a value is anything else.
function shares(value) {
  const pairs = isMap(value) ? [...value] : Array.isArray(value) ? value.map((item, place) => [String(place), item]) : [];
  if (pairs.length < 2 || !pairs.every(([, item]) => item instanceof Num && item.value >= 0 && item.value <= 1.0001)) return null;
  const sum = pairs.reduce((sum, [, item]) => sum + item.value, 0);
  return Math.abs(sum - 1) < 0.01 ? pairs : null;
}

const percent = value => value === 0 ? '0 %' : value < 0.001 ? '< 0.1 %' : value > 0.999 && value < 1 ? '> 99.9 %' : `${(value * 100).toFixed(1)} %`;

function bars(pairs) {
  const top = pairs.reduce((best, pair) => pair[1].value > best[1].value ? pair : best);
  const list = make('ul.bars', {});
  let shown = pairs;
  if (pairs.length > 6) shown = [...pairs].sort((a, b) => b[1].value - a[1].value).slice(0, 4);
  for (const [label, item] of shown) {
    const fill = make('span');
    fill.style.width = `${Math.min(100, item.value * 100)}%`;
    list.append(make('li', { class: label === top[0] ? 'top' : '', title: item.text }, make('b', {}, label), make('span.track', { 'aria-hidden': 'true' }, fill), make('span.num', {}, percent(item.value))));
  }
  const rest = pairs.length - shown.length;
  if (rest > 0) {
    const sum = pairs.reduce((sum, [, item]) => sum + item.value, 0) - shown.reduce((sum, [, item]) => sum + item.value, 0);
    list.append(make('li.rest', {}, make('b', {}, `${rest} others`), make('span.num', {}, percent(Math.max(0, sum)))));
  }
  return list;
}

// As many decimals as keep the numbers of a column apart, at least three digits of the smallest,
// never more than a 32-bit number has.
function decimals(numbers) {
  const values = numbers.filter(number => /[.eE]/.test(number.text)).map(number => number.value);
  if (!values.length) return 0;
  const distinct = new Set(values).size;
  const largest = Math.max(...values.map(Math.abs));
  const most = Math.max(1, 6 - Math.floor(Math.log10(largest || 1)));
  for (let count = 1; count < most; count++) {
    const close = values.every(value => Math.abs(value - Number(value.toFixed(count))) <= Math.abs(value) * 5e-4);
    if (close && new Set(values.map(value => value.toFixed(count))).size === distinct) return count;
  }
  return Math.min(most, 12);
}

function cell(value, digits) {
  const pairs = shares(value);
  if (pairs) return make('td.share', {}, bars(pairs));
  if (value instanceof Num) {
    const fraction = /[.eE]/.test(value.text);
    const tiny = fraction && value.value !== 0 && (Math.abs(value.value) < 1e-4 || Math.abs(value.value) >= 1e12);
    return make('td.num', { title: value.text }, tiny ? value.value.toExponential(3) : fraction ? value.value.toFixed(digits) : value.text);
  }
  if (value === null || value === undefined) return make('td.muted', {}, value === null ? 'null' : '');
  if (typeof value === 'string') return make('td', {}, value);
  const text = writeJson(value);
  return make('td.mono', { title: text.length > 60 ? text.slice(0, 2000) : undefined }, text.length > 60 ? `${text.slice(0, 58)} …` : text);
}

let answered = null;
function showAnswer(answer, inputs) {
  answered = answerRows(answer);
  const box = $('answer-box');
  box.hidden = !answered;
  $('copy-table').hidden = !answered;
  if (!answered) return;
  const { names, rows } = answered;
  const beside = inputs && inputs.rows.length === rows.length && inputs.fields.every(field => field.scalar) ? inputs : null;
  const numeric = names.map((_, place) => rows.every(row => row[place] instanceof Num));
  const digitsOf = column => decimals(column.filter(value => value instanceof Num));
  const digits = names.map((_, place) => digitsOf(rows.map(row => row[place])));
  const inDigits = beside?.fields.map((field, place) => digitsOf(beside.rows.map(row => cellValue(field, row[place]))));
  const head = make('tr', {}, make('th', { scope: 'col', class: 'first' }, make('span.sr', {}, 'row')));
  names.forEach((name, place) => head.append(make('th', { scope: 'col', class: numeric[place] ? 'num' : '' }, name)));
  if (beside) beside.fields.forEach((field, place) => head.append(make('th', { scope: 'col', class: `in ${place ? '' : 'edge'} ${NUMBERS.has(field.type) ? 'num' : ''}` }, field.label)));
  const body = parts(rows, head.cells.length, (row, at) => {
    const line = make('tr', {}, make('th', { scope: 'row', class: 'first num' }, String(at)));
    row.forEach((value, place) => line.append(cell(value, digits[place])));
    if (beside) beside.fields.forEach((field, place) => {
      const input = cell(cellValue(field, beside.rows[at][place]), inDigits[place]);
      input.className += place ? ' in' : ' in edge';
      line.append(input);
    });
    return line;
  });
  $('answer').replaceChildren(make('thead', {}, head), body);
}

// Long tables are shown in parts: a line for each of `rows`, and a way to more of them.
function parts(rows, columns, lineOf) {
  const body = make('tbody');
  const more = from => {
    body.append(...rows.slice(from, from + SHOWN).map((row, at) => lineOf(row, from + at)));
    const left = rows.length - from - SHOWN;
    if (left <= 0) return;
    const next = () => { line.remove(); more(from + SHOWN); };
    const line = make('tr', {}, make('td', { colSpan: columns }, make('button', { type: 'button', class: 'quiet', on: { click: next } }, `show more: ${left} rows left`)));
    body.append(line);
  };
  more(0);
  return body;
}

function answerCsv() {
  const { names, rows } = answered;
  const text = value => value === undefined || value === null ? '' : typeof value === 'string' ? value : writeJson(value);
  return writeCsv([names, ...rows.map(row => row.map(text))]);
}

const words = error => `wants ${error.expected}, got ${error.got}`;

// What was refused, in a list; the cells are marked by the caller. `listAll` brings the whole report.
function showRefusal(problem, listAll) {
  const box = $('refusal');
  box.hidden = !problem;
  if (!problem) return;
  const shown = [make('p.note.bad', {}, problem.message)];
  if (problem.errors?.length) {
    const body = parts(problem.errors, 5, error => make('tr', {},
      make('td.num', {}, error.row === undefined ? '–' : String(error.row)), make('td.mono', {}, error.column ?? '–'),
      make('td', {}, error.expected), make('td', {}, error.got, ...(error.hint ? [make('span.muted.block', {}, `hint: ${error.hint}`)] : [])), make('td.mono', {}, error.code)));
    shown.push(scrolled('Refused values', make('table', {}, headOf(['row', 'column', 'expected', 'got', 'code']), body)));
    const unlisted = (problem.error_count ?? 0) - problem.errors.length;
    if (unlisted > 0) shown.push(make('p.foot', {}, make('span.muted', {}, `and ${unlisted} more`), listAll ? make('button', { type: 'button', class: 'quiet', on: { click: listAll } }, 'List all') : ''));
  }
  box.replaceChildren(...shown);
}
