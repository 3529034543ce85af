/**
 * Where a command speaks. Without `--json`, people read standard output; with it, people read standard error and standard output
 * ends with exactly one line of JSON. A live panel is drawn only on a terminal, below everything that was printed.
 */
import pc from 'picocolors';

export type Colors = ReturnType<typeof pc.createColors>;

/** The part of a stream that is used here. */
export interface Screen {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

export interface TerminalOptions {
  readonly stdout: Screen;
  readonly stderr: Screen;
  readonly json: boolean;
  /** Whether to colour; defaults to what the stream and NO_COLOR / FORCE_COLOR say. */
  readonly color?: boolean;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: this matches our own colour codes
const COLOR_CODE = /\u001b\[[0-9;]*m/g;
const SPLIT_AT_COLOR = new RegExp(`(${COLOR_CODE.source})`);

/** Columns a line of our own text takes. */
export const displayWidth = (line: string): number => [...line.replace(COLOR_CODE, '')].length;

/** Cuts our own (coloured) text to a number of columns. */
export function fit(line: string, columns: number): string {
  if (displayWidth(line) <= columns) return line;
  let room = Math.max(columns - 1, 0);
  let cut = '';
  for (const part of line.split(SPLIT_AT_COLOR)) {
    if (part.startsWith('\u001b[')) cut += part;
    else {
      const characters = [...part].slice(0, room);
      room -= characters.length;
      cut += characters.join('');
    }
  }
  return `${cut}…`;
}

export class Terminal {
  readonly colors: Colors;
  readonly isLive: boolean;
  readonly #people: Screen;
  readonly #stdout: Screen;
  readonly #json: boolean;
  #panel: readonly string[] = [];

  constructor({ stdout, stderr, json, color }: TerminalOptions) {
    this.#stdout = stdout;
    this.#json = json;
    this.#people = json ? stderr : stdout;
    this.isLive = this.#people.isTTY === true && process.env['TERM'] !== 'dumb';
    this.colors = pc.createColors(color ?? (pc.isColorSupported && this.isLive));
  }

  get columns(): number {
    return this.#people.columns ?? 100;
  }

  /** One or more lines for people, above the panel. */
  print(text = ''): void {
    this.#people.write(`${this.#erase()}${text}\n${this.#drawn()}`);
  }

  /** Replaces the panel; drawn only on a terminal. */
  panel(lines: readonly string[]): void {
    if (!this.isLive) return;
    const erase = this.#erase();
    this.#panel = lines.map((line) => fit(line, this.columns - 1));
    this.#people.write(`${erase}${this.#drawn()}`);
  }

  /** Leaves the panel where it is; the next one starts below. */
  keepPanel(): void {
    this.#panel = [];
  }

  /** The command's result: the last line of standard output under `--json`, nothing otherwise. */
  result(value: unknown): void {
    if (this.#json) this.#stdout.write(`${JSON.stringify(value)}\n`);
  }

  #erase(): string {
    return this.#panel.length > 0 ? `\u001b[${this.#panel.length}A\u001b[0J` : '';
  }

  #drawn(): string {
    return this.#panel.map((line) => `${line}\n`).join('');
  }
}
