/** One Chromium for a file of tests, and what every page must keep to: its own server, no dialog, no error in the console. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { ROOT } from '../e2e/polarity.ts';

const CHROMIUM = process.env['CHROMIUM_PATH'] ?? '/usr/bin/chromium';
export const hasChromium = existsSync(CHROMIUM);
export const WHY_NOT = `there is no Chromium at ${CHROMIUM}: install it (apt-get install chromium) or name it in CHROMIUM_PATH`;
/** Set by .ci/run: there these tests are no option. */
export const isRequired = process.env['POLARITY_REQUIRE_CHROMIUM'] === '1';

const SCREENSHOTS = join(ROOT, '.cache', 'screenshots');

export const launch = (): Promise<Browser> =>
  chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });

export interface WatchedPage {
  readonly page: Page;
  /** What the page has done that it must not: foreign requests, dialogs, errors. */
  readonly offences: string[];
  /** Kept for who looks at a failed run. */
  screenshot(name: string): Promise<void>;
}

/** @param origin the server's own */
export async function openPage(browser: Browser, origin: string, address: string): Promise<WatchedPage> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, colorScheme: 'light' });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const offences: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).origin !== origin) offences.push(`request to ${request.url()}`);
  });
  page.on('dialog', (dialog) => {
    offences.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  page.on('pageerror', (error) => offences.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') offences.push(`console: ${message.text()}`);
  });
  await page.goto(`${origin}/${address}`);
  return {
    page,
    offences,
    screenshot: async (name) => {
      mkdirSync(SCREENSHOTS, { recursive: true });
      await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
    },
  };
}
