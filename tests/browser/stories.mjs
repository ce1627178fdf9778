// Stories of people at the console, in a real browser: by mouse, by keyboard alone, and with scripts switched off. In: a
// stage and browsers. Out: tests of node's own runner; pages that only such a story reaches are inspected on the way. Not
// here: pages that anybody can open by their address (`pages.mjs`).

import assert from 'node:assert/strict';
import { test as unlimited } from 'node:test';

import { PASSWORD, read, until } from './stage.mjs';

/** Opens the incident about a comment with these words. */
async function open(window, words) {
  await window.go(`/search?words=${encodeURIComponent(`"${words}"`)}`);
  await window.follow(window.page.locator('.ch-row__title a').first());
}

async function decide(window, what, why) {
  await window.page.getByLabel(what, { exact: true }).check();
  await window.page.getByLabel('Why', { exact: true }).fill(why);
  await window.press('Decide');
}

/** Presses Tab until the focus is on what was looked for. */
async function tabTo(page, selector) {
  for (let stop = 0; stop < 200; stop += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((one) => document.activeElement?.matches(one), selector)) return;
  }
  assert.fail(`Tab never comes to ${selector}`);
}

const focused = (page, selector) => page.evaluate((one) => document.activeElement.matches(one), selector);

/** Tries a sentence and says what was found. */
async function tried(window, sentence) {
  await window.go('/words');
  await window.page.getByLabel('What somebody might write').fill(sentence);
  await window.press('Try it');
  return window.page.locator('.nhsuk-card').innerText();
}

/** The version of the rules in force. */
async function rulesInForce(window) {
  await window.go('/health');
  return window.page.locator('.nhsuk-summary-list__row', { hasText: 'Rules in force' }).innerText();
}

/** Nothing hangs for ever: the limit is far above what a busy machine takes. */
const test = (name, body) => unlimited(name, { timeout: 240_000 }, body);

