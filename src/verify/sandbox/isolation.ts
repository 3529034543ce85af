/**
 * Which isolation is real on this machine: found out by running a program that tries to get out, never by looking at what is installed.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../core/errors.ts';
import { findOnPath, findPython, type Python } from './find-python.ts';
import { type IsolationKind, PythonSandbox, type SandboxLimits } from './python-sandbox.ts';

/** What a program inside could not do, each tried. */
export interface Kept {
  /** Connect to a port that was listening. */
  readonly network: boolean;
  /** Read a file of ours and the system's list of users. */
  readonly reading: boolean;
  /** Write beside that file. */
  readonly writing: boolean;
  /** Send our process a signal. */
  readonly processes: boolean;
  /** Take more memory than allowed. */
  readonly memory: boolean;
  /** Start more processes than allowed. */
  readonly processCount: boolean;
}

export interface Attempt {
  readonly kind: IsolationKind;
  readonly kept?: Kept;
  /** Why it is not to be had. */
  readonly failure?: string;
}

export interface IsolationReport {
  readonly python?: Python;
  readonly pythonFailure?: string;
  /** What Python programs run in when a run file does not say. */
  readonly isolation: 'namespaces' | 'bubblewrap' | 'none';
  readonly attempts: readonly Attempt[];
}

/** Namespaces first: the same walls as bubblewrap's, the supervisor outside them, a program in 5 ms instead of 50. */
const KINDS = ['namespaces', 'bubblewrap'] as const;

const PROBE_LIMITS: SandboxLimits = {
  cpuSeconds: 5,
  wallSeconds: 15,
  memoryBytes: 256 * 2 ** 20,
  outputBytes: 2 ** 16,
  scratchBytes: 2 ** 20,
  processes: 16,
};

/** Tries each thing that a sandbox forbids and prints what was possible. Starts at most 40 processes, which sleep. */
const PROBE = `
import json, os, socket, time
ours = json.loads(input())
def can(attempt):
    try:
        attempt()
        return True
    except BaseException:
        return False
def connect():
    socket.create_connection(('127.0.0.1', ours['port']), 2).close()
def start_many():
    for _ in range(40):
        if os.fork() == 0:
            time.sleep(10)
            os._exit(0)
print(json.dumps({
    'network': not can(connect),
    'reading': not can(lambda: open(ours['file']).read()) and not can(lambda: open('/etc/passwd').read()),
    'writing': not can(lambda: open(ours['file'] + '.written', 'w').close()),
    'processes': not can(lambda: os.kill(ours['pid'], 0)),
    'memory': not can(lambda: bytearray(512 << 20)),
    'processCount': not can(start_many),
}), flush=True)
`;

const attempts = new Map<string, Promise<Attempt>>();

/** Tried once for each kind and interpreter; a failure may pass, so it is tried again. */
export async function tryIsolation(kind: IsolationKind, python: Python): Promise<Attempt> {
  const key = `${kind} ${python.path}`;
  const trying = attempts.get(key) ?? attempt(kind, python);
  attempts.set(key, trying);
  const tried = await trying;
  if (tried.failure !== undefined) attempts.delete(key);
  return tried;
}

async function attempt(kind: IsolationKind, python: Python): Promise<Attempt> {
  const bubblewrap = kind === 'bubblewrap' ? await findOnPath('bwrap') : undefined;
  if (kind === 'bubblewrap' && bubblewrap === undefined)
    return { kind, failure: 'not installed (no bwrap on the PATH)' };
  const folder = await mkdtemp(join(tmpdir(), 'polarity-probe-'));
  const server = createServer((socket) => socket.destroy());
  try {
    const file = join(folder, 'ours');
    await writeFile(file, 'not for programs');
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const sandbox = await PythonSandbox.start({
      isolation: kind,
      python,
      ...(bubblewrap === undefined ? {} : { bubblewrap }),
      limits: PROBE_LIMITS,
      prelude: 'none',
    });
    try {
      const end = await sandbox.run({ source: PROBE, input: JSON.stringify({ port, file, pid: process.pid }) });
      if (end.stdout === '')
        return { kind, failure: `the probe ended with ${end.ending} ${end.code}: ${end.stderr.slice(-200)}` };
      return { kind, kept: JSON.parse(end.stdout) as Kept };
    } finally {
      await sandbox.close();
    }
  } catch (error) {
    return { kind, failure: error instanceof Error ? error.message : String(error) };
  } finally {
    server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Isolation proper: whatever else holds, nothing of ours can be read, written, reached or signalled. */
export function isIsolated({ kept }: Attempt): boolean {
  return kept?.network === true && kept.reading && kept.writing && kept.processes;
}

/** What is real here, for `polarity doctor`. Never rejects. */
export async function describeIsolation(pythonName = 'python3'): Promise<IsolationReport> {
  let python: Python;
  try {
    python = await findPython(pythonName);
  } catch (error) {
    return { pythonFailure: (error as Error).message, isolation: 'none', attempts: [] };
  }
  const tried = await Promise.all(KINDS.map((kind) => tryIsolation(kind, python)));
  return {
    python,
    isolation: KINDS.find((_, index) => isIsolated(tried[index] as Attempt)) ?? 'none',
    attempts: tried,
  };
}

/** The isolation that a run file asks for, once it is known to be real. @throws UserError where it is not */
export async function requireIsolation(
  wanted: 'auto' | 'namespaces' | 'bubblewrap',
  python: Python,
): Promise<IsolationKind> {
  const tried: Attempt[] = [];
  for (const kind of wanted === 'auto' ? KINDS : [wanted]) {
    const result = await tryIsolation(kind, python);
    if (isIsolated(result)) return kind;
    tried.push(result);
  }
  const reasons = tried.map((each) => `${each.kind}: ${whyNot(each)}`).join('; ');
  throw new UserError(
    `isolation: Python programs cannot be isolated on this machine (${reasons}). Install bubblewrap, allow user namespaces, or, on a machine ` +
      "with nothing to lose, set isolation: 'none-i-accept-the-risk'",
  );
}

/** Why an attempt is no isolation. */
export function whyNot({ kept, failure }: Attempt): string {
  if (kept === undefined) return failure ?? 'unknown';
  const open = Object.entries(kept).filter(([, isKept]) => !isKept);
  return `a program inside got past: ${open.map(([name]) => name).join(', ')}`;
}
