/**
 * What the browser loads before it asks for a run: the page's own modules and style sheets, and the few libraries they import, read
 * once when the server starts. Every file lies below a folder named for what is in it, so that it may be kept for ever; only
 * index.html, which names that folder, is asked for again.
 *
 * Does not know runs, nor how files are served.
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { assert } from '../core/errors.ts';

export interface StaticFile {
  readonly contentType: string;
  readonly body: Buffer<ArrayBuffer>;
  /** Quoted, as the header wants it. */
  readonly etag: string;
  readonly cacheControl: string;
}

export interface StaticSite {
  /** Path of a URL, e.g. `/`, `/static/1f2e3d4c5b6a/page/main.js` -> what is there. */
  readonly files: ReadonlyMap<string, StaticFile>;
  /** Value of the header Content-Security-Policy for every answer that is shown as a page. */
  readonly contentSecurityPolicy: string;
}

/** What the page imports by name -> package, file inside it. Taken from the file and not from the package's exports: those may point elsewhere under Node. */
const LIBRARIES: Readonly<Record<string, readonly [packageName: string, file: string]>> = {
  preact: ['preact', 'dist/preact.mjs'],
  'preact/hooks': ['preact', 'hooks/dist/hooks.mjs'],
  'preact/jsx-runtime': ['preact', 'jsx-runtime/dist/jsxRuntime.mjs'],
  uplot: ['uplot', 'dist/uPlot.esm.js'],
};
const LIBRARY_STYLES: readonly (readonly [packageName: string, file: string])[] = [['uplot', 'dist/uPlot.min.css']];

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const FOR_EVER = 'public, max-age=31536000, immutable';
const ASK_AGAIN = 'no-cache';

/** Where plain tsc puts the page: beside this very file. */
export const PAGE_FOLDER = fileURLToPath(new URL('./page/', import.meta.url));

/**
 * @param pageFolder the compiled page; what its modules import from above it is `../api.js` alone
 * @throws AssertionError when the page was not built
 */
export async function loadStaticSite(pageFolder: string = PAGE_FOLDER): Promise<StaticSite> {
  const contents = new Map([...(await pageFiles(pageFolder)), ...(await libraryFiles())]);
  const template = contents.get('page/index.html');
  assert(template !== undefined, `the dashboard's page was not built: ${pageFolder} has no index.html`);
  contents.delete('page/index.html');

  const root = `/static/${digest([...contents].flat()).slice(0, 16)}`;
  const importMap = importMapText(root);
  const index = template
    .toString('utf8')
    .replaceAll('{{root}}', root)
    .replace('<!-- importmap -->', () => `<script type="importmap">${importMap}</script>`);
  return {
    files: new Map([
      ['/', staticFile('index.html', Buffer.from(index), ASK_AGAIN)],
      ...[...contents].map(([path, body]) => [`${root}/${path}`, staticFile(path, body, FOR_EVER)] as const),
    ]),
    contentSecurityPolicy: contentSecurityPolicy(importMap),
  };
}

/** Scripts from this server and the one import map alone, no inline ones; nothing from anywhere else. */
function contentSecurityPolicy(importMap: string): string {
  const hash = createHash('sha256').update(importMap).digest('base64');
  return [
    "default-src 'self'",
    `script-src 'self' 'sha256-${hash}'`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
  ].join('; ');
}

/** The text between the tags, as it stands in index.html: the browser hashes it byte by byte. */
function importMapText(root: string): string {
  const imports = Object.entries(LIBRARIES).map(([name, [packageName, file]]) => [
    name,
    `${root}/${libraryPath(packageName, file)}`,
  ]);
  return JSON.stringify({ imports: Object.fromEntries(imports) });
}

/** `page/...` and `api.js` of the build, index.html included; no tests, no type declarations. */
async function pageFiles(pageFolder: string): Promise<Map<string, Buffer<ArrayBuffer>>> {
  const names = await readdir(pageFolder, { recursive: true }).catch(() => []);
  const served = names.filter((name) => extname(name) in CONTENT_TYPES).sort();
  const paths = [...served.map((name) => `page/${name.replaceAll('\\', '/')}`), 'api.js'];
  const bodies = await Promise.all(
    [...served.map((name) => join(pageFolder, name)), join(pageFolder, '..', 'api.js')].map((path) =>
      readFile(path).catch(() => undefined),
    ),
  );
  return new Map(paths.flatMap((path, i) => (bodies[i] ? [[path, bodies[i]] as const] : [])));
}

/** The libraries' files, each with the modules beside it that it may import. */
async function libraryFiles(): Promise<Map<string, Buffer<ArrayBuffer>>> {
  const found = new Map<string, Buffer<ArrayBuffer>>();
  for (const [packageName, file] of [...Object.values(LIBRARIES), ...LIBRARY_STYLES]) {
    const folder = dirname(join(packageFolder(packageName), file));
    const beside = (await readdir(folder)).filter((name) => extname(name) === extname(file));
    for (const name of beside)
      found.set(libraryPath(packageName, join(dirname(file), name)), await readFile(join(folder, name)));
  }
  return found;
}

const libraryPath = (packageName: string, file: string): string =>
  `library/${packageName}/${file.replaceAll('\\', '/')}`;

/** Where a package is installed, as seen from here: beside this one or above it. */
function packageFolder(packageName: string): string {
  const entry = createRequire(import.meta.url).resolve(packageName);
  const marker = join('node_modules', ...packageName.split('/'));
  return entry.slice(0, entry.lastIndexOf(marker) + marker.length);
}

function staticFile(path: string, body: Buffer<ArrayBuffer>, cacheControl: string): StaticFile {
  const contentType = CONTENT_TYPES[extname(path)];
  assert(contentType !== undefined, `no content type for ${path}`);
  return { contentType, body, etag: `"${digest([body]).slice(0, 22)}"`, cacheControl };
}

function digest(parts: readonly (string | Buffer)[]): string {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part).update('\0');
  return hash.digest('hex');
}
