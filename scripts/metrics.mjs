/**
 * docs/METRICS.md: every metric and health check with its meaning, from the built glossary (`npm run build` first).
 *   node scripts/metrics.mjs          writes it
 *   node scripts/metrics.mjs --check  exits 1 when it is out of date
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { metricsMarkdown } from '../dist/journal/glossary/markdown.js';

const TARGET = 'docs/METRICS.md';
const text = metricsMarkdown();
if (process.argv.includes('--check')) {
  if (readFileSync(TARGET, 'utf8') === text) process.exit(0);
  console.error(`${TARGET} is out of date: run node scripts/metrics.mjs`);
  process.exit(1);
}
writeFileSync(TARGET, text);
