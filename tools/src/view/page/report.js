// SPDX-License-Identifier: GPL-2.0-only
// The page of `kvm-exits report --html`: draws what the JSON in it has, docs/report.schema.json.
'use strict';

(() => {
const data = JSON.parse(document.getElementById('data').textContent);
const $ = (id) => document.getElementById(id);
const BEGIN = Date.parse(data.begin);
// As all points are: by a clock that nobody sets
const END = Math.max(Date.parse(data.end), BEGIN + 1);

// As many as can be told apart; what is left is one more, in grey.
const COLORS = ['#4477aa', '#ee6677', '#228833', '#ccbb44', '#66ccee', '#aa3377', '#dd7722',
                '#88aa55', '#7766cc', '#aa7744', '#449999'];
const OTHER = {number: 'other', name: 'other reasons', color: '#8c929b'};
const STATES = [['guest', '#228833', 'Guest'], ['kernel', '#4477aa', 'Kernel'],
                ['vmm', '#aa3377', 'VMM'], ['halted', '#b8bec8', 'Halted'],
                ['preempted', '#ee6677', 'Preempted']];
const QUANTILES = [['p50_microseconds', 'half of the exits, at most'],
                   ['p90_microseconds', '90 % of the exits, at most'],
                   ['p99_microseconds', '99 % of the exits, at most']];

// How opaque their bands are
const BANDS = ['', 'a0', '60'];

// ---- Numbers and times ------------------------------------------------------------------------

function short(value, digits = 3) {
  if (value === null || !Number.isFinite(value)) return '-';
  if (value === 0) return '0';
  if (Math.abs(value) < 1e-4) return '<0.0001';
  for (const [unit, suffix] of [[1e12, 'T'], [1e9, 'G'], [1e6, 'M'], [1e4, 'k']]) {
    if (Math.abs(value) >= unit) {
      return Number((value / (suffix === 'k' ? 1e3 : unit)).toPrecision(digits)) + suffix;
    }
  }
  if (Math.abs(value) >= 100) return value.toFixed(0);
  return String(Number(value.toPrecision(digits)));
}

// As long as those above and below it
const fixed = (value) => value === null || !Number.isFinite(value) ? '-' :
    value > 0 && value < 5e-5 ? '<0.0001' : value.toFixed(4);
const whole = (value) => value.toLocaleString('en-US');
const percent = (value) => value === null || !Number.isFinite(value) ? '-' : value.toFixed(1);

function duration(microseconds) {
  if (microseconds === null || !Number.isFinite(microseconds)) return '-';
  for (const [unit, suffix] of [[1e6, ' s'], [1e3, ' ms'], [1, ' µs']]) {
    if (microseconds >= unit) return short(microseconds / unit) + suffix;
  }
  return short(microseconds * 1e3) + ' ns';
}

function length(milliseconds) {
  const seconds = milliseconds / 1000;
  if (seconds < 120) return short(seconds) + ' s';
  if (seconds < 3600) return short(seconds / 60) + ' min';
  if (seconds < 172800) return short(seconds / 3600) + ' h';
  return short(seconds / 86400) + ' days';
}

const instant = (time) => new Date(time).toISOString();
// With a fraction where that is told apart
const moment = (time) => instant(time).slice(0, time % 1000 === 0 ? 19 : 23).replace('T', ' ');
const readable = (time) => instant(time).slice(0, 19).replace('T', ' ');

// Steps of an axis of time, in milliseconds.
const STEPS = [1, 2, 5, 10, 20, 50, 100, 200, 500,
               ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600,
                   43200, 86400, 172800, 604800].map((seconds) => seconds * 1000)];

function timeTicks(min, max, count) {
  const step = STEPS.find((each) => (max - min) / each <= count) || STEPS[STEPS.length - 1];
  const ticks = [];
  for (let at = Math.ceil(min / step) * step; at <= max; at += step) ticks.push({value: at});
  return ticks;
}

function timeLabel(time, span) {
  const text = instant(time);
  if (span > 2 * 86400e3) return text.slice(5, 16).replace('T', ' ');
  return span > 600e3 ? text.slice(11, 16) : span > 5e3 ? text.slice(11, 19) : text.slice(11, 23);
}

// ---- What there is to show --------------------------------------------------------------------

// A stranger's text, of which everything can be seen, in the order in which it is there.
function printable(text) {
  return text.replace(/[\p{C}\p{Zl}\p{Zp}\\]|^\p{M}/gu, (each) => each === '\\' ? '\\\\' :
      '\\u{' + each.codePointAt(0).toString(16) + '}');
}

// What tells VMs apart: an id may be another's later.
const keyOf = (vm) => vm.id + ' ' + vm.pid;
const nameOf = (vm) => printable(vm.name).trim() || vm.id;
const names = new Map();
for (const vm of data.vms) names.set(nameOf(vm), (names.get(nameOf(vm)) || 0) + 1);
// With more where two have the same
const fullNameOf = (vm) => names.get(nameOf(vm)) > 1 ? `${nameOf(vm)} (${vm.id})` : nameOf(vm);
const reasonName = (reason) => reason.name !== '(unnamed)' ? reason.name :
    'reason ' + (data.isa === 'SVM' ? '0x' + reason.reason.toString(16) : reason.reason);

const numberOf = (reason) => reason.reason === null ? 'UNKNOWN' : String(reason.reason);
const sum = (values) => values.reduce((all, value) => all + (value || 0), 0);
const hasTime = Boolean(data.all) &&
    data.all.reasons.some((reason) => reason.points.busy_seconds !== null);

// Those that cost most first, each with the colour that it has everywhere.
const reasons = (data.all ? data.all.reasons : []).map((reason) => ({
  number: numberOf(reason),
  name: reasonName(reason),
  cost: hasTime ? sum(reason.points.busy_seconds || []) : reason.exits,
  exits: reason.exits,
})).sort((a, b) => b.cost - a.cost || b.exits - a.exits);
reasons.forEach((reason, i) => {
  reason.isOther = reasons.length > COLORS.length && i >= COLORS.length - 1;
  reason.color = reason.isOther ? OTHER.color : COLORS[i];
});
const shown = reasons.filter((reason) => !reason.isOther);
if (shown.length < reasons.length) shown.push(OTHER);
const explanations = new Map(data.explanations.map((each) => [String(each.reason), each]));

const state = {begin: BEGIN, end: END, vm: null, reason: null, hidden: new Set(),
               sort: {vms: [hasTime ? 'busy' : 'exits', true],
                      reasons: [hasTime ? 'busy' : 'exits', true]},
               told: new Set()};

const vmOf = (key) => data.vms.find((each) => keyOf(each) === key);
const series = () => state.vm === null ? data.all : vmOf(state.vm);
const isZoomed = () => state.begin > BEGIN || state.end < END;

function beginOf(points, i) { return BEGIN + points.begin_seconds[i] * 1000; }
function endOf(points, i) { return BEGIN + points.end_seconds[i] * 1000; }
function lengthOf(points, i) { return endOf(points, i) - beginOf(points, i); }

// What of each point is in the range: 1 but for points that are longer than those of all VMs,
// at whose ends the range is.
function inRange(points) {
  const found = [];
  for (let i = 0; i < points.seconds.length; ++i) {
    const part = (Math.min(endOf(points, i), state.end) -
                  Math.max(beginOf(points, i), state.begin)) / lengthOf(points, i);
    // But for what is rounded
    if (part > 0.001) found.push({i, part: part > 0.999 ? 1 : part});
  }
  return found;
}

function sumAt(values, range) {
  if (values === null) return null;
  let all = 0;
  for (const {i, part} of range) all += (values[i] || 0) * part;
  return all;
}

// Of the points that have a value.
function secondsAt(seconds, range, values) {
  return sum(range.map(({i, part}) => values[i] === null ? 0 : seconds[i] * part));
}

function meanAt(values, points, range) {
  const seconds = secondsAt(points.seconds, range, values);
  return seconds > 0 ? sum(range.map(
      ({i, part}) => (values[i] || 0) * points.seconds[i] * part)) / seconds : null;
}

// What the table of reasons says of one, in the range.
function measure(of, reason, range) {
  const {exits, busy_seconds: busy, p99_microseconds: p99} = reason.points;
  const count = sumAt(exits, range);
  const {seconds: lengths, timed_seconds: timedLengths} = of.points;
  const seconds = secondsAt(lengths, range, exits);
  const timed = busy === null ? 0 : secondsAt(timedLengths, range, busy);
  // Where a part of a point was timed, such a part of its exits
  const timedExits = busy === null ? 0 : sum(range.map(({i, part}) =>
    busy[i] === null ? 0 : exits[i] * part * timedLengths[i] / lengths[i]));
  const highest = p99 === null ? [] : range.map(({i}) => p99[i]).filter((each) => each !== null);
  return {reason, number: numberOf(reason), name: reasonName(reason), exits: Math.round(count),
          rate: seconds > 0 ? count / seconds : null,
          busy: timed > 0 ? sumAt(busy, range) / timed : null,
          each: timedExits > 0 ? sumAt(busy, range) / timedExits * 1e6 : null,
          p50: reason.p50_microseconds, p99: reason.p99_microseconds,
          highest: highest.length > 0 ? Math.max(...highest) : null};
}

function measureAll(of) {
  const range = inRange(of.points);
  return of.reasons.map((reason) => measure(of, reason, range));
}

// ---- Elements ---------------------------------------------------------------------------------

// Text is only ever set as text: names are a stranger's.
function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'click') {
      made.addEventListener('click', value);
    } else if (value !== null) {
      made.setAttribute(key, value);
    }
  }
  made.append(...children);
  return made;
}

