import { describe, expect, it } from 'vitest';
import { displayWidth, fit, Terminal } from './terminal.ts';

function screen(isTTY = false) {
  const written: string[] = [];
  return { isTTY, columns: 40, write: (text: string) => written.push(text), text: () => written.join('') };
}

describe('Terminal', () => {
  it('speaks to people on standard output, without colour or panel when piped', () => {
    const [stdout, stderr] = [screen(), screen()];
    const terminal = new Terminal({ stdout, stderr, json: false });
    terminal.print(terminal.colors.red('hello'));
    terminal.panel(['unseen']);
    terminal.result({ a: 1 });
    expect([stdout.text(), stderr.text()]).toEqual(['hello\n', '']);
  });

  it('keeps standard output for one line of JSON under --json', () => {
    const [stdout, stderr] = [screen(), screen()];
    const terminal = new Terminal({ stdout, stderr, json: true });
    terminal.print('hello');
    terminal.result({ a: 'two\nlines' });
    expect([stdout.text(), stderr.text()]).toEqual(['{"a":"two\\nlines"}\n', 'hello\n']);
  });

  it('redraws its panel below what is printed', () => {
    const stdout = screen(true);
    const terminal = new Terminal({ stdout, stderr: screen(), json: false, color: false });
    terminal.panel(['one', 'two']);
    terminal.print('news');
    expect(stdout.text()).toBe('one\ntwo\n\u001b[2A\u001b[0Jnews\none\ntwo\n');
  });

  it('cuts panel lines to the width of the terminal, so that redrawing stays in step', () => {
    const stdout = screen(true);
    const terminal = new Terminal({ stdout, stderr: screen(), json: false, color: false });
    terminal.panel(['x'.repeat(100)]);
    expect(displayWidth(stdout.text().trimEnd())).toBe(39);
  });
});

describe('fit', () => {
  it('does not count colour codes', () => {
    expect(fit('\u001b[31mabc\u001b[39m', 3)).toBe('\u001b[31mabc\u001b[39m');
    expect(fit('\u001b[31mabcd\u001b[39m', 3)).toBe('\u001b[31mab\u001b[39m…');
  });
});
