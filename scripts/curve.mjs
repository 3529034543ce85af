/**
 * A picture of a run for the README: reward by step (dots), its running mean (line), held-out pass@1 with its interval (squares).
 *   node scripts/curve.mjs runs/quickstart docs/quickstart.svg
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [run, target] = process.argv.slice(2);
if (!run || !target) {
  console.error('usage: node scripts/curve.mjs <run directory> <file.svg>');
  process.exit(2);
}
const linesOf = (file) =>
  readFileSync(join(run, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
const rewards = linesOf('metrics.jsonl').map((line) => ({ step: line.step, value: line['rollout/reward/mean'] }));
const evaluations = linesOf('evaluations.jsonl');

const [width, height, left, right, top, bottom] = [720, 300, 52, 16, 40, 40];
const lastStep = rewards.at(-1).step;
const x = (step) => (left + (step / lastStep) * (width - left - right)).toFixed(1);
const y = (value) => (height - bottom - value * (height - top - bottom)).toFixed(1);

/** Mean of the five steps around each. */
const smooth = rewards.map(({ step }, i) => {
  const near = rewards.slice(Math.max(0, i - 2), i + 3);
  return `${x(step)},${y(near.reduce((sum, { value }) => sum + value, 0) / near.length)}`;
});
const grid = [0, 0.25, 0.5, 0.75, 1].map(
  (value) =>
    `<line x1="${left}" x2="${width - right}" y1="${y(value)}" y2="${y(value)}" stroke="#8883"/><text x="${left - 8}" y="${y(value)}" text-anchor="end" dy="4">${value}</text>`,
);
const steps = [0, 0.25, 0.5, 0.75, 1].map((share) => {
  const step = Math.round(share * lastStep);
  return `<text x="${x(step)}" y="${height - bottom + 18}" text-anchor="middle">${step}</text>`;
});
const held = evaluations.map((line) => {
  const { step } = line;
  const value = line.metrics['evaluate/pass_at_1'];
  const [low, high] = line.intervals['evaluate/pass_at_1'];
  return `<line x1="${x(step)}" x2="${x(step)}" y1="${y(low)}" y2="${y(high)}" stroke="#d55e00" stroke-width="2"/><rect x="${x(step) - 4}" y="${y(value) - 4}" width="8" height="8" fill="#d55e00"/>`;
});
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="system-ui, sans-serif" font-size="12" fill="#777" role="img" aria-label="Reward by step">
${grid.join('\n')}
${steps.join('\n')}
<text x="${(left + width - right) / 2}" y="${height - 4}" text-anchor="middle">step</text>
${rewards.map(({ step, value }) => `<circle cx="${x(step)}" cy="${y(value)}" r="2" fill="#0072b2" opacity="0.4"/>`).join('\n')}
<polyline points="${smooth.join(' ')}" fill="none" stroke="#0072b2" stroke-width="2"/>
${held.join('\n')}
<text x="${left}" y="18" fill="#0072b2">reward of the training rollouts (mean of 5 steps)</text>
<text x="${left}" y="33" fill="#d55e00">held-out pass@1 with 95 % interval</text>
</svg>
`;
writeFileSync(target, svg);