function swatch(color) {
  const made = element('i', {class: 'swatch', 'aria-hidden': 'true'});
  made.style.background = color;
  return made;
}

// ---- Charts -----------------------------------------------------------------------------------

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const charts = {};
let drag = null;  // {chart, from, to}: pixels

// Where nobody looked: what is drawn there is a mean.
const gaps = {
  id: 'gaps',
  afterDatasetsDraw(chart) {
    const {left, right, top, bottom} = chart.chartArea;
    const {ctx} = chart;
    ctx.save();
    ctx.beginPath();
    ctx.strokeStyle = style('--text') + '38';
    for (const gap of data.gaps) {
      const [from, to] = [gap.begin_seconds, gap.begin_seconds + gap.seconds].map(
          (each) => chart.scales.x.getPixelForValue(BEGIN + each * 1000));
      for (let x = Math.max(from, left); x <= Math.min(to, right); x += 8) {
        ctx.moveTo(x, bottom);
        ctx.lineTo(x, top);
      }
    }
    ctx.stroke();
    ctx.restore();
  },
};

// The step that is at the pointer, and not the next one where that begins nearer.
Chart.Interaction.modes.step = (chart, event) => {
  const first = chart.data.datasets[0];
  if (!first || event.x < chart.chartArea.left || event.x > chart.chartArea.right) return [];
  const time = chart.scales.x.getValueForPixel(event.x);
  let at = -1;
  while (at + 1 < first.data.length && first.data[at + 1].x <= time) ++at;
  return at < 0 || first.data[at].isEnd ? [] : chart.data.datasets.map((_, datasetIndex) => (
      {datasetIndex, index: at, element: chart.getDatasetMeta(datasetIndex).data[at]}));
};

