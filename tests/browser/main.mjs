// The browser tests: sets the stage, plays every story, looks at every page. Arguments: the program, then perhaps
// `--pictures` and a directory. Ends with failure when anything failed, as node's runner does.

import { after } from 'node:test';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { Browsers } from './browser.mjs';
import { pages } from './pages.mjs';
import { stage } from './stage.mjs';
import { stories } from './stories.mjs';

const { values, positionals } = parseArgs({ options: { pictures: { type: 'string' } }, allowPositionals: true });
const set = await stage(resolve(positionals[0]));
const browsers = await Browsers.start(set.address, values.pictures && resolve(values.pictures));
after(async () => {
  await browsers.close();
  await set.close();
});
// Whoever loses patience leaves nothing running behind.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    void set.close().finally(() => process.exit(1));
  });
}

stories({ ...set, browsers });
pages({ browsers });
