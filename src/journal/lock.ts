/**
 * One process writes a run. The lock is a file naming its owner; a lock whose owner is dead is taken over, one that cannot be judged
 * (another machine, unreadable) is left to the person, with the file to delete.
 */
import fs from 'node:fs';
import os from 'node:os';
import { z } from 'zod';
import { writeFailure } from '../core/durable-file.ts';
import { UserError } from '../core/errors.ts';
import { errorCode, readFailure } from './file-errors.ts';

const ownerSchema = z.object({
  pid: z.number().int().positive(),
  host: z.string(),
  /** When the process began, as the system counts; tells a process from a later one with the same id. Empty where unknown. */
  began: z.string(),
});

/** In bytes; a larger file is none of ours. */
const LARGEST_LOCK = 1 << 12;

export type LockOwner = z.infer<typeof ownerSchema>;

/** Ended, though nobody has asked for its exit code yet: in a container whose first process seldom does, for seconds. */
function isZombie(pid: number): boolean {
  try {
    return /^[ZX]/.test(afterName(pid));
  } catch {
    return false;
  }
}

/** Linux's /proc/<pid>/stat from field 3 on, the state; counted after the command's closing parenthesis, which may itself contain spaces. */
function afterName(pid: number): string {
  const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2);
}

/** Boot and start time of a process in clock ticks, from Linux's /proc; empty on other systems or when it is gone. */
function beginningOf(pid: number): string {
  try {
    const boot = fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    // field 22
    return `${boot}/${afterName(pid).split(' ')[19]}`;
  } catch {
    return '';
  }
}

function isAlive(owner: LockOwner): boolean {
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // EPERM: alive, another user's
    if (errorCode(error) === 'ESRCH') return false;
  }
  if (isZombie(owner.pid)) return false;
  const began = beginningOf(owner.pid);
  return owner.began === '' || began === '' || began === owner.began;
}

export class Lock {
  readonly path: string;
  /** The dead owner this lock was taken from, if any. */
  readonly takenFrom: LockOwner | undefined;
  readonly #content: string;

  private constructor(path: string, content: string, takenFrom: LockOwner | undefined) {
    this.path = path;
    this.#content = content;
    this.takenFrom = takenFrom;
  }

  /** @throws UserError naming the owner, when it lives or cannot be judged. */
  static take(path: string): Lock {
    const owner: LockOwner = { pid: process.pid, host: os.hostname(), began: beginningOf(process.pid) };
    const content = `${JSON.stringify(owner)}\n`;
    if (create(path, content)) return new Lock(path, content, undefined);
    const found = read(path);
    const dead = found === undefined ? undefined : judge(path, found);
    if (found !== undefined) setAside(path, found);
    if (!create(path, content)) throw new UserError(`${path} was taken by another process this moment; try again`);
    return new Lock(path, content, dead);
  }

  /** Removes the lock if it is still this one. */
  release(): void {
    if (read(this.path) === this.#content) fs.rmSync(this.path, { force: true });
  }
}

/** Whether the lock's owner lives, without touching it: `undefined` where it cannot be judged (another machine's, unreadable). */
export function isHeld(path: string): boolean | undefined {
  const found = fs.lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  const owner = found.isFile() && found.size < LARGEST_LOCK ? parse(read(path) ?? '') : undefined;
  return owner === undefined || owner.host !== os.hostname() ? undefined : isAlive(owner);
}

/** False when the file exists. A lock that could not be written whole is removed. */
function create(path: string, content: string): boolean {
  let descriptor: number;
  try {
    descriptor = fs.openSync(path, 'wx');
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw writeFailure(path, error);
  }
  try {
    fs.writeSync(descriptor, content);
    return true;
  } catch (error) {
    fs.rmSync(path, { force: true });
    throw writeFailure(path, error);
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Undefined when the file is gone. */
function read(path: string): string | undefined {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw readFailure(path, error);
  }
}

/** The dead owner of a lock. @throws UserError when it is not known to be dead. */
function judge(path: string, content: string): LockOwner {
  const owner = parse(content);
  const remedy = `if no process writes this run, delete ${path}`;
  if (owner === undefined) throw new UserError(`the run is locked and ${path} does not say by whom; ${remedy}`);
  if (owner.host !== os.hostname())
    throw new UserError(`the run is locked by process ${owner.pid} on ${owner.host}, another machine; ${remedy}`);
  if (isAlive(owner))
    throw new UserError(
      `the run is being written by process ${owner.pid}${owner.pid === process.pid ? ' (this one)' : ''}; wait for it or stop it first`,
    );
  return owner;
}

function parse(content: string): LockOwner | undefined {
  try {
    return ownerSchema.parse(JSON.parse(content));
  } catch {
    return undefined;
  }
}

/** Removes a dead lock. Another process may have done so and locked since: then its lock is put back. */
function setAside(path: string, content: string): void {
  const aside = `${path}.${process.pid}.dead`;
  try {
    fs.renameSync(path, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw writeFailure(path, error);
  }
  if (fs.readFileSync(aside, 'utf8') === content) {
    fs.rmSync(aside, { force: true });
    return;
  }
  fs.renameSync(aside, path);
  throw new UserError(`${path} was taken by another process this moment; try again`);
}
