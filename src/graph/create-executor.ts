/**
 * Chooses an executor. Back ends are loaded when asked for, so a machine without one of them can still use the other.
 */
import { EngineError } from '../core/errors.ts';
import type { Executor } from './executor.ts';

export type Backend = 'auto' | 'koffi' | 'node';

export interface ExecutorChoice {
  readonly executor: Executor;
  /** Why 'auto' did not take 'koffi'; absent when it did or was not asked. For whoever runs the program to see. */
  readonly fallbackReason?: string;
}

/**
 * 'auto' is 'koffi' where it loads and proves itself, else 'node' and the reason.
 * @throws EngineError when the back end asked for (for 'auto': each of them) cannot be used.
 */
export async function createExecutor(options: {
  readonly backend: Backend;
  /** Threads inside one operator. */
  readonly threads: number;
}): Promise<ExecutorChoice> {
  const { backend, threads } = options;
  if (backend === 'node') return { executor: await node(threads) };
  try {
    return { executor: await koffi(threads) };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (backend === 'koffi') throw new EngineError(`the 'koffi' executor cannot be used: ${reason}`, { cause });
    return { executor: await node(threads), fallbackReason: reason };
  }
}

async function koffi(threads: number): Promise<Executor> {
  const { createKoffiExecutor } = await import('./executor-koffi.ts');
  return await createKoffiExecutor({ threads });
}

async function node(threads: number): Promise<Executor> {
  const { createNodeExecutor } = await import('./executor-node.ts');
  return await createNodeExecutor({ threads });
}
