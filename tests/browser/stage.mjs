// A practice to look at: the simulated platforms, a daemon that watches them, and three people who may sign in. In: the
// program. Out: the console's address, and a way to end it all. Not here: any browser.

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';

const here = dirname(fileURLToPath(import.meta.url));
const repository = join(here, '../..');

export const PASSWORD = 'kettle lamp gate';
export const PEOPLE = {
  rea: { fullName: 'Rea Moss', role: 'reader' },
  pat: { fullName: 'Pat Lee', role: 'reviewer' },
  ada: { fullName: 'Ada Fox', role: 'admin' },
};

/** Sets everything up; `close` ends it and leaves nothing behind. */
export async function stage(binary) {
  const place = mkdtempSync(join(tmpdir(), 'chaperone-browser-'));
  const running = [];
  const close = async () => {
    for (const child of running.reverse()) {
      if (child.exitCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    rmSync(place, { recursive: true, force: true });
  };
  try {
    const simulator = spawn(binary, ['simulate', '--listen', '127.0.0.1:0', '--scenario', join(here, 'scenario.toml')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.push(simulator);
    const announced = JSON.parse(await firstLine(simulator));
    const port = await freePort();
    const config = layOut(place, announced, port);
    const daemon = spawn(binary, ['--config', config, 'run'], { stdio: ['ignore', 'pipe', 'pipe'] });
    running.push(daemon);
    const journal = [];
    for (const stream of [daemon.stdout, daemon.stderr]) createInterface({ input: stream }).on('line', (line) => journal.push(line));
    const address = `http://127.0.0.1:${port}`;
    await until('the console answers', () => {
      if (daemon.exitCode !== null) throw new Error(`the daemon ended by itself:\n${journal.join('\n')}`);
      return answers(`${address}/healthz`);
    }, () => journal.join('\n'));
    // The daemon has made the store; people are added beside it.
    for (const [name, person] of Object.entries(PEOPLE)) addUser(binary, config, name, person);
    await until('everything is judged', () => allJudged(address), () => journal.join('\n'));
    return { address, place, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function firstLine(child) {
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('the simulator ended without announcing itself');
}

/** A port that was free a moment ago: the console's own address stands in its configuration. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** The practice's files, as its IT person would write them. Lexicons and staff list are copies: the tests change them. */
function layOut(place, announced, port) {
  cpSync(join(repository, 'lexicons'), join(place, 'lexicons'), { recursive: true });
  cpSync(join(repository, 'config/staff.csv'), join(place, 'staff.csv'));
  cpSync(join(repository, 'config/drafts.toml'), join(place, 'drafts.toml'));
  mkdirSync(join(place, 'secrets'), { mode: 0o700 });
  const pages = announced.pages.map((page, number) => onePage(place, page, number)).join('\n');
  const config = join(place, 'chaperone.toml');
  writeFileSync(
    config,
    `[practice]
name = "Alderbrook Surgery"
phones = ["01632 960123"]
emails = ["reception@alderbrooksurgery.example"]
websites = ["alderbrooksurgery.example"]
policy = "bursted-wood-surgery"
staff = "staff.csv"
mode = "enforce"
backlog = "judge"
[policies]
dir = ${JSON.stringify(join(repository, 'config/policies'))}
[lexicons]
dir = "lexicons"
[store]
path = "state/chaperone.db"
[digest]
directory = "out"
times = [${soon().map((time) => `"${time}"`)}]
when_quiet = true
[alerts]
repeat_min = "none"
[console]
listen = "127.0.0.1:${port}"
${pages}
`,
  );
  return config;
}

/** The next minutes of the practice's clock that cannot have passed before the daemon runs: a digest goes out meanwhile. */
function soon() {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London', hour: '2-digit', minute: '2-digit' });
  return [1, 2, 3].map((minutes) => clock.format(Date.now() + minutes * 60_000));
}

function onePage(place, page, number) {
  const secret = (name, value) => {
    writeFileSync(join(place, 'secrets', `${name}-${number}`), value, { mode: 0o600 });
    return `"secrets/${name}-${number}"`;
  };
  const lines = [
    '[[page]]',
    `platform = "${page.platform}"`,
    `id = "${page.page}"`,
    `api_base = "${page.api_base}"`,
    `app_id = "${page.app_id}"`,
    `app_secret_file = ${secret('app', page.app_secret)}`,
    // What is decided is to be seen without a minute's wait.
    'every_s = 2',
  ];
  lines.push(
    page.platform === 'tiktok'
      ? `refresh_token_file = ${secret('refresh', page.refresh_token)}`
      : `token_file = ${secret('token', page.token)}`,
  );
  return lines.join('\n');
}

function addUser(binary, config, name, { fullName, role }) {
  const words = ['--config', config, 'user', 'add', name, '--full-name', fullName, '--role', role, '--by', 'IT'];
  const { status, stderr } = spawnSync(binary, words, { input: `${PASSWORD}\n`, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${name} could not be added: ${stderr}`);
}

/** Whether all comments of the scenario but the practice's own reply have a verdict, and nothing is still to be done. */
async function allJudged(address) {
  const metrics = await (await fetch(`${address}/metrics`)).text();
  const lines = (name) => [...metrics.matchAll(new RegExp(`^${name} (\\d+)$`, 'gm'))];
  const sum = (name) => lines(name).reduce((all, [, one]) => all + Number(one), 0);
  const written = readFileSync(join(here, 'scenario.toml'), 'utf8').match(/^ {2}\{ key = .*author = /gm).length;
  return sum('chaperone_verdicts_total\\{.*\\}') >= written && sum('chaperone_actions\\{.*state="due"\\}') === 0;
}

async function answers(url) {
  try {
    return (await fetch(url)).status < 500;
  } catch {
    return false;
  }
}

/** Asks again and again until something holds; the limit is for when it never does. */
export async function until(what, holds, tell = () => '', limit = 120_000) {
  const end = Date.now() + limit;
  for (;;) {
    const result = await holds();
    if (result) return result;
    if (Date.now() > end) throw new Error(`it never came to this: ${what}\n${tell()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

/** A file of the practice's as it is now. */
export function read(place, name) {
  return readFileSync(join(place, name), 'utf8');
}
