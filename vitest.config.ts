import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    setupFiles: ['test/setup.ts'],
    pool: 'forks',
    // backstops for what hangs: nothing here is a measurement, and machines are shared
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
