// Finds a browser for the browser tests: `find-browser.mjs [chromium|firefox|webkit]`; for WebKit, its WebDriver. Takes the one that
// DCGAN_BROWSER (DCGAN_FIREFOX, DCGAN_WEBKIT) names, an installed one, or (on Debian, as root) the distribution's package, which it
// installs. Prints the path; without one, prints the reason to stderr and exits with 1.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';

/**
 * @typedef {object} Known What is known of a browser.
 * @property {string} title
 * @property {string} variable The environment variable that names its path.
 * @property {readonly string[]} places
 * @property {readonly string[]} packages Debian's.
 * @property {readonly string[]} [alongside] Other programs that it needs, where there is no display.
 */

/** @type {Readonly<Record<string, Known>>} */
const browsers = {
  chromium: {
    title: 'Chromium or Chrome',
    variable: 'DCGAN_BROWSER',
    places: [
      '/usr/bin/chromium',
      '/usr/bin/chromium-browser',
      '/usr/bin/google-chrome',
      '/opt/google/chrome/chrome',
      '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
      'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
    ],
    packages: ['chromium'],
  },
  firefox: {
    title: 'Firefox',
    variable: 'DCGAN_FIREFOX',
    places: [
      '/usr/bin/firefox-esr',
      '/usr/bin/firefox',
      '/Applications/Firefox.app/Contents/MacOS/firefox',
      'C:\\Program Files\\Mozilla Firefox\\firefox.exe',
    ],
    packages: ['firefox-esr'],
  },
  webkit: {
    title: 'WebKitGTK with its WebDriver',
    variable: 'DCGAN_WEBKIT',
    places: ['/usr/bin/WebKitWebDriver'],
    packages: ['webkit2gtk-driver', 'xvfb'],
    alongside: process.env['DISPLAY'] ? [] : ['/usr/bin/Xvfb'],
  },
};

const name = process.argv[2] ?? 'chromium';
const known = browsers[name];
if (known === undefined) {
  console.error(`got ${name}, expected one of ${Object.keys(browsers).join(', ')}`);
  process.exit(1);
}
const { title, variable, places, packages, alongside = [] } = known;
const find = () =>
  alongside.every((program) => existsSync(program))
    ? [process.env[variable], ...places].find(
        (place) => place !== undefined && place !== '' && existsSync(place),
      )
    : undefined;

let browser = find();
if (browser === undefined && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
  console.error(`installing ${packages.join(' and ')} with apt-get, for the browser tests`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // Two runs of the tests do not install at once: apt-get would fail in the second one.
  const lock = join(tmpdir(), 'dcgan-install-browser.lock');
  const install = `apt-get --quiet update; apt-get --quiet install --yes --no-install-recommends ${packages.join(' ')}`;
  spawnSync('flock', [lock, 'sh', '-c', install], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  browser = find();
}
if (browser === undefined) {
  console.error(`no ${title} was found; install ${packages.join(' and ')}, or name it in ${variable}`);
  process.exit(1);
}
console.log(browser);
