/**
 * Jinja templates with an end. A chat template comes with a checkpoint, so it may be hostile: its length, its steps and what it
 * builds are bounded by counts that are the same on every machine, and a clock ends what escapes them. It sees its variables alone.
 */
import { createContext, Script } from 'node:vm';
import * as jinja from '@huggingface/jinja';

/** The longest templates in use (tools, several modes) have about 20,000 characters. */
const MOST_CHARACTERS = 100_000;
/** The library's lexer takes time proportional to the square of a run of blanks. */
const MOST_BLANKS = 2000;
/** Nodes evaluated, with the elements of the lists they give: about half a second. A long conversation takes a few thousand. */
const MOST_STEPS = 200_000;
/** Characters and elements in one value, all that is nested in it counted as often as it occurs. */
const MOST_WEIGHT = 20_000_000;
/** Only for single operations on large values: counts end everything else long before. */
const MOST_MILLISECONDS = 2000;

/** What we use of the library; its own declarations do not resolve under Node's module rules. */
interface Value {
  readonly type: string;
  readonly value: unknown;
}
interface Environment {
  set(name: string, value: unknown): void;
}
interface Jinja {
  readonly tokenize: (source: string, options: { lstrip_blocks: boolean; trim_blocks: boolean }) => unknown;
  readonly parse: (tokens: unknown) => unknown;
  readonly Environment: new () => Environment;
  readonly Interpreter: new () => { evaluate(statement: unknown, environment: Environment): Value };
}
const { tokenize, parse, Interpreter, Environment: JinjaEnvironment }: Jinja = jinja;

/** `evaluate` is where every part of a template passes, so what it gives back is all that a template can build. */
class BoundedInterpreter extends Interpreter {
  #steps = 0;
  readonly #weights = new WeakMap<object, number>();

  override evaluate(statement: unknown, environment: Environment): Value {
    this.spend(1);
    const result = super.evaluate(statement, environment);
    if (Array.isArray(result.value)) this.spend(result.value.length);
    if (this.#weigh(result) > MOST_WEIGHT) throw new Error('it builds a value that is too large');
    return result;
  }

  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps > MOST_STEPS) throw new Error(`it takes more than ${MOST_STEPS} steps`);
  }

  /** Lists and mappings never change, namespaces do: those are weighed by what is read from them. */
  #weigh({ type, value }: Value): number {
    if (typeof value === 'string') return value.length;
    if (!(Array.isArray(value) || value instanceof Map) || type === 'NamespaceValue') return 1;
    const known = this.#weights.get(value);
    if (known !== undefined) return known;
    let weight = 1;
    for (const element of value.values()) weight += this.#weigh(element);
    this.#weights.set(value, weight);
    return weight;
  }
}

/** Python's `range`, refused before it is built when it is long. */
function range(spend: (steps: number) => void, ...bounds: unknown[]): number[] {
  const [start, stop, step] = bounds.length === 1 ? [0, bounds[0], 1] : [bounds[0], bounds[1], bounds[2] ?? 1];
  if (!Number.isInteger(start) || !Number.isInteger(stop) || !Number.isInteger(step) || step === 0)
    throw new Error('range takes whole numbers and a step that is not 0');
  const [first, end, by] = [start, stop, step] as [number, number, number];
  const length = Math.max(0, Math.ceil((end - first) / by));
  spend(length);
  return Array.from({ length }, (_, i) => first + i * by);
}

function environmentOf(variables: Readonly<Record<string, unknown>>, interpreter: BoundedInterpreter): Environment {
  const environment = new JinjaEnvironment();
  const constants = { true: true, false: false, none: null, True: true, False: false, None: null };
  const functions = {
    range: (...bounds: unknown[]) => range((steps) => interpreter.spend(steps), ...bounds),
    raise_exception: (message: unknown) => {
      throw new Error(String(message));
    },
  };
  for (const [name, value] of Object.entries({ ...constants, ...functions, ...variables }))
    environment.set(name, value);
  return environment;
}

const context = createContext({ work: undefined as (() => unknown) | undefined });
const call = new Script('work()');

/** Ends even code that is in the middle of a loop. */
function withinTime<Result>(work: () => Result): Result {
  context['work'] = work;
  try {
    return call.runInContext(context, { timeout: MOST_MILLISECONDS }) as Result;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
    throw new Error(`it takes more than ${MOST_MILLISECONDS} ms`, { cause: error });
  } finally {
    context['work'] = undefined;
  }
}

/**
 * The template as a function of its variables, with Python's whitespace rules of chat templates (`trim_blocks`, `lstrip_blocks`).
 * @throws Error (here and while rendering) saying what is wrong with the template.
 */
export function compileJinja(source: string): (variables: Readonly<Record<string, unknown>>) => string {
  if (source.length > MOST_CHARACTERS)
    throw new Error(`it has ${source.length} characters, more than the ${MOST_CHARACTERS} that are read`);
  if (new RegExp(`\\s{${MOST_BLANKS}}`).test(source)) throw new Error(`it has ${MOST_BLANKS} blanks in a row`);
  const program = withinTime(() => parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true })));
  return (variables) =>
    withinTime(() => {
      const interpreter = new BoundedInterpreter();
      return String(interpreter.evaluate(program, environmentOf(variables, interpreter)).value);
    });
}