// The part that is being chosen.
const selection = {
  id: 'selection',
  afterDraw(chart) {
    if (!drag || drag.chart !== chart) return;
    const {top, bottom} = chart.chartArea;
    chart.ctx.save();
    chart.ctx.fillStyle = style('--link') + '40';
    chart.ctx.fillRect(Math.min(drag.from, drag.to), top, Math.abs(drag.to - drag.from),
                       bottom - top);
    chart.ctx.restore();
  },
};

function makeChart(id, options) {
  const canvas = $(id);
  const box = canvas.parentElement;
  const title = box.closest('section').querySelector('h2').textContent;
  canvas.setAttribute('aria-hidden', 'true');
  box.tabIndex = 0;
  box.setAttribute('role', 'application');
  box.setAttribute('aria-label', 'Chart: ' + title);
  box.setAttribute('aria-describedby', 'keys');
  const chart = new Chart(canvas, {
    type: 'line',
    data: {datasets: []},
    plugins: [gaps, selection],
    options: {
      animation: false,
      maintainAspectRatio: false,
      parsing: false,
      normalized: true,
      interaction: {mode: 'step', intersect: false},
      elements: {point: {radius: 0, hoverRadius: 0}, line: {borderWidth: 1}},
      scales: {
        x: {type: 'linear', min: BEGIN, max: END,
            afterBuildTicks: (axis) => {
              axis.ticks = timeTicks(axis.min, axis.max, Math.max(2, axis.width / 90));
            },
            ticks: {maxRotation: 0, autoSkip: false,
                    callback: function(value) { return timeLabel(value, this.max - this.min); }}},
        // As wide in all, so that the same time is at the same place
        y: {afterFit: (axis) => { axis.width = 60; }, ...options.y},
      },
      plugins: {
        legend: {display: false},
        tooltip: {
          itemSort: options.stacked ? (a, b) => b.datasetIndex - a.datasetIndex : undefined,
          filter: (item) => Number.isFinite(item.parsed.y) &&
              (!options.stacked || item.parsed.y > 0),
          callbacks: {title: (items) => items.length ? moment(items[0].parsed.x) + ' UTC' : '',
                      label: (item) => item.dataset.label + ': ' + options.value(item.parsed.y)},
        },
      },
    },
  });
  charts[id] = chart;
  const offset = (event) => {
    const {left, right} = chart.chartArea;
    const x = event.clientX - canvas.getBoundingClientRect().left;
    return Math.min(right, Math.max(left, x));
  };
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    drag = {chart, from: offset(event), to: offset(event)};
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!drag || drag.chart !== chart) return;
    drag.to = offset(event);
    chart.draw();
  });
  canvas.addEventListener('pointerup', () => {
    if (!drag || drag.chart !== chart) return;
    const times = [drag.from, drag.to].map((x) => chart.scales.x.getValueForPixel(x));
    const isWide = Math.abs(drag.to - drag.from) > 4;
    drag = null;
    if (isWide) zoom(Math.min(...times), Math.max(...times));
    else chart.draw();
  });
  canvas.addEventListener('pointercancel', () => { drag = null; chart.draw(); });
  canvas.addEventListener('dblclick', () => zoom(BEGIN, END));
  box.addEventListener('keydown', (event) => onKey(event, chart));
}

// Each value lasts from the begin of its point to that of the next, or to its end where there is
// a hole.
function steps(points, valueAt, inHoles) {
  const made = [];
  const count = points.seconds.length;
  for (let i = 0; i < count; ++i) {
    const begin = beginOf(points, i);
    const end = endOf(points, i);
    made.push({x: begin, y: valueAt(i)});
    const next = i + 1 < count ? beginOf(points, i + 1) : null;
    if (next === null) made.push({x: end, y: valueAt(i), isEnd: true});
    // As the lengths are rounded
    else if (next > end + Math.max(50, lengthOf(points, i) / 10)) {
      made.push({x: end, y: inHoles, isEnd: true});
    }
  }
  return made;
}

