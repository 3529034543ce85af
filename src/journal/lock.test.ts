import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os, { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { UserError } from '../core/errors.ts';
import { isHeld, Lock } from './lock.ts';

let directory = '';
let path = '';

beforeEach(() => {
  directory = fs.mkdtempSync(join(tmpdir(), 'lock-'));
  path = join(directory, 'lock.json');
});

afterEach(() => {
  fs.rmSync(directory, { recursive: true });
});

/** A process id that is certainly free: a child's, after it was waited for. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid as number;
}

const host = os.hostname();

test('a lock is held by one, and free again after release', () => {
  const lock = Lock.take(path);
  expect(() => Lock.take(path)).toThrow(`the run is being written by process ${process.pid} (this one)`);
  lock.release();
  expect(fs.readdirSync(directory)).toEqual([]);
  Lock.take(path).release();
});

test('the lock of a dead process is taken over, and the taker knows from whom', async () => {
  const owner = { pid: await deadPid(), host, began: '' };
  fs.writeFileSync(path, JSON.stringify(owner));
  const lock = Lock.take(path);
  expect(lock.takenFrom).toEqual(owner);
  expect(fs.readdirSync(directory)).toEqual(['lock.json']);
  expect(() => Lock.take(path)).toThrow(UserError);
  lock.release();
});

test('a living process of the same id that began at another time is not the owner', (context) => {
  const lock = Lock.take(path);
  const owner = JSON.parse(fs.readFileSync(path, 'utf8'));
  lock.release();
  if (owner.began === '') return context.skip('this system does not tell when a process began');
  fs.writeFileSync(path, JSON.stringify({ ...owner, began: 'another-boot/17' }));
  Lock.take(path).release();
});

test('a living process is left alone', async () => {
  const child = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 60000)']);
  try {
    fs.writeFileSync(path, JSON.stringify({ pid: child.pid, host, began: '' }));
    expect(() => Lock.take(path)).toThrow(
      `the run is being written by process ${child.pid}; wait for it or stop it first`,
    );
  } finally {
    child.kill();
    await once(child, 'exit');
  }
  Lock.take(path).release();
});

test('a lock that cannot be judged is explained, with the file to delete', () => {
  fs.writeFileSync(path, JSON.stringify({ pid: 1, host: 'elsewhere', began: '' }));
  expect(() => Lock.take(path)).toThrow(
    `the run is locked by process 1 on elsewhere, another machine; if no process writes this run, delete ${path}`,
  );
  for (const odd of ['', '{', 'null', '{"pid":-1,"host":"x","began":""}']) {
    fs.writeFileSync(path, odd);
    expect(() => Lock.take(path)).toThrow(`does not say by whom; if no process writes this run, delete ${path}`);
    expect(fs.readFileSync(path, 'utf8')).toBe(odd);
  }
});

test("release leaves another's lock in place", () => {
  const lock = Lock.take(path);
  fs.writeFileSync(path, 'somebody deleted ours and took it');
  lock.release();
  expect(fs.existsSync(path)).toBe(true);
});

test('a directory that is missing is an error that names the lock', () => {
  expect(() => Lock.take(join(directory, 'none', 'lock.json'))).toThrow(/cannot write .*none\/lock.json \(ENOENT\)/);
});

test('the lock of a process that has ended but was not waited for is taken over', async (context) => {
  if (process.platform !== 'linux') return context.skip('only Linux is asked for a process’s state');
  // the shell becomes a sleep, which never waits for the child it has inherited
  const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60'], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    const [printed] = await once(parent.stdout as NodeJS.ReadableStream, 'data');
    const pid = Number(printed);
    await expect.poll(() => fs.readFileSync(`/proc/${pid}/stat`, 'utf8')).toContain(') Z ');
    fs.writeFileSync(path, JSON.stringify({ pid, host, began: '' }));
    Lock.take(path).release();
  } finally {
    parent.kill('SIGKILL');
  }
});

test('whether a run is being written can be asked without touching its lock', () => {
  expect(isHeld(path)).toBe(false);
  const lock = Lock.take(path);
  expect(isHeld(path)).toBe(true);
  lock.release();
  fs.writeFileSync(path, JSON.stringify({ pid: 2 ** 22 + 1, host, began: '' }));
  expect(isHeld(path)).toBe(false);
  for (const odd of [JSON.stringify({ pid: 1, host: 'elsewhere', began: '' }), 'not JSON', ' '.repeat(1 << 20)]) {
    fs.writeFileSync(path, odd);
    expect(isHeld(path)).toBeUndefined();
    expect(fs.readFileSync(path, 'utf8')).toBe(odd);
  }
  fs.rmSync(path);
  fs.symlinkSync('/dev/zero', path);
  expect(isHeld(path)).toBeUndefined();
});
