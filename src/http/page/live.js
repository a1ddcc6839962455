// Live numbers: what /metrics says now against what it said before, over the last minute.

const PERIOD = 2000, KEPT = 31;
const samples = [];

// Sums over all labels but the bucket's bound, for one model.
function readMetrics(text, model) {
  const sums = { requests: 0, errors: 0, batches: 0, batchRows: 0, buckets: new Map() };
  for (const line of text.split('\n')) {
    const found = /^flowgate_(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!found) continue;
    const [, name, labelText, number] = found;
    const labels = Object.fromEntries([...(labelText || '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, value]) => [key, value]));
    if (labels.model !== model.name || labels.version !== model.version) continue;
    const value = Number(number);
    if (name === 'requests_total') { sums.requests += value; if (Number(labels.status) >= 400) sums.errors += value; }
    else if (name === 'request_duration_seconds_bucket') sums.buckets.set(labels.le, (sums.buckets.get(labels.le) || 0) + value);
    else if (name === 'batch_rows_sum') sums.batchRows += value;
    else if (name === 'batch_rows_count') sums.batches += value;
  }
  return sums;
}

// Milliseconds under which a share of the requests between two samples stayed.
function quantile(share, before, now) {
  const bounds = [...now.buckets].map(([bound, count]) => [bound === '+Inf' ? Infinity : Number(bound), count - (before.buckets.get(bound) || 0)]).sort((a, b) => a[0] - b[0]);
  const total = bounds.at(-1)?.[1] ?? 0;
  if (total <= 0) return null;
  let low = 0, under = 0;
  for (const [bound, count] of bounds) {
    if (count >= share * total) {
      if (bound === Infinity) return low * 1000;
      return (low + (bound - low) * (share * total - under) / Math.max(1, count - under)) * 1000;
    }
    low = bound; under = count;
  }
  return null;
}

const TILES = [
  ['Requests', 'a second', (a, b, s) => (b.requests - a.requests) / s, v => v.toFixed(v >= 10 ? 0 : 1)],
  ['p50', 'ms', (a, b) => quantile(0.5, a, b), ms],
  ['p99', 'ms', (a, b) => quantile(0.99, a, b), ms],
  ['Errors', 'a second', (a, b, s) => (b.errors - a.errors) / s, v => v.toFixed(v >= 10 ? 0 : 1)],
  ['Batch', 'rows a run', (a, b) => b.batches > a.batches ? (b.batchRows - a.batchRows) / (b.batches - a.batches) : null, v => v.toFixed(1)],
];

function tile([name, unit]) {
  const value = make('dd', {}, '–');
  const spark = $('spark').content.firstElementChild.cloneNode(true);
  return { value, spark, root: make('div.tile', {}, make('dl', {}, make('dt', {}, name, make('span.unit', {}, unit)), value), spark) };
}

function draw(spark, points) {
  const top = Math.max(...points.map(point => point ?? 0)) * 1.1 || 1;
  const step = 120 / (KEPT - 2);
  let line = '', area = '', first = null, x = 0;
  points.forEach((point, at) => {
    x = 120 - (points.length - 1 - at) * step;
    const y = 27 - (point ?? 0) / top * 25;
    first ??= x;
    line += `${line ? 'L' : 'M'}${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  if (line) area = `${line}L${x} 28L${first.toFixed(1)} 28Z`;
  spark.querySelector('.line').setAttribute('d', line);
  spark.querySelector('.area').setAttribute('d', area);
}

function startLive(model) {
  const tiles = TILES.map(tile);
  $('tiles').replaceChildren(...tiles.map(({ root }) => root));
  let last = Date.now();
  const age = () => {
    const seconds = Math.round((Date.now() - last) / 1000);
    const stale = seconds > 5;
    $('live').classList.toggle('stale', stale);
    showState();
    $('age').textContent = stale ? `no answer for ${seconds} s` : samples.length ? 'the last minute' : 'reading';
  };
  const read = async () => {
    try {
      const response = await fetch('metrics', { cache: 'no-store' });
      if (!response.ok) throw new Error(String(response.status));
      samples.push({ at: performance.now(), ...readMetrics(await response.text(), model) });
      if (samples.length > KEPT) samples.shift();
      last = Date.now();
      TILES.forEach(([, , of, text], place) => {
        const points = samples.slice(1).map((now, at) => of(samples[at], now, (now.at - samples[at].at) / 1000));
        const [first, now] = [samples[0], samples.at(-1)];
        const value = samples.length < 2 ? null : of(first, now, (now.at - first.at) / 1000);
        tiles[place].value.textContent = value === null ? '–' : text(value);
        draw(tiles[place].spark, points);
      });
    } catch { /* the age says it */ }
    age();
  };
  const tick = () => { if (!document.hidden) read(); else age(); };
  read();
  setInterval(tick, PERIOD);
  return read;
}
