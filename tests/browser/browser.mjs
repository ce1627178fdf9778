// Somebody's browser, and everything that must hold on every page. In: the console's address. Out: pages of Chromium; a
// complaint for whatever is not as it should be. Not here: any story.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { PASSWORD } from './stage.mjs';

const modules = createRequire(process.env.BROWSER_MODULES ? join(process.env.BROWSER_MODULES, 'x') : import.meta.url);
const { chromium } = modules('playwright-core');
const axeSource = readFileSync(modules.resolve('axe-core/axe.min.js'), 'utf8');

/** What axe looks for: WCAG 2.2 AA with all that came before it, and what its makers advise beyond. */
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Widths at which pages are looked at: a desk, a telephone, and the narrowest that WCAG asks for. */
const WIDTHS = [1100, 375, 320];

/** A page of the console that is refused on purpose has one of these; Chromium says so on its console. */
const REFUSALS = [400, 401, 403, 404, 409, 413, 422, 429];

/** Chromium, and the address that everything is to come from. */
export class Browsers {
  static async start(address, pictures) {
    const executablePath = process.env.CHROMIUM;
    // Root may not use Chromium's own sandbox; the pages are ours.
    const chromiumSandbox = process.getuid?.() !== 0;
    const browser = await chromium.launch({ executablePath, chromiumSandbox });
    if (pictures) mkdirSync(pictures, { recursive: true });
    return new Browsers(browser, address, pictures);
  }

  constructor(browser, address, pictures) {
    Object.assign(this, { browser, address, pictures });
  }

  /** A window in which nobody is signed in. */
  async window(options = {}) {
    const context = await this.browser.newContext({ baseURL: this.address, viewport: { width: 1100, height: 900 }, ...options });
    const page = await context.newPage();
    return new Window(this, context, page, options.javaScriptEnabled !== false);
  }

  /** A window in which somebody is. */
  async of(name, options = {}) {
    const window = await this.window(options);
    await window.signIn(name);
    return window;
  }

  async close() {
    await this.browser.close();
  }
}

/** One window with one page in it, watched for what must never happen. */
class Window {
  constructor(browsers, context, page, scripts) {
    Object.assign(this, { browsers, context, page, scripts, complaints: [] });
    page.setDefaultTimeout(20_000);
    page.on('console', (message) => this.#said(message));
    page.on('pageerror', (error) => this.complaints.push(`a script failed: ${error.message}`));
    page.on('request', (request) => this.#asked(request));
    page.on('response', (response) => this.#answered(response));
  }

  #said(message) {
    const refused = /status of (\d+)/.exec(message.text());
    if (refused && REFUSALS.includes(Number(refused[1]))) return;
    if (['error', 'warning'].includes(message.type())) this.complaints.push(`on the console: ${message.text()}`);
  }

  #asked(request) {
    const elsewhere = !request.url().startsWith(`${this.browsers.address}/`) && !request.url().startsWith('data:');
    if (elsewhere) this.complaints.push(`a request to somewhere else: ${request.url()}`);
  }

  #answered(response) {
    const headers = response.headers();
    const policy = headers['content-security-policy'] ?? '';
    const isPage = (headers['content-type'] ?? '').startsWith('text/html');
    if (isPage && !policy.includes("default-src 'none'")) this.complaints.push(`no policy on ${response.url()}`);
    if (response.status() >= 500) this.complaints.push(`${response.status()} from ${response.url()}`);
  }

  /** Digests and reports are shown in a sandbox where no script runs, axe's neither; they are looked at without it. */
  async withoutSandbox() {
    await this.page.route(/\/(digests|reports)\/[^/]+$/, async (route) => {
      const response = await route.fetch();
      const headers = response.headers();
      const policy = headers['content-security-policy'];
      assert.match(policy, /sandbox/);
      await route.fulfill({ response, headers: { ...headers, 'content-security-policy': policy.replace(/sandbox[^;]*;?/, '') } });
    });
  }

  async go(path) {
    await this.page.goto(path);
  }

  async signIn(name, password = PASSWORD) {
    await this.go('/sign-in');
    await this.page.getByLabel('Name', { exact: true }).fill(name);
    await this.page.getByLabel('Password').fill(password);
    await this.press('Sign in');
  }

  /** Presses a button by the mouse and waits for the page that follows. */
  async press(name) {
    await this.follow(this.page.getByRole('button', { name }));
  }

  /** The same with anything that leads to another page. */
  async follow(what) {
    const loaded = this.page.waitForEvent('load');
    await what.click();
    await loaded;
  }

  async heading() {
    return (await this.page.locator('h1').innerText()).trim();
  }

  async says(words) {
    const text = await this.page.locator('main').innerText();
    assert.ok(text.includes(words), `no “${words}” in:\n${short(text)}`);
  }

  async keepsQuietOf(words) {
    const text = await this.page.locator('body').innerText();
    assert.ok(!text.includes(words), `“${words}” is in:\n${short(text)}`);
  }

  /** Loads the page again until it says something. */
  async comesToSay(words, limit = 60_000) {
    const end = Date.now() + limit;
    for (;;) {
      const text = await this.page.locator('main').innerText();
      if (text.includes(words)) return;
      assert.ok(Date.now() < end, `it never came to say “${words}”:\n${short(text)}`);
      await this.page.waitForTimeout(250);
      await this.page.reload();
    }
  }

