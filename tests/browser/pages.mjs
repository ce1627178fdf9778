// Every page that can be opened by its address, at every width. In: a stage and browsers. Out: tests; pictures, where
// somebody wants some. Not here: pages that only a story reaches (`stories.mjs`).

import { test as unlimited } from 'node:test';

import { until } from './stage.mjs';

/** A name for its picture, and where the page is. */
const PAGES = {
  queue: '/',
  'queue-2': '/?page=2',
  'queue-urgent': '/?show=urgent',
  'queue-questions': '/?show=questions',
  'queue-complaints': '/?show=complaints',
  search: '/search',
  'search-disgrace': '/search?words=disgrace&category=complaint',
  'digest-today': '/digests/today',
  health: '/health',
  words: '/words',
  'words-file': '/words/file?name=en/complaint.toml',
  'words-list': '/words/file?name=lists/bad-word.toml',
  'words-staff': '/words/file?name=staff',
  'words-edit': '/words/edit?name=en/complaint.toml&entry=worst-service',
  'words-edit-whole': '/words/edit?name=en/complaint.toml',
  'words-history': '/words/history',
  nowhere: '/nowhere',
};

/** Incidents of every kind, by words that stand in them. */
const INCIDENTS = {
  'incident-harm': 'dont bother replying',
  'incident-deleted': 'windows in',
  'incident-patient': '999 127 6408',
  'incident-thread': 'Patel is a liar',
  'incident-endless': 'AAAAAAAA',
  'incident-long': 'pick up the telephone',
  'incident-tiktok': 'get a grip',
};

/** Nothing hangs for ever: the limit is far above what a busy machine takes. */
const test = (name, body) => unlimited(name, { timeout: 240_000 }, body);

export function pages({ browsers }) {
  test('the sign-in page is as it should be', async () => {
    const window = await browsers.window();
    await window.go('/sign-in');
    await window.inspect('sign-in');
    await window.close();
  });

  test('every page is as it should be', async (context) => {
    const window = await browsers.of('ada');
    await window.withoutSandbox();
    for (const [name, path] of Object.entries(PAGES)) {
      await context.test(name, async () => {
        await window.go(path);
        await window.inspect(name);
      });
    }
    await window.close();
  });

  test('every kind of incident is as it should be', async (context) => {
    const window = await browsers.of('pat');
    for (const [name, words] of Object.entries(INCIDENTS)) {
      await context.test(name, async () => {
        await window.go(`/search?words=${encodeURIComponent(`"${words}"`)}`);
        await window.follow(window.page.locator('.ch-row__title a').first());
        await window.page.locator('#decide').waitFor();
        await window.inspect(name);
      });
    }
    await window.close();
  });

  test('a digest that went out is as it should be', async () => {
    const window = await browsers.of('rea');
    await window.withoutSandbox();
    const links = window.page.locator('table a');
    await until('a digest goes out', async () => {
      await window.go('/digests');
      return links.count();
    });
    await window.inspect('digests');
    await window.go(await window.page.locator('a[href^="/reports/"]').first().getAttribute('href'));
    await window.inspect('report');
    await window.go('/digests');
    await window.follow(links.first());
    await window.inspect('digest');
    await window.close();
  });
}