// One value of each reason that is shown, by what `valueOf` makes of it.
function stackOf(valueOf, lengths) {
  const of = series();
  const sets = [];
  for (const reason of shown) {
    if (state.hidden.has(reason.number)) continue;
    const members = of.reasons.filter((each) => reason === OTHER ?
        reasons.find((one) => one.number === numberOf(each)).isOther :
        numberOf(each) === reason.number);
    if (members.length === 0) continue;
    const values = of.points[lengths].map((seconds, i) => {
      let all = 0;
      for (const member of members) {
        const value = valueOf(member, i);
        if (value === null) return NaN;
        all += value;
      }
      return seconds > 0 ? all / seconds : 0;
    });
    // A VM that is not there has no exits; nobody knows that of a host that is not looked at.
    sets.push({label: reason.name, data: steps(of.points, (i) => values[i], 0), stepped: 'before',
               fill: sets.length === 0 ? 'origin' : '-1', backgroundColor: reason.color + 'd0',
               borderColor: reason.color, borderWidth: 0.5});
  }
  return sets;
}

function statesOf() {
  const points = series().points;
  if (!points.time_percent) return [];
  return STATES.filter(([name]) => points.time_percent[name].some((value) => value !== null))
      .map(([name, color], i) => ({
        label: name,
        data: steps(points, (at) => points.time_percent[name][at] ?? NaN, NaN),
        stepped: 'before', fill: i === 0 ? 'origin' : '-1', backgroundColor: color + 'd0',
        borderColor: color, borderWidth: 0.5,
      }));
}

function quantilesOf() {
  const reason = series().reasons.find((each) => numberOf(each) === state.reason);
  if (!reason || reason.points.p50_microseconds === null) return [];
  const color = reasons.find((each) => each.number === state.reason).color;
  return QUANTILES.map(([key, label], i) => ({
    label,
    data: steps(series().points, (at) => reason.points[key][at] ?? NaN, NaN),
    stepped: 'before', fill: i === 0 ? false : '-1', borderColor: color,
    borderWidth: i === 0 ? 2 : 1, backgroundColor: color + BANDS[i],
  }));
}

const DATASETS = {
  exits: () => stackOf((reason, i) => reason.points.exits[i], 'seconds'),
  busy: () => hasTime ? stackOf((reason, i) => reason.points.busy_seconds === null ? null :
      reason.points.busy_seconds[i], 'timed_seconds') : [],
  states: statesOf,
  quantiles: quantilesOf,
};

// Of an axis, whose steps may be small
const tick = (value) => value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential() :
    short(value);

function linear(value, extra = {}) {
  return {type: 'linear', beginAtZero: true, stacked: true, ticks: {callback: value}, ...extra};
}

function makeCharts() {
  makeChart('exits', {stacked: true, y: linear(tick), value: (v) => short(v) + '/s'});
  makeChart('busy', {stacked: true, y: linear(tick), value: (v) => short(v) + ' vCPUs'});
  makeChart('states', {stacked: true, value: (v) => percent(v) + ' %',
                       y: linear((v) => v + ' %', {max: 100})});
  makeChart('quantiles', {stacked: false, value: duration, y: {
    type: 'logarithmic',
    ticks: {callback: (value) => /^[125]0*$/.test(String(Math.round(value * 1e3))) ?
        duration(value) : null},
  }});
}

function paint() {
  const text = style('--text');
  const line = style('--line');
  for (const chart of Object.values(charts)) {
    for (const axis of Object.values(chart.options.scales)) {
      axis.ticks.color = text;
      axis.grid = {color: line, borderColor: line};
    }
  }
}

function fillCharts() {
  for (const [id, chart] of Object.entries(charts)) {
    chart.data.datasets = DATASETS[id]();
    const section = chart.canvas.closest('section');
    const isEmpty = chart.data.datasets.length === 0;
    chart.canvas.parentElement.hidden = isEmpty;
    const none = section.querySelector('.none');
    if (none) none.hidden = !isEmpty;
    const legend = section.querySelector('.legend');
    if (legend && id !== 'exits') legend.hidden = isEmpty;
    const hint = section.querySelector('.hint');
    if (hint) hint.hidden = isEmpty;
    if (id === 'quantiles' && !isEmpty) {
      // Below the lowest line, which would be on the axis else
      const lowest = Math.min(...chart.data.datasets[0].data.map(({y}) => y).filter((y) => y > 0));
      chart.options.scales.y.min = Number.isFinite(lowest) ? lowest * 0.7 : undefined;
    }
    chart.options.scales.x.min = state.begin;
    chart.options.scales.x.max = state.end;
    chart.update();
  }
}

// ---- Keyboard ---------------------------------------------------------------------------------

function showPoint(chart, step) {
  const points = chart.data.datasets[0] && chart.data.datasets[0].data;
  if (!points) return;
  const isIn = (i) => i >= 0 && i < points.length && points[i].x < state.end &&
      (i + 1 < points.length ? points[i + 1].x : Infinity) > state.begin && !points[i].isEnd;
  const found = points.map((_, i) => i).filter(isIn);
  if (found.length === 0) return;
  const from = found.indexOf(chart.cursor);
  const next = from >= 0 ? from + step : step > 0 ? 0 : found.length - 1;
  const at = found[Math.min(Math.max(next, 0), found.length - 1)];
  chart.cursor = at;
  const active = chart.data.datasets.map((set, datasetIndex) => ({datasetIndex, index: at}));
  chart.setActiveElements(active);
  chart.tooltip.setActiveElements(active, {x: 0, y: 0});
  chart.update();
  const said = chart.tooltip.dataPoints || [];
  $('said').textContent = [moment(points[at].x) + ' UTC', ...said.map(
      (item) => chart.options.plugins.tooltip.callbacks.label(item))].join('; ');
}

