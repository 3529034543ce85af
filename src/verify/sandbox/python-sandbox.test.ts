/**
 * Programs that try to get out, waste or lie, each bounded: at most 40 processes, 10 seconds and 1 GiB in all. They run only where the
 * isolation was found to be real; elsewhere its absence is the test.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findOnPath, findPython, type Python } from './find-python.ts';
import { frame } from './frames.ts';
import { describeIsolation, isIsolated, requireIsolation, tryIsolation, whyNot } from './isolation.ts';
import { PROGRAM_SOURCE } from './program-source.ts';
import { type IsolationKind, PythonSandbox, SandboxFailure, type SandboxLimits, SOURCE } from './python-sandbox.ts';

const LIMITS: SandboxLimits = {
  cpuSeconds: 1,
  wallSeconds: 9,
  memoryBytes: 256 * 2 ** 20,
  outputBytes: 2 ** 16,
  scratchBytes: 2 ** 20,
  processes: 16,
};

const python: Python | undefined = await findPython('python3').catch(() => undefined);
const bubblewrap = await findOnPath('bwrap');
const KINDS = ['namespaces', 'bubblewrap'] as const;
const attempts = python ? await Promise.all(KINDS.map((kind) => tryIsolation(kind, python))) : [];

const start = (isolation: IsolationKind, limits: Partial<SandboxLimits> = {}) =>
  PythonSandbox.start({
    isolation,
    python: python as Python,
    ...(bubblewrap ? { bubblewrap } : {}),
    limits: { ...LIMITS, ...limits },
    prelude: 'none',
  });

/** Processes on this machine that gave themselves this name. */
function named(name: string): number[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === name ? [Number(pid)] : [];
    } catch {
      return [];
    }
  });
}

async function goneWithin(name: string, ms: number): Promise<boolean> {
  for (const until = Date.now() + ms; Date.now() < until; await sleep(20)) if (named(name).length === 0) return true;
  return false;
}

/** A process that leaves its parent, session and group behind, and names itself so that it can be found. */
const DAEMON = (name: string) => `
import ctypes, os, time
is_up, up = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        ctypes.CDLL(None).prctl(15, b'${name}', 0, 0, 0)
        ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)
        print('up', flush=True)
        for fd in range(3, up + 1):
            try: os.close(fd)
            except OSError: pass
        time.sleep(9)
    os._exit(0)
os.close(up)
os.read(is_up, 1)
`;

