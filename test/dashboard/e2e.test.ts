/** The dashboard as a person sees it, in a real browser, over runs that a real process trains and over runs written to be difficult. */
import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { RolloutFile } from '../../src/journal/rollout-file.ts';
import { polarity, ROOT, removeFolder, temporaryFolder } from '../e2e/polarity.ts';
import { hasChromium, isRequired, launch, openPage, type WatchedPage, WHY_NOT } from './e2e-browser.ts';
import { HOSTILE, LONG_TOKENS, longText, openRun, writeCorruptRun, writeRun, writeStep } from './e2e-runs.ts';

if (!hasChromium)
  it(`the dashboard in a browser is not tested: ${WHY_NOT}`, (context) => {
    if (isRequired) throw new Error(WHY_NOT);
    // reporters leave the reason out
    process.stderr.write(`the dashboard is not tested in a browser: ${WHY_NOT}\n`);
    context.skip(WHY_NOT);
  });

const STUDY = `
about: Does a study show in the dashboard?
run:
  task: echo
  engine: { fake: { lastTokens: 2, initialLogitStd: 0.1 } }
  sampling: { groupSize: 8, maxTokens: 2 }
  training: { steps: 5, problemsPerStep: 4, learningRate: 0.3 }
  evaluation: { problems: 8, samples: 4, passAt: [4] }
reference: grpo
seeds: [1, 2]
arms:
  grpo: { objective: grpo }
  psr: { objective: psr }
`;