function onKey(event, chart) {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
  if (step && event.shiftKey) shift(step);
  else if (step) showPoint(chart, step);
  else if (event.key === '+' || event.key === '=') scale(0.5, cursorTime(chart));
  else if (event.key === '-') scale(2, cursorTime(chart));
  else if (event.key === 'Escape') zoom(BEGIN, END);
  else return;
  event.preventDefault();
}

function cursorTime(chart) {
  const set = chart.data.datasets[0];
  const point = set && chart.cursor !== undefined ? set.data[chart.cursor] : null;
  return point && point.x >= state.begin && point.x <= state.end ? point.x : null;
}

// ---- Range ------------------------------------------------------------------------------------

// Where a point of all VMs begins, or one ends.
const edges = [BEGIN];
if (data.all) {
  for (let i = 0; i < data.all.points.seconds.length; ++i) {
    edges.push(beginOf(data.all.points, i), endOf(data.all.points, i));
  }
}
edges.push(END);
edges.sort((a, b) => a - b);
// Those that are rounded are the same.
for (let i = edges.length - 1; i > 0; --i) {
  if (edges[i] - edges[i - 1] < 2) edges.splice(i === edges.length - 1 ? i - 1 : i, 1);
}

// Shows from one edge to another, so that each number is of whole points.
function zoom(begin, end) {
  const nearest = (time) => edges.reduce(
      (best, edge, i) => Math.abs(edge - time) < Math.abs(edges[best] - time) ? i : best, 0);
  let [from, to] = [nearest(begin), nearest(end)];
  if (from >= to) {
    // The one that the middle is in
    from = Math.max(0, edges.findIndex((edge) => edge > (begin + end) / 2) - 1);
    to = Math.min(from + 1, edges.length - 1);
    from = Math.min(from, to - 1);
  }
  [state.begin, state.end] = [edges[from], edges[to]];
  state.isFinest = to - from <= 1;
  show();
}

function scale(factor, around) {
  const span = (state.end - state.begin) * factor;
  const center = around === null || around === undefined ? (state.begin + state.end) / 2 : around;
  const part = (center - state.begin) / (state.end - state.begin);
  zoom(center - span * part, center + span * (1 - part));
}

function shift(direction) {
  const span = state.end - state.begin;
  const begin = Math.min(Math.max(state.begin + direction * span / 2, BEGIN), END - span);
  zoom(begin, begin + span);
}

// ---- Tables -----------------------------------------------------------------------------------

// `columns`: [key, title, text of a row or an element, is it text, tooltip].
function makeTable(id, columns, rows, redraw) {
  const [key, isDown] = state.sort[id];
  const value = (row) => row[key];
  rows.sort((a, b) => {
    const [x, y] = [value(a), value(b)];
    if (x === y) return 0;
    if (x === null || Number.isNaN(x)) return 1;
    if (y === null || Number.isNaN(y)) return -1;
    const order = typeof x === 'string' ? x.localeCompare(y) : x - y;
    return isDown ? -order : order;
  });
  const head = element('tr');
  for (const [of, title, , isText, tip] of columns) {
    const cell = element('th', {scope: 'col', class: isText ? 'text' : null});
    if (of) {
      cell.setAttribute('aria-sort', of !== key ? 'none' : isDown ? 'descending' : 'ascending');
      const mark = of !== key ? '' : isDown ? ' ▾' : ' ▴';
      const button = element('button', {type: 'button', id: `${id}-by-${of}`,
                                        title: tip || null}, title + mark);
      button.addEventListener('click', () => {
        state.sort[id] = [of, of === key ? !isDown : !isText];
        redraw();
        $(`${id}-by-${of}`).focus();
      });
      cell.append(button);
    } else {
      cell.append(title);
    }
    head.append(cell);
  }
  const body = element('tbody');
  for (const row of rows) {
    const line = element('tr');
    if (row.isChosen) line.className = 'chosen';
    for (const [of, , text, isText] of columns) {
      const names = [isText ? 'text' : '', of === 'name' ? 'name' : ''].join(' ').trim();
      line.append(element('td', {class: names || null}, text(row)));
    }
    body.append(line);
    if (row.below) body.append(row.below);
  }
  $(id).replaceChildren(element('thead', {}, head), body);
}

// The states over the time of the range, as a picture in a row.
function drawStrip(canvas, points) {
  const ratio = window.devicePixelRatio || 1;
  const width = canvas.width = Math.round(140 * ratio);
  const height = canvas.height = Math.round(22 * ratio);
  const context = canvas.getContext('2d');
  const at = (time) => (time - state.begin) / (state.end - state.begin) * width;
  for (let i = 0; i < points.seconds.length; ++i) {
    const left = Math.round(at(beginOf(points, i)));
    const next = i + 1 < points.seconds.length ? beginOf(points, i + 1) : Infinity;
    const right = Math.round(at(Math.min(next, endOf(points, i) + lengthOf(points, i) / 10)));
    if (right < 0 || left > width) continue;
    let from = height;
    for (const [name, color] of STATES) {
      const part = (points.time_percent[name][i] || 0) / 100 * height;
      context.fillStyle = color;
      context.fillRect(left, from - part, Math.max(right - left, 1), part);
      from -= part;
    }
  }
}

