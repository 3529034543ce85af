/**
 * JavaScript: what a program finds in QuickJS besides the language itself. All of it is ordinary code inside, on top of two functions of
 * the host, `__write` and `__exit`, and one string, `__input`: the parts of Node that programs on stdin and stdout use.
 */
export const JAVASCRIPT_PRELUDE = `
(() => {
  const write = globalThis.__write, exit = globalThis.__exit, input = globalThis.__input;
  delete globalThis.__write;
  delete globalThis.__exit;
  delete globalThis.__input;
  const lines = input.split('\\n');
  if (lines.at(-1) === '') lines.pop();
  let next = 0;

  const quote = (text) => "'" + text.replace(/[\\\\']/g, '\\\\$&').replace(/\\n/g, '\\\\n') + "'";
  const show = (value, depth) => {
    if (typeof value === 'string') return depth === 0 ? value : quote(value);
    if (typeof value === 'bigint') return value + 'n';
    if (Object.is(value, -0)) return '-0';
    if (typeof value === 'function') return '[Function: ' + value.name + ']';
    if (typeof value !== 'object' || value === null) return String(value);
    if (value instanceof Error) return value.stack ? value + '\\n' + value.stack : String(value);
    if (depth > 2) return Array.isArray(value) ? '[Array]' : '[Object]';
    const inner = (each) => show(each, depth + 1);
    const list = (name, open, parts, close) => name + open + (parts.length ? ' ' + parts.join(', ') + ' ' : '') + close;
    if (Array.isArray(value)) return list('', '[', value.map(inner), ']');
    if (value instanceof Set) return list('Set(' + value.size + ') ', '{', [...value].map(inner), '}');
    if (value instanceof Map) return list('Map(' + value.size + ') ', '{', [...value].map(([k, v]) => inner(k) + ' => ' + inner(v)), '}');
    return list('', '{', Object.entries(value).map(([k, v]) => (/^[\\w$]+$/.test(k) ? k : quote(k)) + ': ' + inner(v)), '}');
  };
  const format = (values) => values.map((value) => show(value, 0)).join(' ') + '\\n';
  const print = (...values) => write(format(values));
  const ignore = () => {};

  const listeners = { data: [], end: [], line: [], close: [] };
  const emit = (name, value) => { for (const listener of listeners[name]) listener(value); };
  const listen = (name, listener) => { listeners[name]?.push(listener); };
  const stdin = {
    fd: 0,
    setEncoding: ignore, resume: ignore, pause: ignore, read: () => null,
    on(name, listener) { listen(name, listener); return this; },
    once(name, listener) { listen(name, listener); return this; },
    async *[Symbol.asyncIterator]() { yield input; },
  };
  const reader = () => ({
    on(name, listener) { listen(name, listener); return this; },
    once(name, listener) { listen(name, listener); return this; },
    question(text, answer) { write(String(text)); answer(lines[next++] ?? ''); },
    close: ignore, setPrompt: ignore, prompt: ignore,
    async *[Symbol.asyncIterator]() { while (next < lines.length) yield lines[next++]; },
  });
  const readFileSync = (path, options) => {
    if (path !== 0 && path !== '/dev/stdin' && path !== stdin) throw new Error('only standard input can be read, not ' + path);
    return input;
  };
  const writeText = (text) => { write(String(text)); return true; };
  const modules = {
    fs: { readFileSync, writeSync: (fd, text) => (fd === 1 ? writeText(text) : true), writeFileSync: (path, text) => {
      if (path === 1 || path === '/dev/stdout') writeText(text);
    } },
    readline: { createInterface: reader },
    os: { EOL: '\\n' },
  };
  const require = (name) => {
    const found = modules[String(name).replace(/^node:/, '')];
    if (found === undefined) throw new Error('no module ' + name + ' here, only ' + Object.keys(modules).join(', '));
    return found;
  };
  const exports = {};
  Object.assign(globalThis, {
    print,
    readline: () => lines[next++],
    console: { log: print, info: print, debug: print, table: print, error: ignore, warn: ignore, assert: ignore, time: ignore, timeEnd: ignore },
    process: { stdin, stdout: { write: writeText }, stderr: { write: () => true }, argv: ['node', 'solution.js'], env: {}, platform: 'linux',
      exit, on: ignore, nextTick: (task, ...rest) => { Promise.resolve().then(() => task(...rest)); },
      hrtime: Object.assign(() => [0, 0], { bigint: () => 0n }), memoryUsage: () => ({ heapUsed: 0 }) },
    require, exports, module: { exports },
    setTimeout: (task, ms, ...rest) => { Promise.resolve().then(() => task(...rest)); return 0; },
    setImmediate: (task, ...rest) => { Promise.resolve().then(() => task(...rest)); return 0; },
    queueMicrotask: (task) => { Promise.resolve().then(task); },
    clearTimeout: ignore,
    performance: { now: () => 0 },
  });
  globalThis.__deliver = () => {
    delete globalThis.__deliver;
    if (listeners.data.length > 0 && input !== '') emit('data', input);
    emit('end');
    if (listeners.line.length > 0) while (next < lines.length) emit('line', lines[next++]);
    emit('close');
  };
})();
`;

/** The call of a function test, once the program has run; what it returns, or a promise of it, goes to `__return` as JSON. */
export function callSource(name: string, argumentTexts: readonly string[]): string {
  return `
(() => {
  const give = globalThis.__return;
  const text = (value) => {
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
    if (typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))) return String(value);
    if (Array.isArray(value) || ArrayBuffer.isView(value)) return '[' + Array.from(value, text).join() + ']';
    if (typeof value === 'object' && !(value instanceof Map || value instanceof Set)) {
      return '{' + Object.entries(value).map(([key, each]) => JSON.stringify(key) + ':' + text(each)).join() + '}';
    }
    throw new TypeError('returned ' + (typeof value === 'object' ? value.constructor.name : String(value)) + ', which is not JSON');
  };
  const owner = typeof Solution === 'function' ? Solution : undefined;
  const target = typeof owner?.prototype?.${name} === 'function' ? (...values) => new owner().${name}(...values)
    : typeof ${name} === 'function' ? ${name} : module.exports.${name};
  if (typeof target !== 'function') throw new ReferenceError('function ${name} is not defined');
  const value = target(${argumentTexts.map((argument) => `JSON.parse(${JSON.stringify(argument)})`).join(', ')});
  if (typeof value?.then !== 'function') return give(text(value));
  value.then((settled) => give(text(settled))).catch((error) => give('', String(error)));
})();
`;
}
