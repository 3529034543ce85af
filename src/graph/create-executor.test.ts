import { afterEach, describe, expect, it, vi } from 'vitest';
import { createExecutor } from './create-executor.ts';
import { bundledLibrary } from './library-path.ts';

describe('createExecutor', () => {
  afterEach(() => {
    vi.doUnmock('koffi');
    vi.resetModules();
  });

  it("takes koffi for 'auto' where it loads, and has nothing to explain", async () => {
    const { executor, fallbackReason } = await createExecutor({ backend: 'auto', threads: 1 });
    expect(executor.backend).toBe('koffi');
    expect(fallbackReason).toBeUndefined();
    executor.close();
  });

  it("takes node for 'auto' where koffi does not load, and says why", async () => {
    breakKoffi();
    const { createExecutor: create } = await import('./create-executor.ts');
    const { executor, fallbackReason } = await create({ backend: 'auto', threads: 1 });
    expect(executor.backend).toBe('node');
    expect(fallbackReason).toContain('koffi has no native module');
    executor.close();
  });

  it("does not take node when 'koffi' was asked for", async () => {
    breakKoffi();
    const { createExecutor: create } = await import('./create-executor.ts');
    await expect(create({ backend: 'koffi', threads: 1 })).rejects.toThrow("the 'koffi' executor cannot be used: ");
  });
});

describe('bundledLibrary', () => {
  it('finds the library of this platform', () => {
    expect(bundledLibrary().version).toBe('1.30.0');
  });

  it('names a platform that has none', () => {
    expect(() => bundledLibrary('aix', 'ppc64')).toThrow('brings no library for aix/ppc64');
  });
});

/** As on a platform for which koffi has no prebuilt binary. */
function breakKoffi(): void {
  vi.resetModules();
  const config = () => {
    throw new Error('koffi has no native module for this platform');
  };
  vi.doMock('koffi', () => ({ default: { config } }));
}
