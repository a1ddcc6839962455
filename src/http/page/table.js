// The rows: made from the signature, edited cell by cell, turned into a body and back.

const NUMBERS = new Set(['integer', 'long', 'float', 'double']);
const TEXTS = new Set(['string', 'binary', 'datetime']);
const SHOWN = 100;

// What the form edits: `fields` of the signature and `rows` of texts, one a field.
const form = { kind: 'none', fields: [], rows: [], params: [], values: new Map(), limit: SHOWN, whole: false };

function typeName(spec) {
  if (spec.type === 'tensor') return `${spec['tensor-spec'].dtype} [${spec['tensor-spec'].shape.map(size => size < 0 ? '?' : size).join(', ')}]`;
  if (spec.type === 'array') return `array of ${typeName(spec.items)}`;
  if (spec.type === 'map') return `map of ${typeName(spec.values)}`;
  if (spec.type === 'object') return `object {${Object.keys(spec.properties).join(', ')}}`;
  return spec.type === 'sparkml_vector' ? 'vector' : spec.type;
}

function setFields(inputs, params) {
  form.params = params || [];
  if (!inputs) { form.kind = 'none'; form.fields = []; return; }
  const tensors = inputs[0]?.type === 'tensor';
  form.kind = tensors ? 'tensors' : 'columns';
  form.fields = inputs.map((spec, place) => ({
    spec, key: spec.name ?? (tensors ? '' : String(place)), named: spec.name !== undefined,
    label: spec.name ?? (tensors ? 'tensor' : `column ${place}`),
    required: spec.required !== false, type: spec.type,
    scalar: NUMBERS.has(spec.type) || TEXTS.has(spec.type) || spec.type === 'boolean',
  }));
  // A tensor whose first size is given, or that has none, is edited as a whole.
  form.whole = tensors && form.fields.some(field => !(field.spec['tensor-spec'].shape[0] < 0));
}

const blankCell = field => field.type === 'boolean' && field.required ? 'false' : '';
const blankRow = () => form.fields.map(blankCell);
const csvFits = () => form.kind === 'columns' && form.fields.every(field => field.scalar && field.named);

// A text of a cell as a value. What is not of the column's type goes as the text that it is: the
// server refuses it and says why.
function cellValue(field, text) {
  const bare = text.trim();
  if (field.type === 'string') return text;
  if (bare === '' && !(field.scalar && TEXTS.has(field.type))) return null;
  if (TEXTS.has(field.type)) return text;
  if (NUMBERS.has(field.type)) return isNumber(bare) ? new Num(bare) : text;
  try { return parseJson(bare); } catch { return text; }
}

function cellText(field, value) {
  if (value === null || value === undefined) return '';
  if (value instanceof Num) return value.text;
  if (typeof value === 'string' && (field.scalar || !isJson(value))) return value;
  return writeJson(value);
}
function isJson(text) { try { parseJson(text); return true; } catch { return false; } }

const left = (field, text) => !field.required && text.trim() === '';

function bodyOfForm() {
  const { fields, rows } = form;
  let body = new Map();
  if (form.kind === 'tensors') {
    const value = place => form.whole ? cellValue(fields[place], rows[0]?.[place] ?? '') : rows.map(row => cellValue(fields[place], row[place]));
    const named = fields.length > 1 || fields[0].named;
    body.set('inputs', named ? new Map(fields.map((field, place) => [field.key, value(place)])) : value(0));
  } else if (!fields[0]?.named) {
    body.set('inputs', rows.map(row => fields.map((field, place) => cellValue(field, row[place]))));
  } else if (rows.some(row => fields.some((field, place) => left(field, row[place])))) {
    body.set('dataframe_records', rows.map(row => new Map(fields.flatMap((field, place) => left(field, row[place]) ? [] : [[field.key, cellValue(field, row[place])]]))));
  } else {
    body.set('dataframe_split', new Map([['columns', fields.map(field => field.key)], ['data', rows.map(row => fields.map((field, place) => cellValue(field, row[place])))]]));
  }
  const params = form.params.filter(param => (form.values.get(param.name) ?? '') !== '');
  if (params.length) body.set('params', new Map(params.map(param => [param.name, paramValue(param, form.values.get(param.name))])));
  return prettyJson(body) + '\n';
}

function paramValue(param, text) {
  const plain = param.shape === null && TEXTS.has(param.type);
  if (plain) return text;
  try { return parseJson(text); } catch { return text; }
}

function csvOfForm() {
  return writeCsv([form.fields.map(field => field.key), ...form.rows]);
}