function showVms() {
  const strips = [];
  let isPart = false;
  const rows = [];
  for (const vm of data.vms) {
    const range = inRange(vm.points);
    if (range.length === 0) continue;
    isPart = isPart || range.some(({part}) => part < 1);
    const measured = vm.reasons.map((reason) => measure(vm, reason, range));
    const all = (key) => measured.some((each) => each[key] !== null) ?
        sum(measured.map((each) => each[key])) : null;
    const row = {vm, name: fullNameOf(vm), pid: vm.pid, vcpus: vm.vcpus,
                 exits: all('exits') || 0, rate: all('rate') || 0, busy: all('busy'),
                 isChosen: keyOf(vm) === state.vm};
    for (const [name] of STATES) {
      row[name] = vm.points.time_percent ?
          meanAt(vm.points.time_percent[name], vm.points, range) : null;
    }
    const cost = hasTime ? 'busy' : 'exits';
    const top = measured.reduce((a, b) => b[cost] > (a ? a[cost] : 0) ? b : a, null);
    row.top = top ? top.name : '-';
    rows.push(row);
  }
  const left = data.vm_count - data.vms.length;
  $('vms-part').textContent = [
    isPart ? 'Points of VMs are longer than the range: what is counted is their part of it.' : '',
    left > 0 ? `${whole(left)} more, which cost less, are in the sums alone.` : '',
  ].join('  ').trim();
  const strip = (row) => {
    if (!row.vm.points.time_percent) return '-';
    const canvas = element('canvas', {class: 'strip', role: 'img', 'aria-label':
        'States of ' + row.name + ' over time: ' + STATES.map(
            ([name]) => name + ' ' + percent(row[name]) + ' %').join(', ')});
    strips.push([canvas, row.vm.points]);
    return canvas;
  };
  const choose = (row) => {
    const id = 'vm-' + data.vms.indexOf(row.vm);
    return element('button', {type: 'button', id, title: row.name,
                              'aria-pressed': String(row.isChosen), click: () => {
      state.vm = row.isChosen ? null : keyOf(row.vm);
      show();
      $(id).focus();
    }}, element('bdi', {}, row.name));
  };
  makeTable('vms', [
    ['name', 'VM', choose, true],
    ['pid', 'PID', (row) => String(row.pid)],
    ['vcpus', 'vCPUs', (row) => String(row.vcpus)],
    ['exits', 'Exits', (row) => whole(row.exits)],
    ['rate', 'Exits/s', (row) => short(row.rate)],
    ['busy', 'vCPUs in exits', (row) => fixed(row.busy), false, 'But for those that are halted'],
    ['top', 'Top reason', (row) => row.top, true],
    ...STATES.map(([name, , title]) => [name, title, (row) => percent(row[name]), false,
                                        '% of the time of its vCPUs']),
    ['', 'States over time', strip, true],
  ], rows, showVms);
  for (const [canvas, points] of strips) drawStrip(canvas, points);
}

function told(row, columns) {
  const explanation = explanations.get(row.number);
  const cell = element('td', {class: 'told', colspan: columns});
  if (!explanation) {
    cell.append(element('p', {}, 'No manual defines this reason.'));
  } else {
    cell.append(element('p', {}, element('strong', {}, explanation.title)));
    for (const paragraph of explanation.what.split('\n')) {
      if (paragraph) cell.append(element('p', {}, paragraph));
    }
    const list = (title, items) => {
      if (items.length === 0) return;
      cell.append(element('h3', {}, title), element('ul', {}, ...items));
    };
    list('Usual causes', explanation.causes.map((cause) => element('li', {}, cause)));
    list('What helps, and its price', explanation.help.map((help) => element(
        'li', {}, help.do, element('br'), 'Price: ' + help.price)));
    list('Look next', explanation.look.map((look) => element(
        'li', {}, element('code', {}, look.command), element('br'), look.shows)));
    list('Sources', explanation.sources.map((source) => element('li', {}, source)));
  }
  return element('tr', {class: 'told-row', id: 'told-' + row.number}, cell);
}