describe('the report on isolation', () => {
  it('names what a run file that says nothing would get', async () => {
    const report = await describeIsolation();
    expect(report.isolation).toBe(attempts.find(isIsolated)?.kind ?? 'none');
    for (const attempt of report.attempts) expect(isIsolated(attempt) || whyNot(attempt).length > 0).toBe(true);
  });

  it('says so where there is no Python', async () => {
    expect(await describeIsolation('no-such-python')).toMatchObject({ isolation: 'none', attempts: [] });
    await expect(findPython('no-such-python')).rejects.toThrow(/python: no-such-python does not run .* set python to/);
  });

  it.runIf(python)('refuses, with the reasons and the remedy, what is not real', async () => {
    const nothing = { path: '/no/such/interpreter', version: '3.0', modulePath: [] };
    await expect(requireIsolation('auto', nothing)).rejects.toThrow(
      /isolation: Python programs cannot be isolated on this machine \(namespaces: .*bubblewrap: .*none-i-accept-the-risk/,
    );
  });

  it.runIf(python && attempts.some((attempt) => !isIsolated(attempt)))(
    'refuses each kind that is not real here',
    async () => {
      for (const attempt of attempts.filter((each) => !isIsolated(each))) {
        await expect(requireIsolation(attempt.kind as 'namespaces', python as Python)).rejects.toThrow(attempt.kind);
      }
    },
  );
});

for (const kind of KINDS) {
  const attempt = attempts.find((each) => each.kind === kind);
  const isReal = attempt !== undefined && isIsolated(attempt);
  const reason = isReal ? '' : ` (skipped: ${attempt ? whyNot(attempt) : 'no python3'})`;
  describe.runIf(isReal)(`a Python program isolated by ${kind}${reason}`, () => {
    let sandbox: PythonSandbox;
    let server: Server;
    beforeAll(async () => {
      sandbox = await start(kind);
      server = createServer((socket) => socket.destroy());
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterAll(async () => {
      await sandbox.close();
      server.close();
    });

    const printed = async (source: string, input = '') => {
      const end = await sandbox.run({ source, input });
      return end.stdout || `${end.ending} ${end.code} ${end.stderr}`;
    };

    it('reads stdin, prints, and is called as a function', async () => {
      expect(await printed('print(int(input()) + 1)', '2')).toBe('3\n');
      expect(await printed("print(open('/dev/stdin').read())", 'text')).toBe('text\n');
      const end = await sandbox.run({ source: 'def f(a, b): return (a, [b])', function: 'f', arguments: ['1', '"x"'] });
      expect(end).toMatchObject({ ending: 'exited', code: 0, result: '[1, ["x"]]' });
    });

    it('may start processes and wait for them', async () => {
      const source = `
import multiprocessing
with multiprocessing.Pool(2) as pool: print(pool.map(abs, [-1, 2]))`;
      expect(await printed(source)).toBe('[1, 2]\n');
    });

    it('waits for its threads and runs what it left for the end', async () => {
      const source = `
import atexit, threading, time
atexit.register(lambda: print('last'))
threading.Thread(target=lambda: (time.sleep(0.05), print('thread'))).start()
print('main')`;
      expect(await printed(source)).toBe('main\nthread\nlast\n');
    });

    it('finds none of our files, secrets or processes', async () => {
      process.env['POLARITY_SECRET'] = 'hunter2';
      const source = `
import os
def reads(path):
    try: return open(path).read()
    except OSError as error: return type(error).__name__
print(reads('/etc/passwd'), reads('${import.meta.filename}'), reads('/proc/${process.pid}/environ'))
print('hunter2' in str(os.environ), os.path.exists('${process.cwd()}'), max(int(p) for p in os.listdir('/proc') if p.isdigit()) < 100)`;
      expect(await printed(source)).toBe('FileNotFoundError FileNotFoundError FileNotFoundError\nFalse False True\n');
    });

    it('reaches no network, neither ours nor the world', async () => {
      const { port } = server.address() as { port: number };
      const source = `
import socket
for target in (('127.0.0.1', ${port}), ('192.0.2.1', 80)):
    try: socket.create_connection(target, 1); print('connected')
    except OSError: print('no')`;
      expect(await printed(source)).toBe('no\nno\n');
    });

    it('writes nowhere but in its scratch folder, and there only so much', async () => {
      const source = `
def writes(path, size=1):
    try:
        with open(path, 'wb') as file: file.write(b'x' * size)
        return True
    except OSError: return False
print(writes('here'), writes('/tmp/there'), writes('/x'), writes('/usr/lib/x'), writes('big', 2 << 20))
print(all(writes('many%d' % i, 1 << 19) for i in range(4)), writes('/dev/x'))
print(all(writes('/dev/shm/many%d' % i, 1 << 19) for i in range(4)))`;
      expect(await printed(source)).toBe('True True False False False\nFalse False\nFalse\n');
    });

    it('gains no privileges', async () => {
      const source = `
import ctypes, os
libc = ctypes.CDLL(None)
print(libc.unshare(0x10000000), libc.mount(None, b'/', None, 4128, None))
try: os.setuid(0); print('root')
except OSError: print('no')`;
      expect(await printed(source)).toBe('-1 -1\nno\n');
    });

    it('may kill all it sees and harms nobody', async () => {
      // only where it sees nobody: on the machine itself this would be the end of it
      const source = `
import os
assert len([p for p in os.listdir('/proc') if p.isdigit()]) < 5
for target in (1, os.getppid(), -1):
    if target != 0:
        try: os.kill(target, 9)
        except OSError: pass
print('alive')`;
      expect(await printed(source)).toBe('alive\n');
      expect(await printed("print('next')")).toBe('next\n');
    });

    it.each([
      ['loops', 'while True: pass', { code: 9, stdout: '' }],
      ['prints without end', "while True: print('x' * 100000)", { ending: 'output', stdout: '' }],
      ['writes results without end', "import os\nwhile True: os.write(3, b'x' * 100000)", { ending: 'output' }],
      ['complains without end', "import sys\nwhile True: sys.stderr.write('x' * 100000)", { stdout: '', code: 9 }],
      ['takes all memory', "x = 'x' * (1 << 30)", { ending: 'exited', code: 1 }],
      ['recurses', 'def f(): return f() + 1\nf()', { ending: 'exited', code: 1 }],
      ['exits as it likes', 'import os; os._exit(7)', { ending: 'exited', code: 7 }],
      ['kills itself', 'import os; os.kill(os.getpid(), 11)', { ending: 'signalled', code: 11 }],
      ['is no program', 'def', { ending: 'exited', code: 1 }],
    ])('that %s ends, and the next one runs', async (_name, source, expected) => {
      const end = await sandbox.run({ source });
      expect(end).toMatchObject(expected);
      expect(end.stderr.length).toBeLessThan(5000);
      expect(await printed("print('next')")).toBe('next\n');
    });

    it('that waits ends, and the next one runs', async () => {
      const own = await start(kind, { wallSeconds: 1 });
      try {
        expect(await own.run({ source: 'import time; time.sleep(60)' })).toMatchObject({ ending: 'timeout' });
        expect(await own.run({ source: "print('next')" })).toMatchObject({ stdout: 'next\n' });
      } finally {
        await own.close();
      }
    });

    it('takes any text for a program and its input', async () => {
      const text = fc.string({ unit: 'binary', maxLength: 40 });
      await fc.assert(
        fc.asyncProperty(text, text, async (source, input) => {
          const { ending } = await sandbox.run({ source: `${source}\0\ud800`, input: `${input}\udfff\0` });
          expect(ending).toBe('exited');
        }),
        { numRuns: kind === 'namespaces' ? 50 : 5 },
      );
    });

    it('starts no more processes than allowed, where that limit is real, and none survives it', async () => {
      const source = `
import os, time
count = 0
try:
    while count < 40:
        if os.fork() == 0: time.sleep(9); os._exit(0)
        count += 1
except OSError: pass
print(count)`;
      const count = Number(await printed(source));
      if (attempt?.kept?.processCount) expect(count).toBeLessThanOrEqual(16);
      expect(await printed("import os; print(len([p for p in os.listdir('/proc') if p.isdigit()]) < 4)")).toBe(
        'True\n',
      );
    });

    it('leaves no process behind, however it hides', async () => {
      const name = `pol-${kind.slice(0, 3)}-${process.pid}`;
      expect(await printed(DAEMON(name))).toBe('up\n');
      expect(await goneWithin(name, 5000)).toBe(true);
    });

    it('leaves no file for the next one', async () => {
      expect(await printed("open('left', 'w').close(); import os; print(os.listdir())")).toBe("['left']\n");
      expect(await printed('import os; print(os.listdir(), os.listdir("/tmp"))')).toBe('[] []\n');
    });

    it('ends when our process is killed, and all that it started with it', async () => {
      const name = `orphan-${kind.slice(0, 3)}-${process.pid % 10_000}`;
      const config = {
        isolation: kind,
        bubblewrap,
        limits: { ...LIMITS, wallSeconds: 9 },
        prelude: 'none',
        programSource: PROGRAM_SOURCE,
        modulePath: python?.modulePath,
      };
      const frames = Buffer.concat([frame(config), frame({ source: `${DAEMON(name)}\ntime.sleep(9)` })]);
      // a process like ours, in place of ours
      const code = `const { spawn } = require('node:child_process');
const child = spawn(process.argv[1], ['-s', '-S', '-B', '-c', process.argv[2]], { cwd: '/', env: {}, detached: true });
child.stdin.write(Buffer.from(process.argv[3], 'base64')); setInterval(() => {}, 1000);`;
      const parent = spawn(process.execPath, ['-e', code, python?.path ?? '', SOURCE, frames.toString('base64')]);
      try {
        for (const until = Date.now() + 8000; Date.now() < until && named(name).length === 0; ) await sleep(20);
        expect(named(name)).toHaveLength(1);
      } finally {
        parent.kill('SIGKILL');
      }
      expect(await goneWithin(name, 5000)).toBe(true);
    });

    it('ends when its supervisor is killed, which says nothing about it', async () => {
      const name = `lost-${kind.slice(0, 3)}-${process.pid % 10_000}`;
      const own = await start(kind, { wallSeconds: 9 });
      const running = own.run({ source: `${DAEMON(name)}\ntime.sleep(9)` });
      const failure = expect(running).rejects.toThrow(SandboxFailure);
      for (const until = Date.now() + 8000; Date.now() < until && named(name).length === 0; ) await sleep(20);
      own.kill();
      await failure;
      expect(await goneWithin(name, 5000)).toBe(true);
      await own.close();
    });
  });
}

describe.runIf(python && process.platform === 'linux')('a Python program under limits alone', () => {
  it('is stopped, and its processes and files are cleared away', async () => {
    const sandbox = await start('limits');
    const name = `pol-lim-${process.pid}`;
    try {
      expect(await sandbox.run({ source: 'while True: pass' })).toMatchObject({ code: 9 });
      expect(await sandbox.run({ source: "x = 'x' * (1 << 30)" })).toMatchObject({ ending: 'exited', code: 1 });
      expect(await sandbox.run({ source: DAEMON(name) })).toMatchObject({ stdout: 'up\n' });
      expect(await goneWithin(name, 5000)).toBe(true);
      const { stdout } = await sandbox.run({
        source: "import os; open('left', 'w').close(); print(os.getcwd(), end='')",
      });
      expect(await sandbox.run({ source: 'import os; print(os.listdir())' })).toMatchObject({ stdout: '[]\n' });
      await sandbox.close();
      expect(() => readdirSync(stdout)).toThrow('ENOENT');
    } finally {
      await sandbox.close();
    }
  });

  it('is stopped when it only waits', async () => {
    const sandbox = await start('limits', { wallSeconds: 0.5 });
    try {
      expect(await sandbox.run({ source: 'import time; time.sleep(60)' })).toMatchObject({ ending: 'timeout' });
    } finally {
      await sandbox.close();
    }
  });

  it('is not called isolated', async () => {
    expect(isIsolated(await tryIsolation('limits', python as Python))).toBe(false);
  });
});