  /** Everything that must hold on every page. */
  async inspect(name) {
    const { page } = this;
    const wrong = [];
    // A page behind another one draws nothing, and whatever waits for that waits for ever.
    await page.bringToFront();
    await this.#resize(1100);
    wrong.push(...(await this.#axe()));
    wrong.push(...(await keyboard(page)));
    await this.#takePictures(name, wrong);
    const readable = await page.evaluate(() => document.cookie);
    if (readable) wrong.push(`a script can read a cookie: ${readable}`);
    assert.deepEqual(wrong, [], `${name} (${page.url()})`);
  }

  async #resize(width, zoom = 1, height = 900) {
    await this.page.setViewportSize({ width, height });
    const client = await this.#client();
    await client.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: zoom, mobile: false });
  }

  async #client() {
    this.client ??= await this.context.newCDPSession(this.page);
    return this.client;
  }

  /** Evaluates as a debugger does, which the page's own policy does not hold back: it stays in force for the page. */
  async #evaluate(expression) {
    const client = await this.#client();
    const answer = await client.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (answer.exceptionDetails) throw new Error(JSON.stringify(answer.exceptionDetails));
    return answer.result.value;
  }

  async #axe() {
    await this.#evaluate(`${axeSource}; undefined`);
    const options = JSON.stringify({ runOnly: { type: 'tag', values: RULES }, resultTypes: ['violations'], preload: false });
    const found = await this.#evaluate(
      `axe.run(document, ${options}).then((report) => report.violations.map((one) =>
        one.id + ': ' + one.help + '\\n' + one.nodes.map((node) => '    ' + node.html + ' ' + node.failureSummary).join('\\n')))`,
    );
    return found;
  }

  /** At every width, and at twice the size in a window of 1280, nothing is wider than the window. */
  async #takePictures(name, wrong) {
    const { pictures } = this.browsers;
    for (const [width, zoom] of [[640, 2], ...WIDTHS.map((width) => [width, 1])]) {
      await this.#resize(width, zoom, 720);
      const wide = await this.page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement;
        if (scrollWidth <= clientWidth) return [];
        const over = [...document.querySelectorAll('body *')].filter((one) => one.getBoundingClientRect().right > clientWidth + 1);
        return [`${scrollWidth} px in a window of ${clientWidth}`, ...over.slice(0, 5).map((one) => one.outerHTML.slice(0, 120))];
      });
      if (wide.length) wrong.push(`wider than ${width} px at ${zoom}: ${wide.join('\n    ')}`);
      if (pictures && zoom === 1) await this.page.screenshot({ path: join(pictures, `${name}-${width}.png`), fullPage: true });
    }
    await this.#resize(1100);
  }

  /** Ends; whatever happened in it that must never happen is told now. */
  async close() {
    await this.context.close();
    assert.deepEqual(this.complaints, []);
  }
}

const short = (text) => (text.length > 1_500 ? `${text.slice(0, 1_500)} …` : text);

/** What Tab cannot reach, or what looks the same with the focus on it. */
async function keyboard(page) {
  const count = await page.evaluate(() => {
    const shown = (one) => one.checkVisibility({ visibilityProperty: true }) && !one.closest('[inert]');
    const all = [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]')];
    const wanted = all.filter((one) => shown(one) && one.tabIndex >= 0 && !one.disabled);
    const looks = (one) => {
      // Radios and boxes are drawn on their labels.
      const drawn = /^(radio|checkbox)$/.test(one.type) ? [[one], [one.labels[0], '::before']] : [[one]];
      return drawn
        .map(([element, pseudo]) => {
          const style = getComputedStyle(element, pseudo);
          const { outlineStyle, outlineWidth, outlineColor, boxShadow, backgroundColor, borderColor, borderWidth } = style;
          const outline = outlineStyle === 'none' ? '' : outlineStyle + outlineWidth + outlineColor;
          return [outline, boxShadow, backgroundColor, borderColor, borderWidth].join(' ');
        })
        .join('|');
    };
    document.activeElement?.blur();
    window.getSelection()?.removeAllRanges();
    const before = new Map(wanted.map((one) => [one, looks(one)]));
    window.chaperoneTest = { wanted, looks, before, reached: new Set(), dull: [] };
    return wanted.length;
  });
  // Some stops are none of ours: the window itself, a text that scrolls.
  for (let stop = 0; stop < count * 2 + 10; stop += 1) {
    await page.keyboard.press('Tab');
    const over = await page.evaluate(() => {
      const { looks, before, reached, dull } = window.chaperoneTest;
      const one = document.activeElement;
      if (!one || one === document.body) return reached.size > 0;
      if (reached.has(one)) return true;
      reached.add(one);
      if (before.get(one) === looks(one)) dull.push(one.outerHTML.slice(0, 160));
      return false;
    });
    if (over) break;
  }
  return page.evaluate(() => {
    const { wanted, reached, dull } = window.chaperoneTest;
    document.activeElement?.blur();
    // Tab goes to one radio of a group; the arrows go to the others.
    const groups = new Set([...reached].filter((one) => one.type === 'radio').map((one) => one.name));
    const missed = wanted.filter((one) => !reached.has(one) && !(one.type === 'radio' && groups.has(one.name)));
    return [
      ...missed.map((one) => `Tab never comes to ${one.outerHTML.slice(0, 160)}`),
      ...dull.map((one) => `no visible focus on ${one}`),
    ];
  });
}