export function stories({ browsers, place }) {
  test('a wrong password is told, and the right one leads to where somebody wanted to go', async () => {
    const window = await browsers.window();
    await window.go('/search');
    assert.equal(await window.heading(), 'Sign in');
    await window.page.getByLabel('Name', { exact: true }).fill('pat');
    await window.page.getByLabel('Password').fill('kettle lamp gates');
    await window.press('Sign in');
    await window.says('The name or the password is not right.');
    await window.inspect('sign-in-refused');
    await window.page.getByLabel('Password').fill(PASSWORD);
    await window.press('Sign in');
    assert.equal(await window.heading(), 'Search');
    const cookies = await window.context.cookies();
    assert.ok(cookies.length === 1 && cookies.every((one) => one.httpOnly && one.sameSite === 'Lax'), JSON.stringify(cookies));
    await window.press('Sign out');
    await window.says('You are signed out.');
    await window.inspect('signed-out');
    await window.go('/search');
    assert.equal(await window.heading(), 'Sign in');
    await window.close();
  });

  test('by mouse something is hidden, seen to be hidden, and taken back', async () => {
    const window = await browsers.of('pat');
    await window.follow(window.page.getByRole('link', { name: 'Urgent' }));
    await window.follow(window.page.getByRole('link', { name: 'Safeguarding, appointment request' }));
    await window.press('Decide');
    await window.says('Choose what is to be done.');
    await window.page.getByLabel('Hide it', { exact: true }).check();
    await window.press('Decide');
    await window.says('Write why');
    assert.ok(await window.page.getByLabel('Hide it', { exact: true }).isChecked(), 'what was chosen is not lost');
    await window.inspect('incident-refused');
    await decide(window, 'Hide it', 'it says where she is');
    await window.comesToSay('done: hidden, and read back');
    await window.says('hidden by Pat Lee: it says where she is');
    await window.inspect('incident-decided');
    await window.press('Undo');
    await window.says('It is shown again on Facebook within a minute');
    await window.inspect('taken-back');
    await window.follow(window.page.locator('dt a'));
    await window.comesToSay('done: shown again, and read back');
    await window.close();
  });

  test('two clicks on a button are one decision', async () => {
    const window = await browsers.of('pat');
    await open(window, 'medal for the calls');
    await window.page.getByLabel('Only write a note').check();
    await window.page.getByLabel('Why', { exact: true }).fill('a thank-you');
    await window.page.getByRole('button', { name: 'Decide' }).dblclick();
    await window.page.getByText('noted by Pat Lee').waitFor();
    assert.equal(await window.page.getByText('noted by Pat Lee: a thank-you').count(), 1);
    await window.close();
  });

  test('what was hidden wrongly is shown again', async () => {
    const window = await browsers.of('pat');
    await open(window, 'best organised thing');
    await decide(window, 'Show it, and keep it up', 'it thanks him');
    await window.comesToSay('done: shown again, and read back');
    await window.close();
  });

  test('Tab, arrows and Enter are enough to decide', async () => {
    const window = await browsers.of('pat');
    const { page } = window;
    await tabTo(page, 'a.nhsuk-skip-link, .nhsuk-skip-link');
    await page.keyboard.press('Enter');
    await tabTo(page, '.ch-row__title a');
    await page.keyboard.press('Enter');
    await page.locator('#decide').waitFor();
    await tabTo(page, '#decide [type=radio]');
    await page.keyboard.press('Space');
    assert.ok(await page.locator('#what-uphold').isChecked());
    for (const what of ['restore', 'hide', 'note']) {
      await page.keyboard.press('ArrowDown');
      assert.ok(await page.locator(`#what-${what}`).isChecked(), what);
    }
    await page.keyboard.press('Tab');
    await page.keyboard.type('jkxurhdn: letters in a field are only letters');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('noted by Pat Lee: jkxurhdn: letters in a field are only letters').waitFor();
    await window.close();
  });

  test('the keys of the page choose, and leave the word to whoever decides', async () => {
    const window = await browsers.of('pat');
    const { page } = window;
    await page.keyboard.press('j');
    assert.ok(await focused(page, '.ch-row:nth-child(1) a'));
    await page.keyboard.press('j');
    assert.ok(await focused(page, '.ch-row:nth-child(2) a'));
    await page.keyboard.press('k');
    assert.ok(await focused(page, '.ch-row:nth-child(1) a'));
    await page.keyboard.press('x');
    assert.ok(await page.locator('.ch-row:nth-child(1) [type=checkbox]').isChecked());
    await page.keyboard.press('x');
    assert.ok(!(await page.locator('.ch-row:nth-child(1) [type=checkbox]').isChecked()));
    await page.keyboard.press('Control+x');
    assert.ok(!(await page.locator('.ch-row:nth-child(1) [type=checkbox]').isChecked()), 'a modifier makes it another key');
    await open(window, 'dont bother replying');
    assert.equal(await page.locator('#what-delete').count(), 0, 'a sign of harm is never deleted');
    await open(window, 'what time do you open');
    for (const [key, what] of Object.entries({ u: 'uphold', r: 'restore', h: 'hide', d: 'delete', n: 'note' })) {
      await page.locator('h1').click();
      await page.keyboard.press(key);
      assert.ok(await page.locator(`#what-${what}`).isChecked(), key);
      assert.ok(await focused(page, '#why'), `${key} goes to the reason`);
    }
    await page.locator('h1').click();
    await page.keyboard.press('u');
    await page.keyboard.type('answered');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByText('upheld by Pat Lee: answered').waitFor();
    await window.close();
  });

  test('several are left as they are at once, and taken back at once', async () => {
    const window = await browsers.of('pat');
    await window.go('/?show=questions');
    const { page } = window;
    for (const which of [0, 1]) await page.locator('.ch-row [type=checkbox]').nth(which).check();
    await window.press('Decide about all of them');
    await window.says('Choose what is to be done');
    await window.inspect('bulk-without-a-word');
    await window.go('/?show=questions');
    for (const which of [0, 1]) await page.locator('.ch-row [type=checkbox]').nth(which).check();
    await page.getByLabel('Leave them as they are').check();
    await page.getByLabel('Why').fill('answered below the post');
    const before = await page.locator('.ch-row').count();
    await window.press('Decide about all of them');
    await window.says('You left as it is: 2 incidents');
    await window.inspect('queue-decided');
    await window.press('Undo');
    assert.equal(await window.heading(), 'Taken back');
    await window.go('/?show=questions');
    assert.equal(await page.locator('.ch-row').count(), before);
    await window.close();
  });

  test('of several, those that cannot be decided are told one by one', async () => {
    const window = await browsers.of('pat');
    const row = (words) => window.page.locator('.ch-row', { hasText: words }).locator('[type=checkbox]');
    await row('windows in').check();
    await row('got the tablets').check();
    await window.page.getByLabel('Hide them').check();
    await window.page.getByLabel('Why').fill('not for everybody to read');
    await window.press('Decide about all of them');
    assert.equal(await window.heading(), '1 of 2 were decided');
    await window.says('gone from the platform by');
    await window.inspect('some-decided');
    await window.press('Undo what was decided');
    assert.equal(await window.heading(), 'Taken back');
    await window.close();
  });

  test('somebody takes an incident in hand', async () => {
    const window = await browsers.of('pat');
    await open(window, 'Somebody ought to put');
    await window.press('I have it in hand');
    await window.says('You have it in hand');
    await window.go('/?show=in-hand');
    await window.says('In hand: Pat Lee');
    await window.inspect('queue-in-hand');
    await window.close();
  });

  test('a step about an author is written down, and taken back', async () => {
    const window = await browsers.of('pat');
    const { page } = window;
    await open(window, 'give that man hell');
    await window.follow(page.getByRole('link', { name: 'About its author' }));
    await window.inspect('author');
    await window.press('Write it down');
    await window.says('Nothing was changed');
    await window.inspect('author-refused');
    await page.locator('#forms [type=radio]').first().check();
    await page.locator('#step-why').fill('asked to stop');
    await window.press('Write it down');
    await window.says('asked to stop');
    await window.inspect('author-with-a-step');
    await window.press('Take the last step back');
    await window.says('No step counts.');
    await window.close();
  });

  test('a search finds, and what the rules missed is taken up and in hand', async () => {
    const window = await browsers.of('pat');
    const { page } = window;
    await window.follow(page.getByRole('link', { name: 'Search' }));
    await page.getByLabel('Words in the comment').fill('frost');
    await page.getByLabel('How it stands').selectOption({ label: 'nothing was found in it' });
    await page.getByLabel('Platform').selectOption('Facebook');
    await window.press('Search');
    assert.equal(await page.locator('.ch-row').count(), 1);
    await window.inspect('search-found');
    await window.follow(page.getByRole('button', { name: /Take it up/ }));
    await window.says('A person took it up');
    await window.says('You have it in hand');
    assert.match(await window.heading(), /Taken up by a person/);
    await window.inspect('incident-taken-up');
    await window.go('/search?words=nothing-like-it&category=threat');
    await window.says('Nothing fits');
    await page.getByLabel('Read from').fill('yesterday');
    await window.press('Search');
    await window.says('“yesterday” is no day');
    await window.inspect('search-refused');
    await window.close();
  });

  test('an entry is changed: mistakes are told, its effect shown, the change made, and the way back taken', async () => {
    const window = await browsers.of('ada');
    const { page } = window;
    page.setDefaultTimeout(90_000);
    const file = 'lexicons/en/complaint.toml';
    const before = read(place, file);
    const rules = await rulesInForce(window);
    const sentence = 'there was a sausage roll in your waiting room';
    assert.match(await tried(window, sentence), /Left alone/);
    await window.go('/words/file?name=en/complaint.toml');
    await window.follow(page.getByRole('button', { name: 'Add an entry' }));
    const entry = (misses) => `[[entry]]\nid = "sausage-roll"\nphrases = [\n    "sausage roll",\n]\ncertainty = "low"\n` +
      `hits = [\n    "A sausage roll? Here?",\n    "Hope you all get a sausage roll",\n    "sausage roll, warm",\n]\nmisses = [\n${misses}]\n`;
    await page.getByLabel('The new entry').fill(entry('    "the sausage roll was cold",\n'));
    await page.getByLabel('Why').fill('they ask for sausage rolls');
    await window.press('Check it');
    await window.says('Nothing was changed');
    await window.says('Line 1');
    await window.inspect('edit-refused');
    await page.getByLabel('The new entry').fill(entry('    "a sausage, and a roll of paper",\n    "on a roll",\n    "sausages",\n'));
    await window.press('Check it');
    assert.equal(await window.heading(), 'What the change would have done', await page.locator('main').innerText());
    await window.says('1 comment of');
    await window.says('Somebody left a sausage roll in your waiting room');
    await window.inspect('check');
    assert.equal(read(place, file), before, 'looking changes nothing');
    await window.press('Put it in force');
    await window.says('Complaint is changed.');
    await window.inspect('saved');
    assert.notEqual(read(place, file), before);
    await until('the new entry is in force', async () => (await rulesInForce(window)) !== rules);
    assert.match(await tried(window, sentence), /complaint\/sausage-roll/);
    await window.inspect('words-tried');
    await window.follow(page.getByRole('link', { name: 'complaint/sausage-roll' }));
    await window.go('/words/history');
    await window.follow(page.getByRole('button', { name: /Back to this version/ }).last());
    await window.says('back to the version of');
    assert.equal(read(place, file), before);
    await until('the earlier version is in force', async () => (await rulesInForce(window)) === rules);
    assert.match(await tried(window, sentence), /Left alone/);
    await window.close();
  });

  test('a staff list with a mistake stays as it was', async () => {
    const window = await browsers.of('ada');
    const { page } = window;
    page.setDefaultTimeout(90_000);
    await window.go('/words/edit?name=staff');
    const list = read(place, 'staff.csv');
    await page.getByLabel('The staff list').fill(list.replace('surname', 'surnam'));
    await page.getByLabel('Why').fill('Molly has started');
    await window.press('Check it');
    await window.says('Nothing was changed');
    await window.inspect('staff-refused');
    assert.equal(read(place, 'staff.csv'), list);
    await window.close();
  });

  test('with scripts switched off everything is decided as well', async () => {
    const window = await browsers.window({ javaScriptEnabled: false });
    await window.signIn('pat', 'wrong');
    await window.says('The name or the password is not right.');
    await window.signIn('pat');
    await open(window, 'pick up the telephone');
    await window.press('Decide');
    await window.says('Choose what is to be done.');
    await decide(window, 'Leave it as it is', 'rang her');
    await window.says('You left as it is');
    await window.press('Undo');
    await window.says('It waits for a decision again.');
    await open(window, 'Sandra on reception');
    await decide(window, 'Show it, and keep it up', 'a complaint that may stand');
    await window.comesToSay('done: shown again, and read back');
    await window.press('Undo');
    await window.says('It is hidden again on Facebook within a minute');
    await window.follow(window.page.locator('dt a'));
    await window.comesToSay('done: hidden, and read back');
    await window.go('/');
    for (const which of [0, 1]) await window.page.locator('.ch-row [type=checkbox]').nth(which).check();
    await window.page.getByLabel('Leave them as they are').check();
    await window.page.getByLabel('Why').fill('seen');
    await window.press('Decide about all of them');
    await window.says('You left as it is: 2 incidents');
    await window.press('Undo');
    assert.match(await tried(window, 'this surgery is a disgrace'), /complaint\//);
    await window.press('Sign out');
    await window.says('You are signed out.');
    await window.close();
  });

  test('a reader sees what is masked, and nothing to press', async () => {
    const window = await browsers.of('rea');
    const { page } = window;
    assert.equal(await page.locator('main form, main input').count(), 0);
    await window.keepsQuietOf('999 127 6408');
    await window.follow(page.getByRole('link', { name: /Private person identified$/ }).first());
    await window.says('Private details are masked for your role.');
    await window.keepsQuietOf('999 127 6408');
    await window.keepsQuietOf('Elaine Rudd');
    assert.equal(await page.locator('main form, main input, main textarea').count(), 0);
    await window.inspect('incident-of-a-reader');
    assert.equal(await page.getByRole('link', { name: 'Words' }).count(), 0);
    await window.go('/words');
    assert.equal(await window.heading(), 'Your account may not do this');
    await window.inspect('forbidden');
    await window.close();
  });

  test('a form that was sent after signing out changes nothing, and says so', async () => {
    const window = await browsers.of('pat');
    await open(window, 'side door open');
    // Whoever signed out in another tab holds no token any more.
    await window.context.clearCookies();
    await decide(window, 'Leave it as it is', 'answered');
    assert.equal(await window.heading(), 'You are signed out');
    await window.says('nothing was changed');
    await window.inspect('posted-signed-out');
    await window.close();
  });

  test('what strangers write stays words', async () => {
    const window = await browsers.of('pat');
    await open(window, '<script>');
    await window.says("<script>document.title = 'mine'</script><img src=x onerror=alert(1)>");
    assert.notEqual(await window.page.title(), 'mine');
    await window.inspect('incident-with-markup');
    await window.close();
  });
}
