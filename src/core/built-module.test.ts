import { expect, test } from 'vitest';
import { builtModule } from './built-module.ts';

test('from dist/ it is the file beside; from source the same place in dist/, whatever the folders above are called', () => {
  expect(builtModule('file:///p/dist/verify/pool.js', './worker.js').href).toBe('file:///p/dist/verify/worker.js');
  expect(builtModule('file:///p/src/verify/pool.ts', './worker.js').href).toBe('file:///p/dist/verify/worker.js');
  expect(builtModule('file:///home/src/p/src/engine/a/b.ts', './c.js').href).toBe(
    'file:///home/src/p/dist/engine/a/c.js',
  );
});
