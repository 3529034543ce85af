/** Where the file of a thread or a child process lies. */

/**
 * The built JavaScript of a module beside the one that asks. Node 20 cannot run TypeScript, so from source (tests, which build
 * first) it is the one in dist/.
 * @param importer the asking module's `import.meta.url`
 * @param name relative to it, as built: `./worker.js`
 */
export function builtModule(importer: string, name: string): URL {
  const built = importer.endsWith('.ts') ? importer.replace(/\/src\/(?!.*\/src\/)/, '/dist/') : importer;
  return new URL(name, built);
}
