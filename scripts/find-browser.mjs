// Finds a Chromium for the browser tests: $DCGAN_BROWSER, an installed one, or (on Debian, as root) the distribution's
// package, which it installs. Prints the path; without one, prints the reason to stderr and exits with 1.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import process from 'node:process';

const places = [
  process.env.DCGAN_BROWSER,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/opt/google/chrome/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
const find = () => places.find((place) => place !== undefined && place !== '' && existsSync(place));

let browser = find();
if (browser === undefined && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
  console.error('installing Chromium with apt-get, for the browser tests');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '--yes', '--no-install-recommends', 'chromium']]) {
    spawnSync('apt-get', ['--quiet', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  browser = find();
}
if (browser === undefined) {
  console.error('no Chromium or Chrome was found; install one, or name it in DCGAN_BROWSER');
  process.exit(1);
}
console.log(browser);
