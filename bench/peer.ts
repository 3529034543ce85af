/**
 * PyTorch as a process that answers one JSON request per line (pytorch/baseline.py --serve), so that its measurements alternate with ours.
 */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Answer {
  readonly medianMs: number;
  readonly samplesMs: readonly number[];
  readonly variant: string;
  /** Cores other processes kept busy meanwhile; null: too short to tell. */
  readonly foreignCores: number | null;
}

export interface Peer {
  ask<T>(request: Readonly<Record<string, unknown>>): Promise<T>;
  close(): void;
}

/** `POLARITY_PYTHON` or python3, which must have torch. */
export function startPeer(): Peer {
  const python = process.env['POLARITY_PYTHON'] ?? 'python3';
  const child = spawn(python, ['bench/pytorch/baseline.py', '--serve'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    ask: async <T>(request: Readonly<Record<string, unknown>>) => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const line = await lines.next();
      if (line.done) throw new Error(`${python} ended: does it have torch? Set POLARITY_PYTHON to one that has.`);
      const answer = JSON.parse(line.value) as T & { error?: string };
      if (answer.error) throw new Error(`PyTorch: ${answer.error}`);
      return answer;
    },
    close: () => {
      child.stdin.end();
      child.kill();
    },
  };
}