function showReasons() {
  const rows = measureAll(series());
  const exits = sum(rows.map((row) => row.exits));
  const busy = sum(rows.map((row) => row.busy));
  const color = new Map(reasons.map((reason) => [reason.number, reason.color]));
  const columns = [
    ['name', 'Reason', (row) => {
      const isOpen = state.told.has(row.number);
      const explanation = explanations.get(row.number);
      return element('button', {type: 'button', 'aria-expanded': String(isOpen),
                                id: 'tell-' + row.number,
                                title: explanation ? explanation.title : null, click: () => {
        if (!state.told.delete(row.number)) state.told.add(row.number);
        showReasons();
        $('tell-' + row.number).focus();
      }}, swatch(color.get(row.number)), ' ' + row.name + (isOpen ? ' ▾' : ' ▸'));
    }, true],
    ['exits', 'Exits', (row) => whole(row.exits)],
    ['rate', 'Exits/s', (row) => short(row.rate)],
    ['share', '% of exits', (row) => percent(row.share)],
    ['busy', 'vCPUs in them', (row) => fixed(row.busy), false, 'But for those that are halted'],
    ['busyShare', '% of time', (row) => percent(row.busyShare)],
    ['each', 'Each', (row) => duration(row.each), false, 'Time of one exit, without halted'],
    ['p50', 'P50, whole', (row) => duration(row.p50), false,
     'Half of the exits of the whole record took at most that'],
    ['p99', 'P99, whole', (row) => duration(row.p99), false,
     '99 % of the exits of the whole record took at most that'],
    ['highest', 'P99, highest', (row) => duration(row.highest), false,
     'The highest P99 of a point in the range'],
  ];
  for (const row of rows) {
    row.share = exits > 0 ? row.exits / exits * 100 : null;
    row.busyShare = row.busy !== null && busy > 0 ? row.busy / busy * 100 : null;
    if (state.told.has(row.number)) row.below = told(row, columns.length);
  }
  $('reasons-of').textContent = state.vm === null ? '' : 'of ' + fullNameOf(series());
  makeTable('reasons', columns, rows, showReasons);
}

// ---- Page -------------------------------------------------------------------------------------

function showLegend() {
  $('reasons-legend').replaceChildren(...shown.map((reason) => element(
      'button', {type: 'button', 'aria-pressed': String(!state.hidden.has(reason.number)),
                 id: 'legend-' + reason.number, title: 'Show or hide', click: () => {
        if (!state.hidden.delete(reason.number)) state.hidden.add(reason.number);
        show();
        $('legend-' + reason.number).focus();
      }}, swatch(reason.color), reason.name)));
}

function showChoices() {
  const found = series().reasons.map(numberOf);
  const known = reasons.filter((reason) => found.includes(reason.number));
  if (!known.some((reason) => reason.number === state.reason)) {
    const timed = known.find((reason) => series().reasons.find(
        (each) => numberOf(each) === reason.number).points.p50_microseconds !== null);
    state.reason = (timed || known[0] || {number: null}).number;
  }
  $('reason').replaceChildren(...known.map((reason) => element(
      'option', {value: reason.number}, reason.name)));
  $('reason').value = state.reason;
  $('scope').value = state.vm === null ? '' : state.vm;
  const color = (reasons.find((each) => each.number === state.reason) || {}).color;
  $('quantiles-legend').replaceChildren(...QUANTILES.map(([, label], i) => element(
      'span', {}, swatch(color + BANDS[i]), label)));
}

function showRange() {
  const shown = state.end - state.begin < 10e3 ? moment : readable;
  $('range').textContent = shown(state.begin) + ' to ' + shown(state.end) + ' UTC, ' +
      length(state.end - state.begin);
  $('shown').textContent = (state.vm === null ? 'All VMs' : 'VM ' + fullNameOf(series())) + ', ' +
      $('range').textContent;
  const focused = document.activeElement;
  $('whole').disabled = $('out').disabled = !isZoomed();
  $('in').disabled = state.isFinest;
  $('earlier').disabled = state.begin <= BEGIN;
  $('later').disabled = state.end >= END;
  // One that is disabled loses the focus.
  if (focused && focused.disabled) ($('in').disabled ? $('out') : $('in')).focus();
  const points = series().points;
  const longest = Math.max(0, ...inRange(points).map(({i}) => lengthOf(points, i)));
  // Where the clock was set, the record's times are others; and what cannot be read is not typed.
  $('finer').hidden = !isZoomed() || longest === 0 || data.clock_set_seconds !== null ||
      longest * 100 < state.end - state.begin || printable(data.file) !== data.file;
  const shell = (text) => /^[\w.,:@%+\/][\w.,:@%+\/-]*$/.test(text) ? text :
      (text.startsWith('-') ? './' : '') + "'" + text.replaceAll("'", "'\\''") + "'";
  const vm = state.vm !== null ? series().id :
      data.vm !== null && printable(data.vm) === data.vm ? data.vm : null;
  $('finer').replaceChildren(
      'A point is of ' + length(longest) + '.  Where the record is finer, this shows it: ',
      element('code', {}, ['kvm-exits', 'report', shell(data.file), ...vm ? [shell(vm)] : [],
                           '--begin', instant(state.begin - 2), '--end', instant(state.end),
                           '--html', '-o', 'part.html'].join(' ')));
}

function writeLink() {
  const parts = new URLSearchParams();
  if (isZoomed()) {
    parts.set('begin', instant(state.begin));
    parts.set('end', instant(state.end));
  }
  if (state.vm !== null) parts.set('vm', state.vm);
  if (state.reason !== null && state.isReasonChosen) parts.set('reason', state.reason);
  const hash = parts.toString().replaceAll('%3A', ':');
  try {
    history.replaceState(null, '', hash ? '#' + hash : location.pathname + location.search);
  } catch (error) {
    // Where a page may not: its link is that of the whole then.
  }
}

