import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { loadStaticSite, type StaticSite } from './static.ts';

const folder = await mkdtemp(join(tmpdir(), 'polarity-static-'));
afterAll(() => rm(folder, { recursive: true }));

async function siteOf(name: string, files: Readonly<Record<string, string>>): Promise<StaticSite> {
  const page = join(folder, name, 'page');
  for (const [path, text] of Object.entries({ 'index.html': '{{root}}<!-- importmap -->', ...files })) {
    await mkdir(dirname(join(page, path)), { recursive: true });
    await writeFile(join(page, path), text);
  }
  return loadStaticSite(page);
}

const textOf = (site: StaticSite, path: string): string => site.files.get(path)?.body.toString() ?? '';
const rootOf = (site: StaticSite): string => /\/static\/[0-9a-f]{16}/.exec(textOf(site, '/'))?.[0] ?? '';

describe('the static site', () => {
  it('serves what a browser understands, below a folder that changes with it', async () => {
    const one = await siteOf('one', {
      'main.js': '1',
      'deep/view.js': '',
      'look.css': '',
      'notes.md': '',
      'main.d.ts': '',
    });
    const paths = [...one.files.keys()].filter((path) => path.includes('/page/'));
    expect(paths.map((path) => path.slice(rootOf(one).length))).toEqual([
      '/page/deep/view.js',
      '/page/look.css',
      '/page/main.js',
    ]);
    const other = await siteOf('other', { 'main.js': '2', 'deep/view.js': '', 'look.css': '' });
    expect(rootOf(other)).not.toBe(rootOf(one));
  });

  it('lets everything be kept but the one file that says where it is', async () => {
    const site = await siteOf('kept', { 'main.js': '' });
    expect(site.files.get('/')).toMatchObject({ contentType: 'text/html; charset=utf-8', cacheControl: 'no-cache' });
    expect(site.files.get(`${rootOf(site)}/page/main.js`)).toMatchObject({
      contentType: 'text/javascript; charset=utf-8',
      cacheControl: 'public, max-age=31536000, immutable',
    });
  });

  it('allows the import map by its hash and no other inline script', async () => {
    const site = await siteOf('policy', {});
    const importMap = /<script type="importmap">(.*)<\/script>/.exec(textOf(site, '/'))?.[1] ?? '';
    const hash = createHash('sha256').update(importMap).digest('base64');
    expect(site.contentSecurityPolicy).toContain(`script-src 'self' 'sha256-${hash}';`);
    expect(site.contentSecurityPolicy).not.toContain('unsafe');
    for (const path of Object.values((JSON.parse(importMap) as { imports: Record<string, string> }).imports))
      expect(site.files.has(path), path).toBe(true);
  });

  it('says when the page was not built', async () => {
    await expect(loadStaticSite(join(folder, 'nowhere'))).rejects.toThrow('was not built');
  });
});

describe('the built page', () => {
  const built = fileURLToPath(new URL('../../dist/dashboard/page/', import.meta.url));

  it('finds every module and style sheet that it asks for, and asks nobody else', async () => {
    const site = await loadStaticSite(built);
    const index = textOf(site, '/');
    const asked = [...index.matchAll(/(?:src|href)="([^"]+)"/g)].map((match) => match[1] ?? '');
    expect(asked.filter((path) => !site.files.has(path))).toEqual([]);
    const named = (
      JSON.parse(/importmap">(.*)<\/script>/.exec(index)?.[1] ?? '') as { imports: Record<string, string> }
    ).imports;
    expect(unresolved(site, asked.find((path) => path.endsWith('/main.js')) ?? '', named)).toEqual([]);
  });
});

/** Imports, of a module and of all that it imports, that lead to no file. */
function unresolved(site: StaticSite, entry: string, named: Readonly<Record<string, string>>): string[] {
  const [seen, lost] = [new Set<string>(), new Set<string>()];
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    const code = textOf(site, path)
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/^\s*\/\/.*$/gm, '');
    for (const [, , specifier = ''] of code.matchAll(
      /(?:^|;)\s*(?:import|export)\b(?:[^'";]*?\bfrom)?\s*(["'])([^"'\n]+)\1/gm,
    )) {
      const target = named[specifier] ?? posix.join(posix.dirname(path), specifier);
      if (site.files.has(target)) visit(target);
      else lost.add(`${path}: ${specifier}`);
    }
  };
  visit(entry);
  return [...lost];
}