// Fills the rows from a body; throws where it holds something that rows cannot show.
function formOfBody(text) {
  const body = parseJson(text);
  if (!isMap(body)) throw new Error('the body is not an object');
  const { fields } = form;
  const known = ['dataframe_split', 'dataframe_records', 'inputs', 'instances'].filter(key => body.has(key));
  if (known.length !== 1) throw new Error('the body has none of dataframe_split, dataframe_records, inputs, instances, or more than one');
  const data = body.get(known[0]);
  let rows;
  const ofMap = map => fields.map(field => map.has(field.key) ? cellText(field, map.get(field.key)) : blankCell(field));
  const ofList = list => {
    if (!Array.isArray(list)) list = [list];
    return fields.map((field, place) => place < list.length ? cellText(field, list[place]) : blankCell(field));
  };
  const byName = map => {
    if (![...map.values()].some(Array.isArray) || fields.some(field => !field.scalar && form.kind === 'columns')) return [ofMap(map)];
    const count = Math.max(...[...map.values()].map(list => Array.isArray(list) ? list.length : 1));
    return Array.from({ length: count }, (_, row) => fields.map(field => {
      const list = map.get(field.key);
      return Array.isArray(list) ? cellText(field, list[row]) : cellText(field, list);
    }));
  };
  if (known[0] === 'dataframe_split') {
    if (!isMap(data) || !Array.isArray(data.get('data'))) throw new Error('dataframe_split has no list of rows in data');
    const columns = data.get('columns')?.map(name => name instanceof Num ? name.text : name);
    rows = data.get('data').map(row => columns && fields[0]?.named ? ofMap(new Map(columns.map((name, place) => [name, row[place]]))) : ofList(row));
  } else if (form.whole) {
    rows = [isMap(data) ? ofMap(data) : fields.map(field => cellText(field, data))];
  } else if (isMap(data)) {
    rows = byName(data);
  } else if (Array.isArray(data)) {
    rows = data.map(row => isMap(row) ? ofMap(row) : form.kind === 'tensors' ? [cellText(fields[0], row)] : ofList(row));
  } else throw new Error('the data is no list and no object');
  form.rows = rows;
  form.values = new Map();
  const params = body.get('params');
  if (isMap(params)) {
    for (const param of form.params) {
      if (params.has(param.name)) form.values.set(param.name, cellText({ scalar: param.shape === null }, params.get(param.name)));
    }
  }
}

function formOfCsv(text) {
  const [header, ...lines] = parseCsv(text);
  if (!header) throw new Error('the first line names the columns');
  const places = form.fields.map(field => header.indexOf(field.key));
  form.rows = lines.map(line => form.fields.map((field, at) => line[places[at]] ?? blankCell(field)));
}

// Cells from a spreadsheet, from the cell at (row, place) on; a line of known names is a header.
function pasteCells(text, row, place) {
  let lines = parseCsv(text.replace(/\r\n?/g, '\n'), '\t');
  if (!lines.length) return 0;
  const keys = form.fields.map(field => field.key);
  let places = lines[0].map((_, at) => place + at);
  if (lines[0].length && lines[0].every(name => keys.includes(name.trim()))) {
    places = lines[0].map(name => keys.indexOf(name.trim()));
    lines = lines.slice(1);
  }
  lines.forEach((line, down) => {
    while (form.rows.length <= row + down) form.rows.push(blankRow());
    line.forEach((cell, at) => { if (places[at] < keys.length) form.rows[row + down][places[at]] = pasted(form.fields[places[at]], cell); });
  });
  return lines.length;
}
const pasted = (field, cell) => field.type === 'boolean' ? cell.trim().toLowerCase() : NUMBERS.has(field.type) ? cell.trim() : cell;

const LOCAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/;

// One cell's control. `changed` is called with the new text.
function control(field, text, label, changed) {
  const on = { input: event => changed(event.target.value) };
  const common = { 'aria-label': label, autocomplete: 'off' };
  if (field.type === 'boolean' && field.required && (text === 'true' || text === 'false')) {
    return make('input', { ...common, type: 'checkbox', checked: text === 'true', on: { input: event => changed(String(event.target.checked)) } });
  }
  if (field.type === 'boolean' && ['', 'true', 'false'].includes(text)) {
    const select = make('select', { ...common, on });
    for (const choice of ['', 'true', 'false']) select.append(make('option', { value: choice, textContent: choice || '–' }));
    select.value = text;
    return select;
  }
  if (NUMBERS.has(field.type)) return make('input', { ...common, type: 'text', inputMode: 'decimal', class: 'num', value: text, spellcheck: false, on });
  if (field.type === 'datetime' && (text === '' || LOCAL.test(text))) return make('input', { ...common, type: 'datetime-local', step: '1', value: text, on });
  if (field.scalar) return make('input', { ...common, type: 'text', class: 'text', value: text, on });
  return make('textarea', { ...common, class: 'json', rows: 2, value: text, spellcheck: false, placeholder: field.type === 'tensor' ? '[…]' : 'JSON', on });
}
