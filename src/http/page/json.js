// JSON that keeps what JavaScript would lose: a number stays the text that it was, so that whole
// numbers beyond 2^53 and the digits of a decimal come out as they went in.

class Num {
  constructor(text) { this.text = text; }
  get value() { return Number(this.text); }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const isNumber = text => { NUMBER.lastIndex = 0; return NUMBER.test(text) && NUMBER.lastIndex === text.length; };
const isMap = value => value instanceof Map;

// Objects become Maps: their keys keep their order, whatever they are called.
function parseJson(text) {
  let at = 0;
  const fail = what => {
    const before = text.slice(0, at).split('\n');
    throw new SyntaxError(`line ${before.length}, column ${before.at(-1).length + 1}: ${what}`);
  };
  const space = () => { while (' \t\n\r'.includes(text[at]) && at < text.length) at++; };
  const expect = char => { space(); if (text[at] !== char) fail(`expected ${char}`); at++; };
  const string = () => {
    const start = at++;
    while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
    if (at >= text.length) fail('a text without its end');
    at++;
    try { return JSON.parse(text.slice(start, at)); } catch { at = start; return fail('not a text'); }
  };
  const items = (end, item) => {
    at++; space();
    if (text[at] === end) { at++; return; }
    for (;;) {
      item(); space();
      if (text[at] === end) { at++; return; }
      expect(',');
    }
  };
  const value = depth => {
    if (depth > 200) fail('nested too deep');
    space();
    const char = text[at];
    if (char === '"') return string();
    if (char === '[') { const list = []; items(']', () => list.push(value(depth + 1))); return list; }
    if (char === '{') {
      const map = new Map();
      items('}', () => {
        space();
        if (text[at] !== '"') fail('expected a key');
        const key = string();
        if (map.has(key)) fail(`the key ${JSON.stringify(key)} is there twice`);
        expect(':');
        map.set(key, value(depth + 1));
      });
      return map;
    }
    for (const [word, meant] of [['true', true], ['false', false], ['null', null]]) {
      if (text.startsWith(word, at)) { at += word.length; return meant; }
    }
    NUMBER.lastIndex = at;
    const found = NUMBER.exec(text);
    if (!found) fail('expected a value');
    at = NUMBER.lastIndex;
    return new Num(found[0]);
  };
  const whole = value(0);
  space();
  if (at < text.length) fail('something after the end');
  return whole;
}

function writeJson(value) {
  if (value instanceof Num) return value.text;
  if (Array.isArray(value)) return `[${value.map(writeJson).join(', ')}]`;
  if (isMap(value)) return `{${[...value].map(([key, item]) => `${JSON.stringify(key)}: ${writeJson(item)}`).join(', ')}}`;
  return JSON.stringify(value);
}

// Readable: what holds only plain values stays on one line.
function prettyJson(value, pad = '') {
  const items = isMap(value) ? [...value.values()] : Array.isArray(value) ? value : [];
  if (items.every(item => item === null || typeof item !== 'object' || item instanceof Num)) return writeJson(value);
  const inner = pad + '  ';
  const lines = isMap(value) ? [...value].map(([key, item]) => `${JSON.stringify(key)}: ${prettyJson(item, inner)}`) : items.map(item => prettyJson(item, inner));
  const [open, close] = isMap(value) ? '{}' : '[]';
  return `${open}\n${lines.map(line => inner + line).join(',\n')}\n${pad}${close}`;
}

// RFC 4180, with any separator; quoted fields may hold line ends.
function parseCsv(text, separator = ',') {
  const rows = [];
  let row = [], field = '', quoted = false, started = false;
  const endField = () => { row.push(field); field = ''; started = false; };
  const endRow = () => { endField(); if (row.length > 1 || row[0] !== '') rows.push(row); row = []; };
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (quoted) {
      if (char !== '"') field += char;
      else if (text[at + 1] === '"') { field += '"'; at++; }
      else quoted = false;
    } else if (char === '"' && !started && field === '') { quoted = true; started = true; }
    else if (char === separator) endField();
    else if (char === '\n') endRow();
    else if (char === '\r' && text[at + 1] === '\n') continue;
    else field += char;
  }
  if (quoted) throw new SyntaxError('a quoted field without its end');
  if (field !== '' || row.length || started) endRow();
  return rows;
}

const csvField = text => /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
const writeCsv = rows => rows.map(row => row.map(csvField).join(',') + '\n').join('');

// The document, in few words. Text is always set as text, never as markup.
const $ = id => document.getElementById(id);
// `tag` may name classes: `td.num`.
function make(tag, options = {}, ...children) {
  const [name, ...classes] = tag.split('.');
  const element = document.createElement(name);
  element.className = classes.join(' ');
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (name === 'class') element.className += ` ${value}`;
    else if (name === 'on') for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
    else if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children.filter(child => child !== undefined && child !== ''));
  return element;
}
const headOf = names => make('thead', {}, make('tr', {}, ...names.map(name => make(RIGHT.has(name) ? 'th.num' : 'th', { scope: 'col' }, name))));
const RIGHT = new Set(['row', 'example']);
const scrolled = (label, table) => make('div.scroll', { tabIndex: 0, role: 'group', 'aria-label': label }, table);
const click = (id, act) => $(id).addEventListener('click', act);
const choose = (name, value) => { document.querySelector(`[name=${name}][value=${value}]`).checked = true; };
const chosen = name => document.querySelector(`[name=${name}]:checked`).value;
const onChoice = (name, act) => { for (const radio of document.querySelectorAll(`[name=${name}]`)) radio.addEventListener('change', act); };
let quiet;
function say(text) {
  $('said').textContent = text;
  clearTimeout(quiet);
  quiet = setTimeout(() => { $('said').textContent = ''; }, 2500);
}
async function copy(text, what) {
  try {
    await navigator.clipboard.writeText(text);
    say(`${what} copied`);
  } catch {
    // Without https the clipboard is not to be had: the old way.
    const area = make('textarea', { value: text, class: 'sr' });
    document.body.append(area);
    area.select();
    say(document.execCommand('copy') ? `${what} copied` : 'copying is not allowed here');
    area.remove();
  }
}