describe.runIf(hasChromium)('the dashboard in a browser', () => {
  let [folder, runs, origin] = ['', '', ''];
  let browser: Browser;
  let server: ReturnType<typeof fork>;
  let watched: WatchedPage;

  beforeAll(async () => {
    folder = temporaryFolder();
    runs = join(folder, 'runs');
    const echo = (name: string, seed: number) =>
      polarity(
        [
          ...['train', join(ROOT, 'examples', 'echo.yaml'), '--set', `name=${name}`, '--set', `seed=${seed}`],
          ...['--set', 'training.steps=6', '--set', 'journal.rolloutsEvery=1', '--set', 'evaluation.every=3'],
        ],
        folder,
      );
    writeFileSync(join(folder, 'study.yaml'), STUDY);
    const [one, two, study] = await Promise.all([
      echo('one', 1),
      echo('two', 2),
      polarity(['study', 'study.yaml', '--name', 'small'], folder),
      writeRun(runs, 'hostile', [HOSTILE]),
      writeCorruptRun(runs, 'corrupt'),
      writeRun(runs, 'long', [[{ completion: longText(), outcome: 'correct' }, { completion: 'x'.repeat(200_000) }]]),
      writeRun(runs, 'marked', [
        [
          { completion: 'so it is 42.', outcome: 'correct', answer: [9, 11], explanation: '42 equals 42' },
          { completion: 'perhaps 41?', answer: [8, 10], explanation: '41 is not 42' },
          { completion: 'no idea', outcome: 'unknown' },
        ],
      ]),
    ]);
    expect(
      [one, two, study].map((ended) => [ended.exitCode, ended.exitCode === 0 ? '' : `${ended.stdout}${ended.stderr}`]),
    ).toEqual([
      [0, ''],
      [0, ''],
      [0, ''],
    ]);
    server = fork(join(ROOT, 'dist', 'cli', 'main.js'), ['ui', runs, '--port', '0'], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    const address = await new Promise<string>((resolve, reject) => {
      server.once('message', (message) => resolve((message as { dashboard: string }).dashboard));
      server.once('exit', (code) => reject(new Error(`polarity ui ended with ${code}`)));
    });
    origin = new URL(address).origin;
    browser = await launch();
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    server?.kill();
    if (folder !== '') removeFolder(folder);
  });

  const open = async (address: string): Promise<WatchedPage> => {
    watched = await openPage(browser, origin, address);
    return watched;
  };
  afterEach(async (context) => {
    if (context.task.result?.state === 'fail')
      await watched.screenshot(`failed-${context.task.name.replace(/\W+/g, '-').slice(0, 40)}`);
    await watched.page.context().close();
    expect(watched.offences).toEqual([]);
  });

  it('a live run appears, its steps and rollouts arrive, and it ends, without a reload', async () => {
    const { page, screenshot } = await open('#/runs');
    await page.getByRole('link', { name: 'one', exact: true }).waitFor();
    const journal = await openRun(runs, 'alive', 4);
    await writeStep(journal, 1, [{ completion: 'first', outcome: 'correct' }, { completion: 'second' }]);
    const row = page.getByRole('row').filter({ hasText: 'alive' });
    await row.getByText('running').waitFor();
    await page.getByRole('link', { name: 'alive', exact: true }).click();
    await page.getByText('1 / 4').waitFor();
    await page.getByRole('link', { name: 'Rollouts', exact: true }).click();
    await page.getByText('2 rollouts').waitFor();
    await writeStep(journal, 2, [{ completion: 'third', outcome: 'correct' }, { completion: 'fourth' }]);
    await page.getByText('2 / 4').waitFor();
    await page.getByText('4 rollouts').waitFor();
    await page.getByText('fourth').waitFor();
    await screenshot('live');
    journal.close();
    await page.getByText('stopped').first().waitFor();
  });

  it('filters find what the files hold, stand in the address, and search shows what it found', async () => {
    const { page, screenshot } = await open('#/run/one/rollouts');
    const file = await RolloutFile.open(join(runs, 'one', 'rollouts', 'step-000002.parquet'));
    const outcomes = await file.columns(['outcome', 'completion']);
    await file.close();
    const incorrect = outcomes.filter(({ outcome }) => outcome === 'incorrect');
    await page.getByText(`${6 * outcomes.length} rollouts`).waitFor();
    await page.getByLabel('Verdict').selectOption('incorrect');
    await page.getByLabel('Step', { exact: true }).fill('2');
    await page.getByText(`${incorrect.length} rollouts`).waitFor();
    expect(page.url()).toContain('step=2&outcome=incorrect');
    await page.reload();
    await page.getByText(`${incorrect.length} rollouts`).waitFor();
    expect(await page.getByLabel('Verdict').inputValue()).toBe('incorrect');
    await page.getByLabel('Sort').selectOption('-tokens');
    await page.keyboard.press('/');
    await page.keyboard.type('dd');
    await page.waitForURL(/text=dd/);
    await page.getByText('Clear filter').waitFor();
    await screenshot('filters');
    await page.getByText('Clear filter').click();
    await page.getByText(`${6 * outcomes.length} rollouts`).waitFor();
    await page.getByLabel('Step', { exact: true }).fill('2-');
    await page.getByTitle('Not a condition yet').waitFor();
    await page.getByLabel('Step', { exact: true }).fill('');
    await page.getByLabel('Search').fill('nothing says this');
    await page.getByText('No rollout is like that').waitFor();
  });

  it('any rollout opens in two clicks, each token with the numbers that the file holds', async () => {
    const { page, screenshot } = await open('#/run/one');
    await page.getByRole('link', { name: 'Rollouts', exact: true }).click();
    await page
      .locator('tbody .rollout-row', { has: page.locator('.cell-tokens', { hasText: '2' }) })
      .first()
      .click();
    const [step, row] = (/at=(\d+)\.(\d+)/.exec(page.url()) ?? []).slice(1).map(Number);
    const file = await RolloutFile.open(join(runs, 'one', 'rollouts', `step-${String(step).padStart(6, '0')}.parquet`));
    const [rollout] = await file.read({ start: row!, end: row! + 1 });
    await file.close();
    const token = page.getByRole('region', { name: 'Token', exact: true });
    const figure = (name: string) =>
      token
        .locator('dl > div')
        .filter({ has: page.getByText(name, { exact: true }) })
        .locator('dd');
    expect(await figure('id').textContent()).toBe(String(rollout!.tokens[0]));
    expect(Number(await figure('probability').textContent())).toBeCloseTo(Math.exp(rollout!.logprobs[0]!), 2);
    await page.keyboard.press('ArrowRight');
    await token.getByText('Token 1').waitFor();
    await screenshot('two-clicks');
  });

  it('the lens colours by five numbers, says what is missing, and marks what the verifier read', async () => {
    const { page, screenshot } = await open('#/run/marked/tokens?at=1.0');
    const first = page.locator('.token').first();
    await first.waitFor();
    const tones: string[] = [];
    for (const key of ['1', '2', '3', '4', '5']) {
      await page.keyboard.press(key);
      await page.locator(`.segments button[aria-pressed="true"] kbd`, { hasText: key }).waitFor();
      tones.push((await first.getAttribute('class')) ?? '');
    }
    expect(tones.map((tone) => / (s\d|[pn]\d|r\d|zero)/.test(tone))).toEqual([true, true, true, true, true]);
    expect(await page.locator('.token .answer').allTextContents()).toEqual(['4', '2']);
    await page.getByText('42 equals 42').waitFor();
    await page.locator('.token', { hasText: 'i' }).first().hover();
    await page.getByText('Token 3', { exact: false }).waitFor();
    await screenshot('lens');

    await page.keyboard.press('n');
    await page.getByText('41 is not 42').waitFor();
    await page.getByText('was not probed after the update').waitFor();
    expect(await page.locator('.token[class*=" p"], .token[class*=" n"], .token.zero').count()).toBe(0);
    await page.keyboard.press('n');
    await page.keyboard.press('3');
    await page.getByText('This rollout was not trained on').waitFor();
  });

  it('a legend entry leaves its tokens alone coloured', async () => {
    const { page } = await open('#/run/marked/tokens?at=1.0&colour=rules');
    await page.getByRole('button', { name: 'positive_low' }).click();
    expect(await page.locator('.token.r0').count()).toBe(3);
    expect(await page.locator('.token.zero').count()).toBe(0);
  });

  it('the group stands side by side, and the problem over all steps', async () => {
    const { page, screenshot } = await open('#/run/one/rollouts?at=3.2');
    await page.getByRole('button', { name: 'Side by side' }).click();
    expect(await page.locator('.sibling').count()).toBe(16);
    await screenshot('group');
    await page.getByRole('link', { name: 'Problem in all steps' }).click();
    await page.getByRole('region', { name: 'This problem over the steps' }).waitFor();
    expect(await page.locator('.problem-marks a[aria-current]').count()).toBe(1);
  });

  it('compares runs: settings that differ, curves and paired evaluations', async () => {
    const { page, screenshot } = await open('#/runs');
    await page.getByLabel('Select one', { exact: true }).check();
    await page.getByLabel('Select two', { exact: true }).check();
    await page.getByRole('button', { name: 'Compare' }).click();
    await page.getByText('echo/test').first().waitFor();
    await page.getByText('seed', { exact: true }).first().waitFor();
    await screenshot('compare');
  });

  it('a damaged journal says what is damaged and shows the rest', async () => {
    const { page, offences, screenshot } = await open('#/run/corrupt/rollouts');
    await page.getByText('4 rollouts').waitFor();
    await page.getByRole('alert').filter({ hasText: 'step-000002.parquet' }).waitFor();
    await page.locator('tbody .rollout-row').first().click();
    await page.getByRole('region', { name: 'Token', exact: true }).waitFor();
    await screenshot('damaged');
    await page.goto(`${origin}/#/run/corrupt/tokens?at=2.0`);
    await page.getByText('is not a readable file of rollouts').waitFor();
    // the browser's own words for the answer that says so
    expect(offences.splice(0)).toEqual([expect.stringContaining('status of 409')]);
    await page.goto(`${origin}/#/run/corrupt/charts`);
    await page.locator('canvas').first().waitFor();
    await page.goto(`${origin}/#/run/corrupt/events`);
    await page.getByRole('region', { name: 'Events' }).waitFor();
    expect(await page.getByRole('alert').count()).toBeLessThanOrEqual(1);
  });

  it('text written to harm is text', async () => {
    const { page, screenshot } = await open('#/run/hostile/rollouts');
    await page.getByText('<script>alert("script")</script>').first().waitFor();
    for (let row = 0; row < HOSTILE.length; row++) {
      await page.goto(`${origin}/#/run/hostile/tokens?at=1.${row}`);
      await page.getByText(`rollout ${row}`).first().waitFor();
      const shown = (await page.locator('.token').allTextContents()).join('');
      expect(shown).not.toMatch(/\p{Cc}|[\u202a-\u202e\u2066-\u2069\u200b\ufeff]/u);
      await screenshot(`hostile-${row}`);
    }
    await page.goto(`${origin}/#/run/hostile/rollouts?at=1.0&view=group&text=<script>`);
    await page.locator('.sibling').nth(3).waitFor();
    expect(await page.locator('main script, main img, main iframe, main svg[onload]').count()).toBe(0);
  });

  it(`${LONG_TOKENS.toLocaleString('en-US')} tokens open and scroll without drawing them all`, async () => {
    const { page, screenshot } = await open('#/run/long/tokens?at=1.0');
    await page.getByText(`of ${LONG_TOKENS.toLocaleString('en-US')}`).waitFor();
    expect(await page.locator('.token').count()).toBeLessThan(8000);
    await page.locator('.token-text').click({ position: { x: 200, y: 30 } });
    await page.keyboard.press('End');
    await page.getByText(`Token ${(LONG_TOKENS - 1).toString()}`).waitFor();
    await page.locator(`[data-token="${LONG_TOKENS - 1}"].at-cursor`).waitFor();
    await screenshot('long');
    await page.goto(`${origin}/#/run/long/tokens?at=1.1`);
    await page.getByText('of 200,001').waitFor();
  });

  it('a study shows the state of its runs and its report, which may run nothing', async () => {
    const { page, screenshot } = await open('#/study/small');
    await page.getByText('4 of 4 runs finished').waitFor();
    const frame = page.frameLocator('iframe:not([hidden])');
    await frame.getByText('Does a study show in the dashboard?').first().waitFor();
    expect(await page.locator('iframe').first().getAttribute('sandbox')).toBe('');
    await screenshot('study');
  });

  it('everything can be reached by keyboard', async () => {
    const { page } = await open('#/runs');
    await page.getByRole('link', { name: 'one', exact: true }).waitFor();
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.goto(`${origin}/#/run/one/rollouts`);
    await page.locator('tbody .rollout-row').first().waitFor();
    // the help has the keys while it is open
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('j');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    expect(page.url()).not.toContain('at=');
    await page.keyboard.press('j');
    await page.waitForURL(/at=1\.0/);
    await page.keyboard.press('j');
    await page.waitForURL(/at=1\.1/);
    await page.keyboard.press('k');
    await page.waitForURL(/at=1\.0/);
    await page.getByRole('region', { name: 'Verdict' }).waitFor();
    await page.keyboard.press('n');
    await page.waitForURL(/at=1\.1/);
    await page.keyboard.press('p');
    await page.keyboard.press('p');
    await page.waitForURL(/at=1\.15/);
    await page.keyboard.press('g');
    await page.locator('.sibling').first().waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('Enter');
    await page.waitForURL(/tokens\?.*at=1\.15/);
    await page.locator('.token').first().waitFor();
    await page.keyboard.press(']');
    await page.waitForURL(/at=2\.15/);
    await page.goBack();
    await page.locator('tbody .rollout-row').first().waitFor();
    await page.keyboard.press('Escape');
    await page.waitForURL((url) => !url.hash.includes('at='));
  });

  it('Tab goes through a long list in one stop', async () => {
    const { page } = await open('#/run/one/rollouts?at=1.0');
    await page.getByRole('region', { name: 'Token', exact: true }).waitFor();
    await page.getByLabel('Sort').focus();
    await page.keyboard.press('Tab');
    await page.locator('tbody .rollout-row a:focus').waitFor();
    await page.keyboard.press('Tab');
    await page.locator('.open-rollout :focus').waitFor();
  });

  it('is light or dark as the system is, or as one chooses', async () => {
    const { page, screenshot } = await open('#/run/marked/tokens?at=1.0');
    const ground = (): Promise<string> => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
    await page.locator('.token').first().waitFor();
    const light = await ground();
    await page.emulateMedia({ colorScheme: 'dark' });
    expect(await ground()).not.toBe(light);
    await screenshot('dark');
    await page.keyboard.press('t');
    expect(await ground()).toBe(light);
    await page.reload();
    await page.locator('.token').first().waitFor();
    expect(await ground()).toBe(light);
  });
});