// What it does not have, or what is not there, is as if it were not said.
function readLink() {
  const parts = new URLSearchParams(location.hash.slice(1));
  const time = (name, missing) => {
    const found = Date.parse(parts.get(name));
    return Number.isNaN(found) ? missing : Math.min(Math.max(found, BEGIN), END);
  };
  state.vm = vmOf(parts.get('vm')) ? parts.get('vm') : null;
  state.isReasonChosen = reasons.some((reason) => reason.number === parts.get('reason'));
  state.reason = state.isReasonChosen ? parts.get('reason') : null;
  const [begin, end] = [time('begin', BEGIN), time('end', END)];
  if (begin < end) zoom(begin, end); else zoom(BEGIN, END);
}

function show() {
  showChoices();
  showLegend();
  showRange();
  fillCharts();
  showVms();
  showReasons();
  writeLink();
}

const dark = window.matchMedia('(prefers-color-scheme: dark)');
let theme = 'auto';
function applyTheme(forced) {
  const chosen = forced || (theme === 'auto' ? (dark.matches ? 'dark' : 'light') : theme);
  document.documentElement.dataset.theme = chosen;
  document.documentElement.style.colorScheme = chosen;
  $('theme').textContent = 'Theme: ' + theme;
  paint();
  for (const chart of Object.values(charts)) chart.update();
}

function begin() {
  const host = printable(data.host).trim() || 'a host';
  const name = data.vm === null ? host : printable(data.vm) + ' on ' + host;
  document.title = 'VM exits on ' + name;
  $('title').textContent = document.title;
  const facts = [readable(BEGIN) + ' to ' + readable(END) + ' UTC (' + length(END - BEGIN) + ')',
                 whole(data.vm_count) + (data.vm_count === 1 ? ' VM' : ' VMs'),
                 data.all ? whole(data.all.exits) + ' exits' : 'no exits', data.samples +
                 ' samples', 'source: ' + data.source];
  if (data.isa) facts.splice(1, 0, data.isa);
  if (data.kernel) facts.push('Linux ' + printable(data.kernel));
  $('facts').textContent = facts.join(' · ');
  const warnings = [];
  if (data.limits) warnings.push('What this source does not see: ' + data.limits + '.');
  if (data.problem) warnings.push('The record ends early: ' + data.problem + '.');
  if (data.gaps.length) {
    warnings.push(`No sample was taken in ${data.gaps.length} ` +
                  (data.gaps.length === 1 ? 'gap' : 'gaps') + ', which the charts have striped: ' +
                  length(1000 * sum(data.gaps.map((gap) => gap.seconds))) + ' in all.');
  }
  if (data.clock_set_seconds) {
    warnings.push(`The host's clock was set by ${data.clock_set_seconds.toFixed(0)} s meanwhile, ` +
                  'or it slept: times are counted on from the beginning.');
  }
  if (data.restarted.length) {
    warnings.push('Left out for a while, as their counters went backwards: ' +
                  data.restarted.map(nameOf).join(', ') + '.');
  }
  if (data.ended_exits) {
    warnings.push(`${whole(data.ended_exits)} exits are of VMs that ended, after their last ` +
                  'sample: in the sums, and in no VM.');
  }
  if (data.lost_exits) warnings.push(whole(data.lost_exits) + ' exits were lost.');
  $('warnings').textContent = warnings.join('\n');
  $('warnings').hidden = warnings.length === 0;
  $('made-by').textContent = 'kvm-exits ' + data.program_version + ', of the record ' + data.file;
  if (!data.all) {
    $('charts').replaceChildren(element('p', {}, 'No VM ran in this time.'));
    document.querySelector('nav').hidden = true;
    applyTheme();
    return;
  }
  $('scope').replaceChildren(element('option', {value: ''}, 'all VMs'), ...data.vms.map(
      (vm) => element('option', {value: keyOf(vm)}, fullNameOf(vm))));
  $('scope').addEventListener('change', () => { state.vm = $('scope').value || null; show(); });
  $('reason').addEventListener('change', () => {
    state.reason = $('reason').value;
    state.isReasonChosen = true;
    show();
  });
  $('earlier').addEventListener('click', () => shift(-1));
  $('later').addEventListener('click', () => shift(1));
  $('in').addEventListener('click', () => scale(0.5));
  $('out').addEventListener('click', () => scale(2));
  $('whole').addEventListener('click', () => zoom(BEGIN, END));
  $('link').addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(location.href);
      $('said').textContent = $('link').textContent = 'Copied';
    } catch (error) {
      $('said').textContent = $('link').textContent = 'The address bar has it';
    }
    setTimeout(() => { $('link').textContent = 'Copy link'; }, 2000);
  });
  $('theme').addEventListener('click', () => {
    theme = {auto: 'light', light: 'dark', dark: 'auto'}[theme];
    applyTheme();
  });
  $('states-legend').replaceChildren(...STATES.map(
      ([each, color]) => element('span', {}, swatch(color), each)));
  window.addEventListener('hashchange', readLink);
  dark.addEventListener('change', () => applyTheme());
  window.addEventListener('beforeprint', () => {
    applyTheme('light');
    for (const chart of Object.values(charts)) chart.resize(700, 210);
  });
  window.addEventListener('afterprint', () => {
    for (const chart of Object.values(charts)) chart.resize();
    applyTheme();
  });
  makeCharts();
  readLink();
  applyTheme();
}

begin();
})();
