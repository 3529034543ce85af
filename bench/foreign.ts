/**
 * How much of the machine other processes used during a measurement: timings taken beside other work say nothing, PyTorch's least of all.
 */
import { existsSync, readFileSync } from 'node:fs';

/** Above this a round does not count. */
export const QUIET_CORES = 0.3;

interface Reading {
  readonly busyMs: number;
  readonly ownMs: number;
  readonly atMs: number;
}

/** Busy time of all cores (user, nice, system, interrupts, stolen) in ms; Linux counts in ticks of 10 ms. */
function read(): Reading {
  const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.trim().split(/\s+/).slice(1).map(Number);
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = fields;
  const { user: ownUser, system: ownSystem } = process.cpuUsage();
  return {
    busyMs: (user + nice + system + irq + softirq + steal) * 10,
    ownMs: (ownUser + ownSystem) / 1000,
    atMs: performance.now(),
  };
}

/** Cores that other processes kept busy while `call` ran; undefined where the system does not tell or the call was too short to. */
export async function withForeignCores<T>(
  call: () => Promise<T>,
): Promise<{ result: T; foreignCores: number | undefined }> {
  const canTell = existsSync('/proc/stat');
  const before = canTell ? read() : undefined;
  const result = await call();
  if (!before) return { result, foreignCores: undefined };
  const after = read();
  const elapsed = after.atMs - before.atMs;
  if (elapsed < 500) return { result, foreignCores: undefined };
  const foreign = after.busyMs - before.busyMs - (after.ownMs - before.ownMs);
  return { result, foreignCores: Math.max(0, foreign / elapsed) };
}
